//! WebAssembly's relaxed SIMD: one instruction for sixteen products.
//!
//! `i32x4.relaxed_dot_i8x16_i7x16_add` lets the host choose what the top bit of its second operand
//! means. Operands of seven bits are exact everywhere ([`Simd::Small`]). For eight bits there is
//! one implementation for each thing that hosts do, exact on that host; [`host`] finds out which
//! it is.
#![allow(unsafe_code)]

use std::{
    arch::wasm32::{
        i8x16_splat, i16x8_add, i16x8_extract_lane, i16x8_relaxed_dot_i8x16_i7x16, i16x8_splat, i32x4_add,
        i32x4_dot_i16x8, i32x4_extract_lane, i32x4_relaxed_dot_i8x16_i7x16_add, i32x4_splat, v128,
        v128_load32_splat, v128_xor,
    },
    hint::black_box,
};

use super::{Kernel, Products, SHIFTED, Simd, simd128::Simd128};

/// What a host's relaxed dot product does with eight bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// The second operand is 0 to 255, and nothing saturates: x86 with VNNI.
    Unsigned,
    /// The second operand is -128 to 127: Arm with dot products.
    Signed,
    /// The second operand is 0 to 255, and sums of two products saturate at 16 bits: x86 before VNNI.
    Saturating,
    /// Something else again.
    Other,
}

/// Which of them this host is.
#[target_feature(enable = "relaxed-simd")]
pub fn host() -> Host {
    let splat = |byte: i8| black_box(i8x16_splat(byte));
    let dot = |a: i8, b: i8| {
        i32x4_extract_lane::<0>(i32x4_relaxed_dot_i8x16_i7x16_add(splat(a), splat(b), i32x4_splat(0)))
    };
    let short = |a: i8, b: i8| i16x8_extract_lane::<0>(i16x8_relaxed_dot_i8x16_i7x16(splat(a), splat(b)));
    match ([dot(1, -128), dot(127, -1), dot(-128, -1)], [short(8, -1), short(-8, -1)]) {
        ([512, 129_540, -130_560], _) => Host::Unsigned,
        ([-512, -508, 512], _) => Host::Signed,
        (_, [4080, -4080]) => Host::Saturating,
        _ => Host::Other,
    }
}

/// Implements [`Simd`] by [`Simd128`], but for the products.
macro_rules! relaxed {
    ($name:ident, $doc:literal, $small:ty, $signed:ty) => {
        #[doc = $doc]
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        impl Simd for $name {
            type Bytes = v128;
            type Ints = v128;
            type Floats = v128;
            type Small = $small;
            type Signed = $signed;

            #[inline(never)]
            fn run<K: Kernel<Self>>(kernel: K) -> K::Output {
                #[target_feature(enable = "relaxed-simd")]
                fn with_features<K: Kernel<$name>>(kernel: K) -> K::Output {
                    kernel.run()
                }
                with_features(kernel)
            }

            relaxed!(forward load(bytes: &[u8; 16]) -> v128);
            relaxed!(forward store_bytes(bytes: v128, place: &mut [u8; 16]) -> ());
            relaxed!(forward pick(bytes: v128, right: i32, mask: u8) -> v128);
            relaxed!(forward or(a: v128, b: v128) -> v128);
            relaxed!(forward look_up(table: &[u8; 16], places: v128) -> v128);
            #[inline(always)]
            fn load_pairs<const N: usize>(pairs: &[[i16; 2]]) -> [v128; N] {
                Simd128::load_pairs(pairs)
            }
            #[inline(always)]
            fn widen_pairs<const N: usize>(pairs: &[[i8; 2]]) -> [v128; N] {
                Simd128::widen_pairs(pairs)
            }
            relaxed!(forward splat_pair(pair: &[i16; 2]) -> v128);
            relaxed!(forward add_pairs(sums: v128, a: v128, b: v128) -> v128);
            relaxed!(forward narrow_pairs(ints: [v128; 2]) -> [[i16; 2]; 4]);
            relaxed!(forward to_floats(a: v128) -> v128);
            relaxed!(forward floats(values: &[f32; 4]) -> v128);
            relaxed!(forward widen_halves(halves: &[u16; 4], unit: v128) -> v128);
            relaxed!(forward widen_bytes(bytes: &[i8; 4]) -> v128);
            relaxed!(forward widen_bfloats(halves: &[u16; 4]) -> v128);
            relaxed!(forward splat(value: f32) -> v128);
            relaxed!(forward add(a: v128, b: v128) -> v128);
            relaxed!(forward sub(a: v128, b: v128) -> v128);
            relaxed!(forward mul(a: v128, b: v128) -> v128);
            relaxed!(forward div(a: v128, b: v128) -> v128);
            relaxed!(forward min(a: v128, b: v128) -> v128);
            relaxed!(forward max(a: v128, b: v128) -> v128);
            relaxed!(forward largest(a: v128) -> v128);
            relaxed!(forward abs(a: v128) -> v128);
            relaxed!(forward to_bits(a: v128) -> v128);
            relaxed!(forward from_bits(a: v128) -> v128);
            relaxed!(forward add_ints(a: v128, b: v128) -> v128);
            relaxed!(forward to_exponent(a: v128) -> v128);
            relaxed!(forward narrow(ints: [v128; 4]) -> [u8; 16]);
            relaxed!(forward store(a: v128) -> [f32; 4]);
        }
    };
    (forward $function:ident($($argument:ident: $type:ty),*) -> $result:ty) => {
        #[inline(always)]
        fn $function($($argument: $type),*) -> $result {
            Simd128::$function($($argument),*)
        }
    };
}

