//! Activations as the packed kernels read them: blocks of 32 integers with one scale.
//!
//! The rule is that of [`quantise`](super::quantise), to the bit.

mod inputs;

pub use inputs::{Form, GROUP, InForm, Inputs, Plain, Signed, Small, Step};

use super::{
    BLOCK,
    quantise::integers_per_one,
    simd::{Products, Simd, signed_start},
};

/// 32 activations as products read them: activation = scale * integer, integers from -127 to 127, four to a `T`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[repr(C, align(16))]
pub struct Activations<T> {
    /// The integers.
    pub steps: [T; BLOCK / 4],
    /// The scale.
    pub scale: f32,
    /// Where sums of their products with [`Simd::Signed`] begin.
    pub signed_start: i32,
    /// Sums of the first sixteen integers and of the last sixteen.
    pub sums: [f32; 2],
}

impl<T> Activations<T> {
    /// The sum of all integers.
    #[inline(always)]
    pub fn sum(&self) -> f32 {
        self.sums[0] + self.sums[1]
    }
}

/// 32 activations that are not yet in the form of any products.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Integers {
    steps: [[i8; 4]; BLOCK / 4],
    scale: f32,
    sums: [i16; 2],
}

impl Integers {
    /// Puts them where `P` reads them.
    #[inline(always)]
    pub fn keep<S: Simd, P: Products<S>>(&self, place: &mut Activations<P::Step>) {
        for (place, &step) in place.steps.iter_mut().zip(&self.steps) {
            *place = P::keep(step);
        }
        (place.scale, place.sums) = (self.scale, self.sums.map(f32::from));
        place.signed_start = signed_start(i32::from(self.sums[0].wrapping_add(self.sums[1])));
    }
}

/// Quantises up to 32 values; what is missing to 32 counts as zero.
#[inline(always)]
pub fn quantise<S: Simd>(values: &[f32]) -> Integers {
    match values.as_chunks::<BLOCK>() {
        ([block], []) => quantise_block::<S>(block),
        (_, rest) => {
            let mut block = [0.0; BLOCK];
            block[..rest.len()].copy_from_slice(rest);
            quantise_block::<S>(&block)
        }
    }
}

#[inline(always)]
fn quantise_block<S: Simd>(values: &[f32; BLOCK]) -> Integers {
    let parts = values.as_chunks::<4>().0;
    let vectors: [S::Floats; BLOCK / 4] = std::array::from_fn(|part| S::floats(&parts[part]));
    let largest = vectors.iter().fold(S::splat(0.0), |largest, &vector| S::max(largest, S::abs(vector)));
    let largest = S::store(S::largest(largest))[0];
    let scale = largest / 127.0;
    let inverse = S::splat(integers_per_one(127.0, largest));
    let integers = vectors.map(|vector| S::nearest(S::mul(vector, inverse)));
    let halves = [0, 4].map(|first| S::narrow(std::array::from_fn(|i| integers[first + i])));
    let sums = [0, 4].map(|first| {
        let [a, b, c, d] = std::array::from_fn(|i| integers[first + i]);
        S::add_ints(S::add_ints(a, b), S::add_ints(c, d))
    });
    // What is no number has no sum either.
    let [a, b, c, d] = S::narrow_pairs(sums).map(|[first, second]| first.wrapping_add(second));
    let sums = [a.wrapping_add(b), c.wrapping_add(d)];
    let steps: [[i8; 4]; BLOCK / 4] = std::array::from_fn(|step| {
        std::array::from_fn(|column| halves[step / 4][step % 4 * 4 + column].cast_signed())
    });
    Integers { steps, scale, sums }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "these are exact")]
mod tests {
    use super::*;
    use crate::kernels::{
        quantise::Quantised,
        simd::Portable,
        testing::{noise, on_x86},
    };

    #[test]
    fn are_those_of_the_reference() {
        let mut values = noise(3, 96);
        values[40] = 0.0;
        values.extend([0.0; 32]);
        // One over these is no finite number.
        values.extend([1e-38; 32]);
        let expected = Quantised::new(&values, 160);
        let got: Vec<_> = values.chunks(BLOCK).map(quantise::<Portable>).collect();
        let (integers, scales) = expected.row(0);
        for (block, got) in got.iter().enumerate() {
            let steps: Vec<i16> = got.steps.as_flattened().iter().copied().map(i16::from).collect();
            assert_eq!(steps, integers[block * BLOCK..][..BLOCK]);
            assert_eq!(got.scale.to_bits(), scales[block].to_bits());
            let mut kept = Activations::default();
            got.keep::<Portable, Portable>(&mut kept);
            let sum: i16 = steps.iter().sum();
            assert_eq!(
                kept.steps
                    .as_flattened()
                    .iter()
                    .map(|&byte| i16::from(byte.cast_signed()))
                    .collect::<Vec<_>>(),
                steps
            );
            assert_eq!((kept.sum(), kept.signed_start), (f32::from(sum), signed_start(i32::from(sum))));
        }
    }

    #[test]
    fn what_is_no_number_is_taken_without_a_panic() {
        for value in [f32::NAN, f32::INFINITY] {
            let mut values = noise(5, BLOCK);
            values[3] = value;
            quantise::<Portable>(&values);
            on_x86!(X86 => quantise::<X86>(&values));
        }
    }

    #[test]
    fn what_is_missing_is_zero() {
        let short = noise(1, 8);
        let mut long = short.clone();
        long.resize(BLOCK, 0.0);
        assert_eq!(quantise::<Portable>(&short), quantise::<Portable>(&long));
    }
}
