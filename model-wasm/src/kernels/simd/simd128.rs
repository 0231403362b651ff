//! WebAssembly's fixed-width SIMD.
#![allow(unsafe_code)]

use std::arch::wasm32::{
    f32x4_abs, f32x4_add, f32x4_convert_i32x4, f32x4_div, f32x4_extract_lane, f32x4_mul, f32x4_pmax,
    f32x4_pmin, f32x4_splat, f32x4_sub, i8x16_narrow_i16x8, i8x16_swizzle, i16x8_extend_high_u8x16,
    i16x8_extend_low_i8x16, i16x8_extend_low_u8x16, i16x8_load_extend_i8x8, i16x8_load_extend_u8x8,
    i16x8_narrow_i32x4, i32x4_add, i32x4_dot_i16x8, i32x4_extend_low_i16x8, i32x4_load_extend_i16x4,
    i32x4_shl, i32x4_shuffle, i32x4_splat, i64x2_splat, u8x16_splat, u16x8_shl, u16x8_shr,
    u32x4_load_extend_u16x4, u32x4_shl, v128, v128_and, v128_load, v128_load32_splat, v128_load32_zero,
    v128_load64_splat, v128_or, v128_store,
};

use super::{Kernel, Products, Simd};

/// See the module.
#[derive(Debug, Clone, Copy)]
pub struct Simd128;

impl Simd for Simd128 {
    type Bytes = v128;
    type Ints = v128;
    type Floats = v128;
    type Small = Widened;
    type Signed = Widened;

    #[inline(never)]
    fn run<K: Kernel<Self>>(kernel: K) -> K::Output {
        kernel.run()
    }

    #[inline(always)]
    fn load(bytes: &[u8; 16]) -> v128 {
        // SAFETY: 16 bytes are there, and the load needs no alignment.
        unsafe { v128_load(bytes.as_ptr().cast()) }
    }
    #[inline(always)]
    fn store_bytes(bytes: v128, place: &mut [u8; 16]) {
        // SAFETY: 16 bytes are there, and the store needs no alignment.
        unsafe { v128_store(place.as_mut_ptr().cast(), bytes) };
    }
    #[inline(always)]
    fn pick(bytes: v128, right: i32, mask: u8) -> v128 {
        // A shift of bytes is slow in V8: one of 16 bits and a mask do the same.
        let shifted = match right {
            0 => bytes,
            1.. => u16x8_shr(bytes, right as u32),
            _ => u16x8_shl(bytes, -right as u32),
        };
        v128_and(shifted, u8x16_splat(mask))
    }
    #[inline(always)]
    fn or(a: v128, b: v128) -> v128 {
        v128_or(a, b)
    }
    #[inline(always)]
    fn look_up(table: &[u8; 16], places: v128) -> v128 {
        i8x16_swizzle(Self::load(table), places)
    }

    #[inline(always)]
    fn load_pairs<const N: usize>(pairs: &[[i16; 2]]) -> [v128; N] {
        let vectors = pairs.as_chunks::<4>().0;
        // SAFETY: 16 bytes are there each time, and the load needs no alignment.
        std::array::from_fn(|n| unsafe { v128_load(vectors[n].as_ptr().cast()) })
    }
    #[inline(always)]
    fn widen_pairs<const N: usize>(pairs: &[[i8; 2]]) -> [v128; N] {
        let vectors = pairs.as_chunks::<4>().0;
        // SAFETY: 8 bytes are there each time, and the load needs no alignment.
        std::array::from_fn(|n| unsafe { i16x8_load_extend_i8x8(vectors[n].as_ptr().cast()) })
    }
    #[inline(always)]
    fn splat_pair(pair: &[i16; 2]) -> v128 {
        // SAFETY: 4 bytes are there, and the load needs no alignment.
        unsafe { v128_load32_splat(pair.as_ptr().cast()) }
    }
    #[inline(always)]
    fn add_pairs(sums: v128, a: v128, b: v128) -> v128 {
        i32x4_add(sums, i32x4_dot_i16x8(a, b))
    }
    #[inline(always)]
    fn narrow_pairs(ints: [v128; 2]) -> [[i16; 2]; 4] {
        let mut pairs = [[0; 2]; 4];
        // SAFETY: 16 bytes are there, and the store needs no alignment.
        unsafe { v128_store(pairs.as_mut_ptr().cast(), i16x8_narrow_i32x4(ints[0], ints[1])) };
        pairs
    }
    #[inline(always)]
    fn to_floats(a: v128) -> v128 {
        f32x4_convert_i32x4(a)
    }