relaxed!(RelaxedUnsigned, "For [`Host::Unsigned`].", Whole, Whole);
relaxed!(RelaxedSigned, "For [`Host::Signed`].", Whole, Lowered);
relaxed!(RelaxedSaturating, "For [`Host::Saturating`].", Halves, Split);

/// Four bytes, four times.
#[inline(always)]
fn splat4<T>(step: &T) -> v128 {
    const { assert!(size_of::<T>() == 4) };
    // SAFETY: 4 bytes are there, and the load needs no alignment.
    unsafe { v128_load32_splat(std::ptr::from_ref(step).cast()) }
}

/// Products whose second operand, the weights, has seven bits, or eight where the host takes them as unsigned.
#[derive(Debug, Clone, Copy)]
pub struct Whole;

impl<S: Simd<Bytes = v128, Ints = v128>> Products<S> for Whole {
    type Step = [u8; 4];
    type Weights = v128;
    type Activations = v128;
    type Sums = v128;

    #[inline(always)]
    fn keep(step: [i8; 4]) -> [u8; 4] {
        step.map(i8::cast_unsigned)
    }
    #[inline(always)]
    fn activations(step: &[u8; 4]) -> v128 {
        splat4(step)
    }
    #[inline(always)]
    fn weights(bytes: v128) -> v128 {
        bytes
    }
    #[inline(always)]
    fn start(value: &i32) -> v128 {
        splat4(value)
    }
    #[inline(always)]
    fn add(sums: v128, weights: v128, activations: v128) -> v128 {
        i32x4_relaxed_dot_i8x16_i7x16_add(activations, weights, sums)
    }
    #[inline(always)]
    fn shifted(sums: v128) -> v128 {
        sums
    }
}

/// As [`Whole`], with weights that have 128 taken off, where the host takes eight bits as signed.
#[derive(Debug, Clone, Copy)]
pub struct Lowered;

impl<S: Simd<Bytes = v128, Ints = v128>> Products<S> for Lowered {
    type Step = [u8; 4];
    type Weights = v128;
    type Activations = v128;
    type Sums = v128;

    #[inline(always)]
    fn keep(step: [i8; 4]) -> [u8; 4] {
        step.map(i8::cast_unsigned)
    }
    #[inline(always)]
    fn activations(step: &[u8; 4]) -> v128 {
        splat4(step)
    }
    #[inline(always)]
    fn weights(bytes: v128) -> v128 {
        v128_xor(bytes, i8x16_splat(-128))
    }
    #[inline(always)]
    fn start(value: &i32) -> v128 {
        splat4(value)
    }
    #[inline(always)]
    fn start_signed(_: &i32) -> v128 {
        i32x4_splat(SHIFTED)
    }
    #[inline(always)]
    fn add(sums: v128, weights: v128, activations: v128) -> v128 {
        i32x4_relaxed_dot_i8x16_i7x16_add(activations, weights, sums)
    }
    #[inline(always)]
    fn shifted(sums: v128) -> v128 {
        sums
    }
}

