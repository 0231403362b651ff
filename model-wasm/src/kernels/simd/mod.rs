//! What the fast kernels ask of a processor: sixteen bytes at a time, and one exact product.
//!
//! A kernel is written once over [`Simd`] and compiled for each implementation. All of them give the
//! same bits: integer products are exact, and the operations on single precision are those of
//! IEEE 754, one rounding each, never fused.

mod portable;
#[cfg(all(target_arch = "wasm32", feature = "relaxed-simd"))]
mod relaxed;
#[cfg(target_arch = "wasm32")]
mod simd128;
#[cfg(test)]
#[allow(clippy::float_cmp, reason = "these are exact")]
mod tests;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use portable::Portable;
#[cfg(all(target_arch = "wasm32", feature = "relaxed-simd"))]
pub use relaxed::{Host, RelaxedSaturating, RelaxedSigned, RelaxedUnsigned, host};
#[cfg(target_arch = "wasm32")]
pub use simd128::Simd128;
#[cfg(target_arch = "x86_64")]
pub use x86::{Avx512Vnni, AvxVnni, Sse2};

use super::activations::Step;

/// `1.5 * 2^23`: an integer from -2^22 to 2^22 added to its bits makes the float that is so much larger.
const SHIFT: f32 = 12_582_912.0;
/// Its bits, with which sums of products begin: so they are floats in the end without being converted, which on many processors
/// only those units can do that compute the products.
pub const SHIFTED: i32 = SHIFT.to_bits().cast_signed();

