//! WebAssembly's relaxed SIMD: one instruction for sixteen products.
//!
//! `i32x4.relaxed_dot_i8x16_i7x16_add` lets the host choose what the top bit of its second operand
//! means. Operands of seven bits are exact everywhere ([`Simd::dot_small`]). For eight bits there is
//! one implementation for each thing that a host may do, exact on that host; [`host`] finds out which
//! it is.
#![allow(unsafe_code)]

use std::{
    arch::wasm32::{
        f32x4_convert_i32x4, i8x16_splat, i32x4_extract_lane, i32x4_load_extend_i16x4, i32x4_neg,
        i32x4_relaxed_dot_i8x16_i7x16_add, i32x4_shl, i32x4_splat, v128,
    },
    hint::black_box,
};

use super::{Kernel, Simd, simd128::Simd128};

/// What a host's relaxed dot product does with eight bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// The second operand is 0 to 255, and nothing saturates: x86 with VNNI.
    Unsigned,
    /// The second operand is -128 to 127: Arm with dot products.
    Signed,
    /// Sums of two products saturate at 16 bits, or something else again.
    Saturating,
}

/// Which of them this host is.
pub fn host() -> Host {
    let dot = |a: i8, b: i8| {
        let (a, b) = (black_box(i8x16_splat(a)), black_box(i8x16_splat(b)));
        i32x4_extract_lane::<0>(i32x4_relaxed_dot_i8x16_i7x16_add(a, b, i32x4_splat(0)))
    };
    match [dot(1, -128), dot(127, -1), dot(-128, -1)] {
        [512, 129_540, -130_560] => Host::Unsigned,
        [-512, -508, 512] => Host::Signed,
        _ => Host::Saturating,
    }
}

/// Implements [`Simd`] by [`Simd128`], but for the dot products: that of small integers is the same on every host.
macro_rules! relaxed {
    ($name:ident, $doc:literal, $sums:ty, $offset:literal, { $($own:item)* }) => {
        #[doc = $doc]
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        impl Simd for $name {
            type Bytes = v128;
            type SmallSums = v128;
            type WeightSums = $sums;
            type Ints = v128;
            type Floats = v128;

            const ACTIVATION_OFFSET: u8 = $offset;

            #[inline(never)]
            fn run<K: Kernel>(kernel: K) -> K::Output {
                kernel.run::<Self>()
            }

            #[inline(always)]
            fn dot_small(sums: v128, small: v128, signed: v128) -> v128 {
                i32x4_relaxed_dot_i8x16_i7x16_add(signed, small, sums)
            }
            #[inline(always)]
            fn start_small(value: i32) -> v128 {
                i32x4_splat(value)
            }
            #[inline(always)]
            fn small_to_floats(sums: v128) -> v128 {
                f32x4_convert_i32x4(sums)
            }

            $($own)*

            relaxed!(forward load(bytes: &[u8; 16]) -> v128);
            relaxed!(forward splat4(bytes: &[u8; 4]) -> v128);
            relaxed!(forward store_bytes(bytes: v128, place: &mut [u8; 16]) -> ());
            relaxed!(forward pick(bytes: v128, right: i32, mask: u8) -> v128);
            relaxed!(forward or(a: v128, b: v128) -> v128);
            relaxed!(forward look_up(table: &[u8; 16], places: v128) -> v128);
            relaxed!(forward floats(values: &[f32; 4]) -> v128);
            relaxed!(forward widen_halves(halves: &[u16; 4]) -> v128);
            relaxed!(forward widen_bytes(bytes: &[i8; 4]) -> v128);
            relaxed!(forward widen_bfloats(halves: &[u16; 4]) -> v128);
            relaxed!(forward splat(value: f32) -> v128);
            relaxed!(forward add(a: v128, b: v128) -> v128);
            relaxed!(forward sub(a: v128, b: v128) -> v128);
            relaxed!(forward mul(a: v128, b: v128) -> v128);
            relaxed!(forward div(a: v128, b: v128) -> v128);
            relaxed!(forward min(a: v128, b: v128) -> v128);
            relaxed!(forward max(a: v128, b: v128) -> v128);
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

relaxed!(RelaxedUnsigned, "For [`Host::Unsigned`].", v128, 128, {
    #[inline(always)]
    fn dot_weights(sums: v128, weights: v128, activations: v128) -> v128 {
        i32x4_relaxed_dot_i8x16_i7x16_add(weights, activations, sums)
    }
    #[inline(always)]
    fn start_weights(integers: &[i16; 4]) -> v128 {
        // SAFETY: 8 bytes are there, and the load needs no alignment.
        i32x4_shl(i32x4_neg(unsafe { i32x4_load_extend_i16x4(integers.as_ptr()) }), 7)
    }
    #[inline(always)]
    fn weights_to_floats(sums: v128) -> v128 {
        f32x4_convert_i32x4(sums)
    }
});

relaxed!(RelaxedSigned, "For [`Host::Signed`].", v128, 0, {
    #[inline(always)]
    fn dot_weights(sums: v128, weights: v128, activations: v128) -> v128 {
        i32x4_relaxed_dot_i8x16_i7x16_add(weights, activations, sums)
    }
    #[inline(always)]
    fn start_weights(_: &[i16; 4]) -> v128 {
        i32x4_splat(0)
    }
    #[inline(always)]
    fn weights_to_floats(sums: v128) -> v128 {
        f32x4_convert_i32x4(sums)
    }
});

relaxed!(RelaxedSaturating, "For [`Host::Saturating`]: eight bits as without relaxed SIMD.", [v128; 2], 0, {
    #[inline(always)]
    fn dot_weights(sums: [v128; 2], weights: v128, activations: v128) -> [v128; 2] {
        Simd128::dot_weights(sums, weights, activations)
    }
    #[inline(always)]
    fn start_weights(integers: &[i16; 4]) -> [v128; 2] {
        Simd128::start_weights(integers)
    }
    #[inline(always)]
    fn weights_to_floats(sums: [v128; 2]) -> v128 {
        Simd128::weights_to_floats(sums)
    }
});