/// As [`Whole`], with sums of sixteen bits, two to a row: where the host has no instruction for all of it, widening the
/// sums once for many steps is what can be spared.
#[derive(Debug, Clone, Copy)]
pub struct Halves;

/// The settled sums, and those of sixteen bits since.
#[derive(Debug, Clone, Copy)]
pub struct HalfSums {
    settled: v128,
    recent: v128,
}

impl<S: Simd<Bytes = v128, Ints = v128>> Products<S> for Halves {
    type Step = [u8; 4];
    type Weights = v128;
    type Activations = v128;
    type Sums = HalfSums;

    #[inline(always)]
    fn keep(step: [i8; 4]) -> [u8; 4] {
        step.map(i8::cast_unsigned)
    }
    #[inline(always)]
    fn activations(step: &[u8; 4]) -> v128 {
        splat4(step)
    }
    #[inline(always)]
    fn weights(bytes: v128) -> v128 {
        bytes
    }
    #[inline(always)]
    fn start(value: &i32) -> HalfSums {
        HalfSums { settled: splat4(value), recent: i16x8_splat(0) }
    }
    #[inline(always)]
    fn add(sums: HalfSums, weights: v128, activations: v128) -> HalfSums {
        let products = i16x8_relaxed_dot_i8x16_i7x16(activations, weights);
        HalfSums { recent: i16x8_add(sums.recent, products), ..sums }
    }
    #[inline(always)]
    fn settle(sums: HalfSums) -> HalfSums {
        let recent = i32x4_dot_i16x8(sums.recent, i16x8_splat(1));
        HalfSums { settled: i32x4_add(sums.settled, recent), recent: i16x8_splat(0) }
    }
    #[inline(always)]
    fn shifted(sums: HalfSums) -> v128 {
        sums.settled
    }
}

/// Products with activations as two digits, `16 high + low` from -8 to 8 each: those of eight steps have sums of sixteen bits,
/// since `8 * 2 * 255 * 8 < 2^15`.
#[derive(Debug, Clone, Copy)]
pub struct Split;

/// The settled sums, and those of sixteen bits since: of the low digits, and of the high ones.
#[derive(Debug, Clone, Copy)]
pub struct SplitSums {
    settled: v128,
    recent: [v128; 2],
}

impl<S: Simd<Bytes = v128, Ints = v128>> Products<S> for Split {
    const AT_ONCE: [usize; 2] = [1, 4];
    type Step = [u8; 8];
    type Weights = v128;
    type Activations = [v128; 2];
    type Sums = SplitSums;

    #[inline(always)]
    fn keep(step: [i8; 4]) -> [u8; 8] {
        let digits = [step.map(|it| (it.wrapping_add(8) & 15) - 8), step.map(|it| (it >> 4) + (it >> 3 & 1))];
        std::array::from_fn(|at| digits[at / 4][at % 4].cast_unsigned())
    }
    #[inline(always)]
    fn activations(step: &[u8; 8]) -> [v128; 2] {
        let digits = step.as_chunks::<4>().0;
        [splat4(&digits[0]), splat4(&digits[1])]
    }
    #[inline(always)]
    fn weights(bytes: v128) -> v128 {
        bytes
    }
    #[inline(always)]
    fn start(value: &i32) -> SplitSums {
        SplitSums { settled: splat4(value), recent: [i16x8_splat(0); 2] }
    }
    #[inline(always)]
    fn add(sums: SplitSums, weights: v128, activations: [v128; 2]) -> SplitSums {
        let add = |digit: usize| {
            let products = i16x8_relaxed_dot_i8x16_i7x16(activations[digit], weights);
            i16x8_add(sums.recent[digit], products)
        };
        SplitSums { recent: [add(0), add(1)], ..sums }
    }
    #[inline(always)]
    fn settle(sums: SplitSums) -> SplitSums {
        let low = i32x4_dot_i16x8(sums.recent[0], i16x8_splat(1));
        let high = i32x4_dot_i16x8(sums.recent[1], i16x8_splat(16));
        let settled = i32x4_add(sums.settled, i32x4_add(low, high));
        SplitSums { settled, recent: [i16x8_splat(0); 2] }
    }
    #[inline(always)]
    fn shifted(sums: SplitSums) -> v128 {
        sums.settled
    }
}
