//! x86-64: SSE2, which every such processor has, and dot products of bytes, as AVX-VNNI or AVX-512 has them.
#![allow(unsafe_code)]
// Some of the instructions are safe to call, others not; the macro does not know which.
#![allow(unused_unsafe)]

use std::arch::x86_64::{
    __m128, __m128i, _mm_add_epi32, _mm_add_ps, _mm_and_ps, _mm_and_si128, _mm_castps_si128,
    _mm_castsi128_ps, _mm_cvtepi32_ps, _mm_cvtsi32_si128, _mm_div_ps, _mm_dpbusd_avx_epi32, _mm_dpbusd_epi32,
    _mm_loadl_epi64, _mm_loadu_ps, _mm_loadu_si128, _mm_madd_epi16, _mm_max_ps, _mm_min_ps, _mm_mul_ps,
    _mm_or_si128, _mm_packs_epi16, _mm_packs_epi32, _mm_set1_epi8, _mm_set1_epi32, _mm_set1_epi64x,
    _mm_set1_ps, _mm_setzero_si128, _mm_shuffle_epi8, _mm_shuffle_ps, _mm_sll_epi16, _mm_slli_epi32,
    _mm_srai_epi16, _mm_srai_epi32, _mm_srl_epi16, _mm_storeu_ps, _mm_storeu_si128, _mm_sub_ps,
    _mm_unpackhi_epi8, _mm_unpacklo_epi8, _mm_unpacklo_epi16,
};

use super::{Kernel, Products, Simd};

/// What every x86-64 has.
#[derive(Debug, Clone, Copy)]
pub struct Sse2;

/// With dot products of unsigned by signed bytes.
trait Vnni: Simd<Bytes = __m128i, Ints = __m128i> {
    /// `sums[i] + unsigned[4 i + j] * signed[4 i + j]`, summed over `j < 4`.
    fn dot(sums: __m128i, unsigned: __m128i, signed: __m128i) -> __m128i;
}

