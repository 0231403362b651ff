//! For every x86-64: SSE2 belongs to the architecture.
#![allow(unsafe_code)]

use std::arch::x86_64::{
    __m128i, _mm_add_epi32, _mm_add_ps, _mm_cvtepi32_ps, _mm_loadu_si128, _mm_madd_epi16, _mm_mul_ps,
    _mm_set1_ps, _mm_setzero_ps, _mm_storeu_ps,
};

use super::{BLOCK, Row, fold};

#[inline]
pub(super) fn dots<const N: usize>(a: Row, b: [Row; N], results: &mut [f32; N]) {
    // SAFETY: this file is compiled for targets with SSE2 only.
    unsafe { dots_sse2(a, b, results) }
}

#[inline]
#[target_feature(enable = "sse2")]
fn dots_sse2<const N: usize>(a: Row, b: [Row; N], results: &mut [f32; N]) {
    let a_blocks = a.0.as_chunks::<BLOCK>().0;
    let b_blocks = b.map(|row| row.0.as_chunks::<BLOCK>().0);
    let n_blocks = b_blocks.iter().fold(a_blocks.len(), |least, blocks| least.min(blocks.len()));
    let mut sums = [_mm_setzero_ps(); N];
    for block in 0..n_blocks {
        let x = load(&a_blocks[block]);
        for n in 0..N {
            let y = load(&b_blocks[n][block]);
            let pairs = _mm_add_epi32(
                _mm_add_epi32(_mm_madd_epi16(x[0], y[0]), _mm_madd_epi16(x[1], y[1])),
                _mm_add_epi32(_mm_madd_epi16(x[2], y[2]), _mm_madd_epi16(x[3], y[3])),
            );
            let scale = _mm_set1_ps(a.1[block] * b[n].1[block]);
            sums[n] = _mm_add_ps(sums[n], _mm_mul_ps(_mm_cvtepi32_ps(pairs), scale));
        }
    }
    for (result, sums) in results.iter_mut().zip(sums) {
        let mut lanes = [0.0; 4];
        // SAFETY: `lanes` is 16 bytes long, and the store needs no alignment.
        unsafe { _mm_storeu_ps(lanes.as_mut_ptr(), sums) };
        *result = fold(lanes);
    }
}

#[inline]
#[target_feature(enable = "sse2")]
fn load(block: &[i16; BLOCK]) -> [__m128i; 4] {
    let parts = block.as_chunks::<8>().0;
    // SAFETY: each part is 16 bytes long, and the load needs no alignment.
    [0, 1, 2, 3].map(|part| unsafe { _mm_loadu_si128(parts[part].as_ptr().cast()) })
}
