//! x86-64: SSE2, which every such processor has, and AVX-VNNI where it is there.
#![allow(unsafe_code)]
// Some of the instructions are safe to call, others not; the macro does not know which.
#![allow(unused_unsafe)]

use std::arch::x86_64::{
    __m128, __m128i, _mm_add_epi32, _mm_add_ps, _mm_and_ps, _mm_and_si128, _mm_castps_si128,
    _mm_castsi128_ps, _mm_cmpgt_epi8, _mm_cvtepi32_ps, _mm_cvtsi32_si128, _mm_div_ps, _mm_dpbusd_avx_epi32,
    _mm_loadl_epi64, _mm_loadu_ps, _mm_loadu_si128, _mm_madd_epi16, _mm_max_ps, _mm_min_ps, _mm_mul_ps,
    _mm_or_si128, _mm_packs_epi16, _mm_packs_epi32, _mm_set_epi32, _mm_set1_epi8, _mm_set1_epi32,
    _mm_set1_ps, _mm_setzero_si128, _mm_shuffle_epi8, _mm_shuffle_ps, _mm_sll_epi16, _mm_slli_epi32,
    _mm_srai_epi32, _mm_srl_epi16, _mm_storeu_ps, _mm_storeu_si128, _mm_sub_epi32, _mm_sub_ps,
    _mm_unpackhi_epi8, _mm_unpacklo_epi8, _mm_unpacklo_epi16,
};

use super::{Kernel, Simd};

/// What every x86-64 has.
#[derive(Debug, Clone, Copy)]
pub struct Sse2;

/// AVX with dot products of unsigned by signed bytes; see [`AvxVnni::is_there`].
#[derive(Debug, Clone, Copy)]
pub struct AvxVnni;

impl AvxVnni {
    /// Whether this processor has it.
    pub fn is_there() -> bool {
        is_x86_feature_detected!("avx2") && is_x86_feature_detected!("avxvnni")
    }
}

#[inline(always)]
fn sign_extend(bytes: __m128i) -> [__m128i; 2] {
    // SAFETY: SSE2 belongs to the architecture.
    unsafe {
        let signs = _mm_cmpgt_epi8(_mm_setzero_si128(), bytes);
        [_mm_unpacklo_epi8(bytes, signs), _mm_unpackhi_epi8(bytes, signs)]
    }
}

#[inline(always)]
fn dot(sums: [__m128i; 2], a: [__m128i; 2], b: [__m128i; 2]) -> [__m128i; 2] {
    // SAFETY: SSE2 belongs to the architecture.
    unsafe {
        [
            _mm_add_epi32(sums[0], _mm_madd_epi16(a[0], b[0])),
            _mm_add_epi32(sums[1], _mm_madd_epi16(a[1], b[1])),
        ]
    }
}

/// What the two have in common; all of it is SSE2.
macro_rules! sse2 {
    () => {
        type Bytes = __m128i;
        type Ints = __m128i;
        type Floats = __m128;

        sse2!(load(bytes: &[u8; 16]) -> __m128i, _mm_loadu_si128(bytes.as_ptr().cast()));
        sse2!(splat4(bytes: &[u8; 4]) -> __m128i, _mm_set1_epi32(i32::from_le_bytes(*bytes)));
        sse2!(store_bytes(bytes: __m128i, place: &mut [u8; 16]) -> (),
            _mm_storeu_si128(place.as_mut_ptr().cast(), bytes));
        sse2!(pick(bytes: __m128i, right: i32, mask: u8) -> __m128i, {
            let shifted = match right {
                0 => bytes,
                1.. => _mm_srl_epi16(bytes, _mm_cvtsi32_si128(right)),
                _ => _mm_sll_epi16(bytes, _mm_cvtsi32_si128(-right)),
            };
            _mm_and_si128(shifted, _mm_set1_epi8(mask.cast_signed()))
        });
        sse2!(or(a: __m128i, b: __m128i) -> __m128i, _mm_or_si128(a, b));
        sse2!(floats(values: &[f32; 4]) -> __m128, _mm_loadu_ps(values.as_ptr()));
        sse2!(widen_halves(halves: &[u16; 4]) -> __m128, {
            // To the upper half, and then with the sign extended to where a float has its exponent.
            let upper = _mm_unpacklo_epi16(_mm_setzero_si128(), _mm_loadl_epi64(halves.as_ptr().cast()));
            let bits = _mm_and_si128(_mm_srai_epi32::<3>(upper), _mm_set1_epi32(0x8fff_e000_u32.cast_signed()));
            _mm_mul_ps(_mm_castsi128_ps(bits), _mm_set1_ps(f32::from_bits((254 - 15) << 23)))
        });
        sse2!(widen_bytes(bytes: &[i8; 4]) -> __m128, {
            let bytes = _mm_cvtsi32_si128(i32::from_le_bytes(bytes.map(i8::cast_unsigned)));
            let upper = _mm_unpacklo_epi16(_mm_setzero_si128(), _mm_unpacklo_epi8(_mm_setzero_si128(), bytes));
            _mm_cvtepi32_ps(_mm_srai_epi32::<24>(upper))
        });
        sse2!(widen_bfloats(halves: &[u16; 4]) -> __m128, {
            _mm_castsi128_ps(_mm_unpacklo_epi16(_mm_setzero_si128(), _mm_loadl_epi64(halves.as_ptr().cast())))
        });
        sse2!(splat(value: f32) -> __m128, _mm_set1_ps(value));
        sse2!(add(a: __m128, b: __m128) -> __m128, _mm_add_ps(a, b));
        sse2!(sub(a: __m128, b: __m128) -> __m128, _mm_sub_ps(a, b));
        sse2!(mul(a: __m128, b: __m128) -> __m128, _mm_mul_ps(a, b));
        sse2!(div(a: __m128, b: __m128) -> __m128, _mm_div_ps(a, b));
        // These two return their second operand unless the first is smaller, or larger.
        sse2!(min(a: __m128, b: __m128) -> __m128, _mm_min_ps(b, a));
        sse2!(max(a: __m128, b: __m128) -> __m128, _mm_max_ps(b, a));
        sse2!(abs(a: __m128) -> __m128, _mm_and_ps(a, _mm_castsi128_ps(_mm_set1_epi32(i32::MAX))));
        sse2!(to_bits(a: __m128) -> __m128i, _mm_castps_si128(a));
        sse2!(from_bits(a: __m128i) -> __m128, _mm_castsi128_ps(a));
        sse2!(add_ints(a: __m128i, b: __m128i) -> __m128i, _mm_add_epi32(a, b));
        sse2!(to_exponent(a: __m128i) -> __m128i, _mm_slli_epi32::<23>(a));
        sse2!(narrow(ints: [__m128i; 4]) -> [u8; 16], {
            let halves = [_mm_packs_epi32(ints[0], ints[1]), _mm_packs_epi32(ints[2], ints[3])];
            let mut bytes = [0; 16];
            _mm_storeu_si128(bytes.as_mut_ptr().cast(), _mm_packs_epi16(halves[0], halves[1]));
            bytes
        });
        sse2!(store(a: __m128) -> [f32; 4], {
            let mut values = [0.0; 4];
            _mm_storeu_ps(values.as_mut_ptr(), a);
            values
        });
    };
    ($function:ident($($argument:ident: $type:ty),*) -> $result:ty, $body:expr) => {
        #[inline(always)]
        fn $function($($argument: $type),*) -> $result {
            // SAFETY: SSE2 belongs to the architecture; what is loaded is as long as its type says, and
            // neither loads nor stores need alignment.
            unsafe { $body }
        }
    };
}

