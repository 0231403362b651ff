//! What the fast kernels ask of a processor: sixteen bytes at a time, and one exact product.
//!
//! A kernel is written once over [`Simd`] and compiled for each implementation. All of them give the
//! same bits: integer products are exact, and the operations on single precision are those of
//! IEEE 754, one rounding each, never fused.

mod portable;
#[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
mod relaxed;
#[cfg(target_arch = "wasm32")]
mod simd128;
#[cfg(test)]
#[allow(clippy::float_cmp, reason = "these are exact")]
mod tests;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use portable::Portable;
#[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
pub use relaxed::{Host, RelaxedSaturating, RelaxedSigned, RelaxedUnsigned, host};
#[cfg(target_arch = "wasm32")]
pub use simd128::Simd128;
#[cfg(target_arch = "x86_64")]
pub use x86::{AvxVnni, Sse2};

/// A processor's vectors of 128 bits and what is done with them.
pub trait Simd: Copy + Send + Sync + 'static {
    /// Sixteen 8-bit integers, signed or not as they are used.
    type Bytes: Copy;
    /// Four running sums of [`Self::dot_small`], in as many parts as suits the processor.
    type SmallSums: Copy;
    /// Four running sums of [`Self::dot_weights`], in as many parts as suits the processor.
    type WeightSums: Copy;
    /// Four 32-bit integers.
    type Ints: Copy;
    /// Four numbers in single precision.
    type Floats: Copy;

    /// What must be added to 8-bit activations before [`Self::dot_weights`] sees them.
    const ACTIVATION_OFFSET: u8;

    /// Runs `kernel` where this processor's instructions may be used. Each kernel is a function of its own: a browser
    /// takes long to put better code in the place of a large one.
    fn run<K: Kernel>(kernel: K) -> K::Output;

    /// Sixteen bytes as they lie.
    fn load(bytes: &[u8; 16]) -> Self::Bytes;
    /// Four bytes, four times.
    fn splat4(bytes: &[u8; 4]) -> Self::Bytes;
    /// Sixteen bytes to where they shall lie.
    fn store_bytes(bytes: Self::Bytes, place: &mut [u8; 16]);
    /// Each byte shifted by `right` bits, to the left if that is negative, and then `mask`, which must leave out
    /// what a shift of the whole vector would bring from a byte's neighbours.
    fn pick(bytes: Self::Bytes, right: i32, mask: u8) -> Self::Bytes;
    /// `a | b`
    fn or(a: Self::Bytes, b: Self::Bytes) -> Self::Bytes;
    /// The bytes of `table` at `places`, each below sixteen.
    fn look_up(table: &[u8; 16], places: Self::Bytes) -> Self::Bytes;

    /// `sums[i] + sum(small[4 i + j] * signed[4 i + j], j < 4)`; `small` is 0 to 127, `signed` -127 to 127.
    fn dot_small(sums: Self::SmallSums, small: Self::Bytes, signed: Self::Bytes) -> Self::SmallSums;
    /// Four sums that begin with the same integer.
    fn start_small(value: i32) -> Self::SmallSums;
    /// Each sum as the nearest float.
    fn small_to_floats(sums: Self::SmallSums) -> Self::Floats;

    /// `sums[i] + sum(weights[4 i + j] * activations[4 i + j], j < 4)`; `weights` are signed, `activations` are
    /// signed with [`Self::ACTIVATION_OFFSET`] added, and count with it.
    fn dot_weights(
        sums: Self::WeightSums,
        weights: Self::Bytes,
        activations: Self::Bytes,
    ) -> Self::WeightSums;
    /// Four sums that begin with 16-bit integers times -[`Self::ACTIVATION_OFFSET`].
    fn start_weights(integers: &[i16; 4]) -> Self::WeightSums;
    /// Each sum as the nearest float.
    fn weights_to_floats(sums: Self::WeightSums) -> Self::Floats;

    /// Four floats as they lie.
    fn floats(values: &[f32; 4]) -> Self::Floats;
    /// Four halves, widened; each is finite.
    fn widen_halves(halves: &[u16; 4]) -> Self::Floats;
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

/// A computation over some [`Simd`], so that it can be compiled for each.
pub trait Kernel {
    /// What it returns.
    type Output;
    /// Computes it.
    fn run<S: Simd>(self) -> Self::Output;
}