/// What the two have in common; all of it is SSE2.
macro_rules! sse2 {
    () => {
        type Bytes = __m128i;
        type Ints = __m128i;
        type Floats = __m128;

        sse2!(load(bytes: &[u8; 16]) -> __m128i, _mm_loadu_si128(bytes.as_ptr().cast()));
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
        #[inline(always)]
        fn load_pairs<const N: usize>(pairs: &[[i16; 2]]) -> [__m128i; N] {
            let vectors = pairs.as_chunks::<4>().0;
            // SAFETY: SSE2 belongs to the architecture; 16 bytes are there each time, and need no alignment.
            std::array::from_fn(|n| unsafe { _mm_loadu_si128(vectors[n].as_ptr().cast()) })
        }
        #[inline(always)]
        fn widen_pairs<const N: usize>(pairs: &[[i8; 2]]) -> [__m128i; N] {
            let vectors = pairs.as_chunks::<4>().0;
            // SAFETY: SSE2 belongs to the architecture; 8 bytes are there each time, and need no alignment.
            std::array::from_fn(|n| unsafe {
                let bytes = _mm_loadl_epi64(vectors[n].as_ptr().cast());
                _mm_srai_epi16::<8>(_mm_unpacklo_epi8(bytes, bytes))
            })
        }
        sse2!(splat_pair(pair: &[i16; 2]) -> __m128i,
            _mm_set1_epi32(i32::from(pair[1]) << 16 | i32::from(pair[0].cast_unsigned())));
        sse2!(add_pairs(sums: __m128i, a: __m128i, b: __m128i) -> __m128i, _mm_add_epi32(sums, _mm_madd_epi16(a, b)));
        sse2!(narrow_pairs(ints: [__m128i; 2]) -> [[i16; 2]; 4], {
            let mut pairs = [[0; 2]; 4];
            _mm_storeu_si128(pairs.as_mut_ptr().cast(), _mm_packs_epi32(ints[0], ints[1]));
            pairs
        });
        sse2!(to_floats(a: __m128i) -> __m128, _mm_cvtepi32_ps(a));
        sse2!(floats(values: &[f32; 4]) -> __m128, _mm_loadu_ps(values.as_ptr()));
        sse2!(widen_halves(halves: &[u16; 4], unit: __m128) -> __m128, {
            // To the upper half, and then with the sign extended to where a float has its exponent.
            let upper = _mm_unpacklo_epi16(_mm_setzero_si128(), _mm_loadl_epi64(halves.as_ptr().cast()));
            let bits = _mm_and_si128(_mm_srai_epi32::<3>(upper), _mm_set1_epi32(0x8fff_e000_u32.cast_signed()));
            _mm_mul_ps(_mm_castsi128_ps(bits), unit)
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
        sse2!(largest(a: __m128) -> __m128, {
            let a = _mm_max_ps(a, _mm_shuffle_ps::<0b01_00_11_10>(a, a));
            _mm_max_ps(a, _mm_shuffle_ps::<0b10_11_00_01>(a, a))
        });
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

impl Simd for Sse2 {
    type Small = Widened;
    type Signed = Widened;

    sse2!();

    #[inline(always)]
    fn run<K: Kernel<Self>>(kernel: K) -> K::Output {
        kernel.run()
    }
    fn look_up(table: &[u8; 16], places: __m128i) -> __m128i {
        let mut bytes = [0; 16];
        Self::store_bytes(places, &mut bytes);
        Self::load(&bytes.map(|place| table[usize::from(place)]))
    }
}

/// Defines a processor with dot products by the features that have them.
macro_rules! vnni {
    ($name:ident, $doc:literal, $features:literal, [$($feature:tt),*], $dot:ident) => {
        #[doc = $doc]
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        impl $name {
            /// Whether this processor is one.
            pub fn is_there() -> bool {
                $(is_x86_feature_detected!($feature))&&*
            }
        }

        impl Simd for $name {
            type Small = Whole;
            type Signed = Whole;

            sse2!();

            #[inline(always)]
            fn run<K: Kernel<Self>>(kernel: K) -> K::Output {
                #[target_feature(enable = $features)]
                fn with_features<K: Kernel<$name>>(kernel: K) -> K::Output {
                    kernel.run()
                }
                assert!(Self::is_there(), "this processor lacks {}", $features);
                // SAFETY: the features are there.
                unsafe { with_features(kernel) }
            }
            // `run` has seen to it that the instructions are there.
            sse2!(look_up(table: &[u8; 16], places: __m128i) -> __m128i,
                _mm_shuffle_epi8(Self::load(table), places));
        }

        impl Vnni for $name {
            // `run` has seen to it that the instruction is there.
            sse2!(dot(sums: __m128i, unsigned: __m128i, signed: __m128i) -> __m128i, $dot(sums, unsigned, signed));
        }
    };
}

vnni!(AvxVnni, "AVX-VNNI.", "avx2,avxvnni", ["avx2", "avxvnni"], _mm_dpbusd_avx_epi32);
vnni!(
    Avx512Vnni,
    "The dot products of AVX-512, of vectors of 128 bits.",
    "avx2,avx512vl,avx512vnni",
    ["avx2", "avx512vl", "avx512vnni"],
    _mm_dpbusd_epi32
);

/// Products of sixteen bits, two by two: of rows 0 and 1 of a tile, and of rows 2 and 3. The sum of a row is in two parts,
/// that of its first two columns and that of its last two, until the end.
#[derive(Debug, Clone, Copy)]
pub struct Widened;

impl<S: Simd<Bytes = __m128i, Ints = __m128i>> Products<S> for Widened {
    const AT_ONCE: [usize; 2] = [2, 2];
    type Step = [u8; 8];
    type Weights = [__m128i; 2];
    type Activations = __m128i;
    type Sums = [__m128i; 2];

    #[inline(always)]
    fn keep(step: [i8; 4]) -> [u8; 8] {
        let pairs = step.map(|activation| i16::from(activation).to_le_bytes());
        std::array::from_fn(|at| pairs[at / 2][at % 2])
    }
    sse2!(activations(step: &[u8; 8]) -> __m128i, _mm_set1_epi64x(i64::from_le_bytes(*step)));
    sse2!(weights(bytes: __m128i) -> [__m128i; 2], {
        let zero = _mm_setzero_si128();
        [_mm_unpacklo_epi8(bytes, zero), _mm_unpackhi_epi8(bytes, zero)]
    });
    // In the first part of each row.
    sse2!(start(value: &i32) -> [__m128i; 2], [_mm_set1_epi64x(i64::from(value.cast_unsigned())); 2]);
    sse2!(add(sums: [__m128i; 2], weights: [__m128i; 2], activations: __m128i) -> [__m128i; 2], {
        let [first, last] = [0, 1].map(|half| _mm_add_epi32(sums[half], _mm_madd_epi16(weights[half], activations)));
        [first, last]
    });
    sse2!(shifted(sums: [__m128i; 2]) -> __m128i, {
        let [first, last] = [_mm_castsi128_ps(sums[0]), _mm_castsi128_ps(sums[1])];
        _mm_add_epi32(
            _mm_castps_si128(_mm_shuffle_ps::<0b10_00_10_00>(first, last)),
            _mm_castps_si128(_mm_shuffle_ps::<0b11_01_11_01>(first, last)),
        )
    });
}

/// Products with weights as the unsigned operand.
#[derive(Debug, Clone, Copy)]
pub struct Whole;

impl<S: Vnni> Products<S> for Whole {
    type Step = [u8; 4];
    type Weights = __m128i;
    type Activations = __m128i;
    type Sums = __m128i;

    #[inline(always)]
    fn keep(step: [i8; 4]) -> [u8; 4] {
        step.map(i8::cast_unsigned)
    }
    sse2!(activations(step: &[u8; 4]) -> __m128i, splat4(step));
    sse2!(weights(bytes: __m128i) -> __m128i, bytes);
    sse2!(start(value: &i32) -> __m128i, _mm_set1_epi32(*value));
    sse2!(add(sums: __m128i, weights: __m128i, activations: __m128i) -> __m128i, S::dot(sums, weights, activations));
    sse2!(shifted(sums: __m128i) -> __m128i, sums);
}

/// Four bytes, four times.
#[inline(always)]
fn splat4(step: &[u8; 4]) -> __m128i {
    // SAFETY: SSE2 belongs to the architecture.
    unsafe { _mm_set1_epi32(i32::from_le_bytes(*step)) }
}