/// A processor's vectors of 128 bits and what is done with them.
pub trait Simd: Copy + Send + Sync + 'static {
    /// Sixteen 8-bit integers, signed or not as they are used.
    type Bytes: Copy;
    /// Four 32-bit integers.
    type Ints: Copy;
    /// Four numbers in single precision.
    type Floats: Copy;
    /// Products with weights from 0 to 63.
    type Small: Products<Self>;
    /// Products with weights from -128 to 127, each a byte with 128 added.
    type Signed: Products<Self>;

    /// Runs `kernel` where this processor's instructions may be used. Each kernel is a function of its own: a browser
    /// takes long to put better code in the place of a large one.
    fn run<K: Kernel<Self>>(kernel: K) -> K::Output;

    /// Sixteen bytes as they lie.
    fn load(bytes: &[u8; 16]) -> Self::Bytes;
    /// Sixteen bytes to where they shall lie.
    fn store_bytes(bytes: Self::Bytes, place: &mut [u8; 16]);
    /// Each byte shifted by `right` bits, to the left if that is negative, and then `mask`, which must leave out
    /// what a shift of the whole vector would bring from a byte's neighbours.
    fn pick(bytes: Self::Bytes, right: i32, mask: u8) -> Self::Bytes;
    /// `a | b`
    fn or(a: Self::Bytes, b: Self::Bytes) -> Self::Bytes;
    /// The bytes of `table` at `places`, each below sixteen.
    fn look_up(table: &[u8; 16], places: Self::Bytes) -> Self::Bytes;

    /// Pairs of 16-bit integers, four to a vector, as they lie.
    fn load_pairs<const N: usize>(pairs: &[[i16; 2]]) -> [Self::Bytes; N];
    /// Pairs of 8-bit integers, widened to sixteen bits.
    fn widen_pairs<const N: usize>(pairs: &[[i8; 2]]) -> [Self::Bytes; N];
    /// One pair of 16-bit integers, four times.
    fn splat_pair(pair: &[i16; 2]) -> Self::Bytes;
    /// `sums[i] + a[i][0] * b[i][0] + a[i][1] * b[i][1]`, wrapping.
    fn add_pairs(sums: Self::Ints, a: Self::Bytes, b: Self::Bytes) -> Self::Ints;
    /// Eight integers from -32768 to 32767 as pairs.
    fn narrow_pairs(ints: [Self::Ints; 2]) -> [[i16; 2]; 4];
    /// The nearest integer to each number from -2^22 to 2^22, the even one of two.
    #[inline(always)]
    fn nearest(a: Self::Floats) -> Self::Ints {
        // Adding it leaves no bits for a fraction: the low bits of the sum are the integer.
        let unshift = Self::splat(f32::from_bits(SHIFTED.wrapping_neg().cast_unsigned()));
        Self::add_ints(Self::to_bits(Self::add(a, Self::splat(SHIFT))), Self::to_bits(unshift))
    }
    /// The nearest float to each integer.
    fn to_floats(a: Self::Ints) -> Self::Floats;

    /// Four floats as they lie.
    fn floats(values: &[f32; 4]) -> Self::Floats;
    /// Four finite halves, widened: times what belongs to their [`unit`](super::f16::unit).
    fn widen_halves(halves: &[u16; 4], unit: Self::Floats) -> Self::Floats;
    /// Four signed bytes as floats.
    fn widen_bytes(bytes: &[i8; 4]) -> Self::Floats;
    /// Four numbers of bfloat16, widened.
    fn widen_bfloats(halves: &[u16; 4]) -> Self::Floats;
    /// The same float four times.
    fn splat(value: f32) -> Self::Floats;
    /// `a + b`
    fn add(a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// `a - b`
    fn sub(a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// `a * b`
    fn mul(a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// `a / b`
    fn div(a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// The smaller of each pair of ordinary numbers.
    fn min(a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// The larger of each pair of ordinary numbers.
    fn max(a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// The largest of four ordinary numbers, four times.
    fn largest(a: Self::Floats) -> Self::Floats;
    /// Each without its sign.
    fn abs(a: Self::Floats) -> Self::Floats;
    /// The bits of each as an integer.
    fn to_bits(a: Self::Floats) -> Self::Ints;
    /// Each integer as the bits of a float.
    fn from_bits(a: Self::Ints) -> Self::Floats;
    /// `a + b`, wrapping.
    fn add_ints(a: Self::Ints, b: Self::Ints) -> Self::Ints;
    /// `a << 23`: integers to where a float has its exponent.
    fn to_exponent(a: Self::Ints) -> Self::Ints;
    /// The low bytes of sixteen integers from -128 to 127.
    fn narrow(ints: [Self::Ints; 4]) -> [u8; 16];
    /// The four floats.
    fn store(a: Self::Floats) -> [f32; 4];
}

/// The exact products of a step: `sums[i] + sum(weights[4 i + j] * activations[j], j < 4)` of four rows `i`.
///
/// What is made of the weights alone, or of the activations alone, has a type of its own, so that it is made once for all
/// that it is multiplied with.
pub trait Products<S: Simd>: Copy {
    /// Rows of activations, one or two, and tiles of four rows of weights, all or half of a panel's, whose sums are in registers
    /// at a time where there are several rows of activations. Only [`Simd::Signed`] may want one.
    const AT_ONCE: [usize; 2] = [2, 4];

    /// Four activations as they are kept.
    type Step: Step;
    /// Four weights of each of four rows.
    type Weights: Copy;
    /// Four activations.
    type Activations: Copy;
    /// Four running sums.
    type Sums: Copy;

    /// Four activations, from -127 to 127, as they are kept.
    fn keep(step: [i8; 4]) -> Self::Step;
    /// Activations that were kept.
    fn activations(step: &Self::Step) -> Self::Activations;
    /// Weights, row by row.
    fn weights(bytes: S::Bytes) -> Self::Weights;
    /// The same as they lie in memory.
    #[inline(always)]
    fn load(bytes: &[u8; 16]) -> Self::Weights {
        Self::weights(S::load(bytes))
    }
    /// Sums that begin with an integer: [`SHIFTED`], or what [`signed_start`] gives.
    fn start(value: &i32) -> Self::Sums;
    /// Sums of [`Simd::Signed`] that begin with what [`signed_start`] gives.
    #[inline(always)]
    fn start_signed(value: &i32) -> Self::Sums {
        Self::start(value)
    }
    /// Adds the products of a step.
    fn add(sums: Self::Sums, weights: Self::Weights, activations: Self::Activations) -> Self::Sums;
    /// Puts what was added where there is room for it: to be called every [`until_settled`] steps of small weights, every
    /// [`SIGNED_STEPS`] of others, and at the end. It is there already, where sums have 32 bits.
    #[inline(always)]
    fn settle(sums: Self::Sums) -> Self::Sums {
        sums
    }
    /// The settled sums as bits of floats that are [`SHIFT`] larger.
    fn shifted(sums: Self::Sums) -> S::Ints;
    /// The settled sums, each from -2^22 to 2^22, less an integer of that size.
    #[inline(always)]
    fn floats(sums: Self::Sums, less: f32) -> S::Floats {
        S::sub(S::from_bits(Self::shifted(sums)), S::splat(SHIFT + less))
    }
}

/// Where sums of products with weights to which 128 was added begin, for activations of this sum.
pub const fn signed_start(sum: i32) -> i32 {
    SHIFTED - 128 * sum
}

/// Steps of weights from -128 to 127 after which sums are settled.
pub const SIGNED_STEPS: usize = 8;

/// Steps of weights from 0 to `most` whose products two by two have a sum of sixteen bits: a power of two, eight at most.
pub const fn until_settled(most: u8) -> usize {
    let mut steps = 8;
    while steps * 2 * 127 * most as usize > i16::MAX as usize {
        steps /= 2;
    }
    steps
}

/// A computation over some [`Simd`], so that it can be compiled for each.
pub trait Kernel<S: Simd> {
    /// What it returns.
    type Output;
    /// Computes it.
    fn run(self) -> Self::Output;
}