#[inline(always)]
fn fold(sums: [__m128i; 2]) -> __m128 {
    // SAFETY: SSE2 belongs to the architecture.
    unsafe {
        let (low, high) = (_mm_castsi128_ps(sums[0]), _mm_castsi128_ps(sums[1]));
        let even = _mm_castps_si128(_mm_shuffle_ps::<0b10_00_10_00>(low, high));
        let odd = _mm_castps_si128(_mm_shuffle_ps::<0b11_01_11_01>(low, high));
        _mm_cvtepi32_ps(_mm_add_epi32(even, odd))
    }
}

impl Simd for Sse2 {
    type SmallSums = [__m128i; 2];
    type WeightSums = [__m128i; 2];
    const ACTIVATION_OFFSET: u8 = 0;

    sse2!();

    #[inline(always)]
    fn run<K: Kernel>(kernel: K) -> K::Output {
        kernel.run::<Self>()
    }
    fn look_up(table: &[u8; 16], places: __m128i) -> __m128i {
        let mut bytes = [0; 16];
        Self::store_bytes(places, &mut bytes);
        Self::load(&bytes.map(|place| table[usize::from(place)]))
    }
    sse2!(dot_small(sums: [__m128i; 2], small: __m128i, signed: __m128i) -> [__m128i; 2],
        dot(sums, sign_extend(small), sign_extend(signed)));
    sse2!(dot_weights(sums: [__m128i; 2], weights: __m128i, activations: __m128i) -> [__m128i; 2],
        dot(sums, sign_extend(weights), sign_extend(activations)));
    sse2!(start_small(value: i32) -> [__m128i; 2], [_mm_set_epi32(0, value, 0, value); 2]);
    sse2!(start_weights(_integers: &[i16; 4]) -> [__m128i; 2], [_mm_setzero_si128(); 2]);
    sse2!(small_to_floats(sums: [__m128i; 2]) -> __m128, fold(sums));
    sse2!(weights_to_floats(sums: [__m128i; 2]) -> __m128, fold(sums));
}

impl Simd for AvxVnni {
    type SmallSums = __m128i;
    type WeightSums = __m128i;
    const ACTIVATION_OFFSET: u8 = 128;

    sse2!();

    #[inline(always)]
    fn run<K: Kernel>(kernel: K) -> K::Output {
        #[target_feature(enable = "avx2,avxvnni")]
        fn with_features<K: Kernel>(kernel: K) -> K::Output {
            kernel.run::<AvxVnni>()
        }
        assert!(Self::is_there(), "this processor has no AVX-VNNI");
        // SAFETY: the features are there.
        unsafe { with_features(kernel) }
    }
    // `run` has seen to it that the instructions are there.
    sse2!(look_up(table: &[u8; 16], places: __m128i) -> __m128i, _mm_shuffle_epi8(Self::load(table), places));
    sse2!(dot_small(sums: __m128i, small: __m128i, signed: __m128i) -> __m128i,
        _mm_dpbusd_avx_epi32(sums, small, signed));
    sse2!(dot_weights(sums: __m128i, weights: __m128i, activations: __m128i) -> __m128i,
        _mm_dpbusd_avx_epi32(sums, activations, weights));
    sse2!(start_small(value: i32) -> __m128i, _mm_set1_epi32(value));
    sse2!(start_weights(integers: &[i16; 4]) -> __m128i, {
        let doubled = _mm_unpacklo_epi16(_mm_setzero_si128(), _mm_loadl_epi64(integers.as_ptr().cast()));
        _mm_sub_epi32(_mm_setzero_si128(), _mm_srai_epi32::<9>(doubled))
    });
    sse2!(small_to_floats(sums: __m128i) -> __m128, _mm_cvtepi32_ps(sums));
    sse2!(weights_to_floats(sums: __m128i) -> __m128, _mm_cvtepi32_ps(sums));
}
