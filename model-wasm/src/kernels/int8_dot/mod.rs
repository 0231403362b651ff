//! The scalar product of quantised rows: integers exactly, scales in a fixed order.
//!
//! One algorithm, three shells: plain Rust (the oracle, and what other machines run), SSE2 and
//! WebAssembly's simd128. In a block of 32, products `8 c + 2 l` and `8 c + 2 l + 1` (c, l = 0..4)
//! go to integer sum `l`; the four integer sums, times the product of the two scales, go to four running
//! sums, in order of the blocks; those are added as `(0 + 2) + (1 + 3)`.

use super::BLOCK;

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[path = "simd128.rs"]
mod shell;
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
#[path = "sse2.rs"]
mod shell;
#[cfg(not(any(
    all(target_arch = "wasm32", target_feature = "simd128"),
    all(target_arch = "x86_64", target_feature = "sse2")
)))]
use plain as shell;

/// A quantised row: 32 integers and one scale for each block.
pub type Row<'a> = (&'a [i16], &'a [f32]);

/// The scalar product of `a` and `b`, of the same number of blocks. Integers are at most 128 in
/// size, so that a block's sums are exact in single precision.
#[inline]
pub fn dot(a: Row, b: Row) -> f32 {
    let mut sums = [0.0];
    shell::dots(a, [b], &mut sums);
    sums[0]
}

/// The scalar products of one row with four: as [`dot`] to the bit, but `a` is read once.
#[inline]
pub fn dot_4(a: Row, b: [Row; 4]) -> [f32; 4] {
    let mut sums = [0.0; 4];
    shell::dots(a, b, &mut sums);
    sums
}

#[inline]
fn fold(sums: [f32; 4]) -> f32 {
    (sums[0] + sums[2]) + (sums[1] + sums[3])
}

#[cfg_attr(any(target_arch = "wasm32", target_arch = "x86_64"), allow(dead_code))]
mod plain {
    use super::{BLOCK, Row, fold};

    pub(super) fn dots<const N: usize>(a: Row, b: [Row; N], results: &mut [f32; N]) {
        let a_blocks = a.0.as_chunks::<BLOCK>().0;
        for (result, b) in results.iter_mut().zip(b) {
            let mut sums = [0.0_f32; 4];
            for (block, (x, y)) in a_blocks.iter().zip(b.0.as_chunks::<BLOCK>().0).enumerate() {
                let scale = a.1[block] * b.1[block];
                for (lane, sum) in sums.iter_mut().enumerate() {
                    let product = |i: usize| i32::from(x[i]) * i32::from(y[i]);
                    let pairs =
                        (0..BLOCK).step_by(8).map(|c| product(c + 2 * lane) + product(c + 2 * lane + 1));
                    *sum += pairs.sum::<i32>() as f32 * scale;
                }
            }
            *result = fold(sums);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::{quantise::Quantised, testing::noise};

    #[test]
    fn every_shell_gives_the_plain_result_to_the_bit() {
        for blocks in [0, 1, 2, 3, 8, 24, 33] {
            let rows: Vec<Quantised> =
                (0..5).map(|seed| Quantised::new(&noise(seed, blocks * BLOCK), blocks * BLOCK)).collect();
            let row = |i: usize| rows[i].row(0);
            let mut expected = [0.0; 4];
            plain::dots(row(0), [row(1), row(2), row(3), row(4)], &mut expected);
            let got = dot_4(row(0), [row(1), row(2), row(3), row(4)]);
            assert_eq!(got.map(f32::to_bits), expected.map(f32::to_bits), "{blocks} blocks");
            assert_eq!(dot(row(0), row(3)).to_bits(), expected[2].to_bits(), "{blocks} blocks");
        }
    }

    #[test]
    fn agrees_with_the_naive_sum() {
        let (a, b) = (noise(1, 96), noise(2, 96));
        let (a, b) = (Quantised::new(&a, 96), Quantised::new(&b, 96));
        let value = |(integers, scales): Row, i: usize| f64::from(integers[i]) * f64::from(scales[i / BLOCK]);
        let naive: f64 = (0..96).map(|i| value(a.row(0), i) * value(b.row(0), i)).sum();
        assert!((f64::from(dot(a.row(0), b.row(0))) - naive).abs() < 1e-5);
    }

    #[test]
    fn the_largest_integers_do_not_overflow() {
        let integers = [-128_i16; BLOCK];
        assert_eq!(dot((&integers, &[1.0]), (&integers, &[1.0])).to_bits(), (32.0_f32 * 16384.0).to_bits());
    }
}