    #[inline(always)]
    fn floats(values: &[f32; 4]) -> v128 {
        // SAFETY: 16 bytes are there, and the load needs no alignment.
        unsafe { v128_load(values.as_ptr().cast()) }
    }
    #[inline(always)]
    fn widen_halves(halves: &[u16; 4], unit: v128) -> v128 {
        // SAFETY: 8 bytes are there, and the load needs no alignment.
        let halves = unsafe { i32x4_load_extend_i16x4(halves.as_ptr().cast()) };
        // The sign has been extended to the top, and stays there.
        let bits = v128_and(i32x4_shl(halves, 13), i32x4_splat(0x8fff_e000_u32.cast_signed()));
        f32x4_mul(bits, unit)
    }
    #[inline(always)]
    fn widen_bytes(bytes: &[i8; 4]) -> v128 {
        // SAFETY: 4 bytes are there, and the load needs no alignment.
        let bytes = unsafe { v128_load32_zero(bytes.as_ptr().cast()) };
        f32x4_convert_i32x4(i32x4_extend_low_i16x8(i16x8_extend_low_i8x16(bytes)))
    }
    #[inline(always)]
    fn widen_bfloats(halves: &[u16; 4]) -> v128 {
        // SAFETY: 8 bytes are there, and the load needs no alignment.
        u32x4_shl(unsafe { u32x4_load_extend_u16x4(halves.as_ptr()) }, 16)
    }
    #[inline(always)]
    fn splat(value: f32) -> v128 {
        f32x4_splat(value)
    }
    #[inline(always)]
    fn add(a: v128, b: v128) -> v128 {
        f32x4_add(a, b)
    }
    #[inline(always)]
    fn sub(a: v128, b: v128) -> v128 {
        f32x4_sub(a, b)
    }
    #[inline(always)]
    fn mul(a: v128, b: v128) -> v128 {
        f32x4_mul(a, b)
    }
    #[inline(always)]
    fn div(a: v128, b: v128) -> v128 {
        f32x4_div(a, b)
    }
    #[inline(always)]
    fn min(a: v128, b: v128) -> v128 {
        f32x4_pmin(a, b)
    }
    #[inline(always)]
    fn max(a: v128, b: v128) -> v128 {
        f32x4_pmax(a, b)
    }
    #[inline(always)]
    fn largest(a: v128) -> v128 {
        let a = Self::max(a, i32x4_shuffle::<2, 3, 0, 1>(a, a));
        Self::max(a, i32x4_shuffle::<1, 0, 3, 2>(a, a))
    }
    #[inline(always)]
    fn abs(a: v128) -> v128 {
        f32x4_abs(a)
    }
    #[inline(always)]
    fn to_bits(a: v128) -> v128 {
        a
    }
    #[inline(always)]
    fn from_bits(a: v128) -> v128 {
        a
    }
    #[inline(always)]
    fn add_ints(a: v128, b: v128) -> v128 {
        i32x4_add(a, b)
    }
    #[inline(always)]
    fn to_exponent(a: v128) -> v128 {
        i32x4_shl(a, 23)
    }
    #[inline(always)]
    fn store(a: v128) -> [f32; 4] {
        [
            f32x4_extract_lane::<0>(a),
            f32x4_extract_lane::<1>(a),
            f32x4_extract_lane::<2>(a),
            f32x4_extract_lane::<3>(a),
        ]
    }
    #[inline(always)]
    fn narrow(ints: [v128; 4]) -> [u8; 16] {
        let halves = [i16x8_narrow_i32x4(ints[0], ints[1]), i16x8_narrow_i32x4(ints[2], ints[3])];
        let mut bytes = [0; 16];
        // SAFETY: 16 bytes are there, and the store needs no alignment.
        unsafe { v128_store(bytes.as_mut_ptr().cast(), i8x16_narrow_i16x8(halves[0], halves[1])) };
        bytes
    }
}

/// Products of sixteen bits, two by two: of rows 0 and 1 of a tile, and of rows 2 and 3. The sum of a row is in two parts,
/// that of its first two columns and that of its last two, until the end.
#[derive(Debug, Clone, Copy)]
pub struct Widened;

impl<S: Simd<Bytes = v128, Ints = v128>> Products<S> for Widened {
    const AT_ONCE: [usize; 2] = [2, 2];
    type Step = [u8; 8];
    type Weights = [v128; 2];
    type Activations = v128;
    type Sums = [v128; 2];

    #[inline(always)]
    fn keep(step: [i8; 4]) -> [u8; 8] {
        let pairs = step.map(|activation| i16::from(activation).to_le_bytes());
        std::array::from_fn(|at| pairs[at / 2][at % 2])
    }
    #[inline(always)]
    fn activations(step: &[u8; 8]) -> v128 {
        // SAFETY: 8 bytes are there, and the load needs no alignment.
        unsafe { v128_load64_splat(step.as_ptr().cast()) }
    }
    #[inline(always)]
    fn weights(bytes: v128) -> [v128; 2] {
        [i16x8_extend_low_u8x16(bytes), i16x8_extend_high_u8x16(bytes)]
    }
    #[inline(always)]
    fn load(bytes: &[u8; 16]) -> [v128; 2] {
        let rows = bytes.as_chunks::<8>().0;
        // SAFETY: 8 bytes are there each time, and the load needs no alignment.
        [0, 1].map(|half| unsafe { i16x8_load_extend_u8x8(rows[half].as_ptr()) })
    }
    #[inline(always)]
    fn start(value: &i32) -> [v128; 2] {
        // In the first part of each row.
        [i64x2_splat(i64::from(value.cast_unsigned())); 2]
    }
    #[inline(always)]
    fn add(sums: [v128; 2], weights: [v128; 2], activations: v128) -> [v128; 2] {
        [0, 1].map(|half| i32x4_add(sums[half], i32x4_dot_i16x8(weights[half], activations)))
    }
    #[inline(always)]
    fn shifted([first, last]: [v128; 2]) -> v128 {
        i32x4_add(i32x4_shuffle::<0, 2, 4, 6>(first, last), i32x4_shuffle::<1, 3, 5, 7>(first, last))
    }
}
