//! Activations as blocks of 8-bit integers, so that products with quantised weights are exact.
//!
//! The rule of ggml's `quantize_row_q8_0`, but the scale stays in single precision and halves
//! round to even.

use super::BLOCK;

/// Activations `(M, columns)` as integers from -127 to 127 with one scale for 32 of them.
#[derive(Debug, Clone, Default)]
pub struct Quantised {
    columns: usize,
    /// Widened to 16 bits, as the scalar product wants them.
    integers: Vec<i16>,
    scales: Vec<f32>,
}

impl Quantised {
    /// Quantises rows of `columns` activations; `columns` is a multiple of 32.
    pub fn new(activations: &[f32], columns: usize) -> Self {
        debug_assert!(columns.is_multiple_of(BLOCK));
        let mut integers = vec![0; activations.len()];
        let mut scales = vec![0.0; activations.len() / BLOCK];
        let blocks = activations.as_chunks::<BLOCK>().0.iter();
        for ((block, integers), scale) in blocks.zip(integers.as_chunks_mut::<BLOCK>().0).zip(&mut scales) {
            *scale = quantise_block(block, integers);
        }
        Self { columns, integers, scales }
    }

    /// Row `m`: its integers and its scales.
    #[inline]
    pub fn row(&self, m: usize) -> (&[i16], &[f32]) {
        let blocks = self.columns / BLOCK;
        (&self.integers[m * self.columns..][..self.columns], &self.scales[m * blocks..][..blocks])
    }
}

/// What numbers are multiplied with so that the `largest` of them becomes `most`. Zero, and with it all of them, where that is
/// no finite number.
#[inline(always)]
pub fn integers_per_one(most: f32, largest: f32) -> f32 {
    let inverse = most / largest;
    if inverse.is_finite() { inverse } else { 0.0 }
}

#[inline]
fn quantise_block(block: &[f32; BLOCK], integers: &mut [i16; BLOCK]) -> f32 {
    let mut largest = [0.0_f32; 8];
    for chunk in block.as_chunks::<8>().0 {
        for lane in 0..8 {
            let size = chunk[lane].abs();
            largest[lane] = if size > largest[lane] { size } else { largest[lane] };
        }
    }
    let largest = largest.iter().fold(0.0_f32, |a, &b| if b > a { b } else { a });
    let scale = largest / 127.0;
    let inverse = integers_per_one(127.0, largest);
    for (integer, &value) in integers.iter_mut().zip(block) {
        *integer = nearest(value * inverse);
    }
    scale
}

/// The nearest integer, halves to even, of a number between -127 and 127: adding 1.5 * 2^23 leaves no
/// bits for a fraction, and the low bits of the sum are the integer.
#[inline]
fn nearest(value: f32) -> i16 {
    const SHIFT: f32 = 12_582_912.0;
    (value + SHIFT).to_bits() as i16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::noise;

    #[test]
    fn is_off_by_half_a_step_at_most() {
        let values = noise(5, 4 * 96);
        let quantised = Quantised::new(&values, 96);
        for m in 0..4 {
            let (integers, scales) = quantised.row(m);
            for i in 0..96 {
                let back = f32::from(integers[i]) * scales[i / BLOCK];
                assert!((back - values[m * 96 + i]).abs() <= scales[i / BLOCK] * 0.5001);
                assert!(integers[i].abs() <= 127);
            }
        }
    }

    #[test]
    fn rounds_halves_to_even_and_zero_to_zero() {
        for (value, expected) in [(0.5, 0), (1.5, 2), (-0.5, 0), (-2.5, -2), (126.6, 127), (-127.0, -127)] {
            assert_eq!(nearest(value), expected, "{value}");
        }
        let (integers, scales) =
            (Quantised::new(&[0.0; 32], 32).integers, Quantised::new(&[0.0; 32], 32).scales);
        assert_eq!((integers, scales), (vec![0; 32], vec![0.0]));
    }
}
