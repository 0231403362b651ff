//! For WebAssembly with simd128.
#![allow(unsafe_code)]

use std::arch::wasm32::{
    f32x4_add, f32x4_convert_i32x4, f32x4_extract_lane, f32x4_mul, f32x4_splat, i32x4_add, i32x4_dot_i16x8,
    v128, v128_load,
};

use super::{BLOCK, Row, fold};

#[inline]
pub(super) fn dots<const N: usize>(a: Row, b: [Row; N], results: &mut [f32; N]) {
    let a_blocks = a.0.as_chunks::<BLOCK>().0;
    let b_blocks = b.map(|row| row.0.as_chunks::<BLOCK>().0);
    let n_blocks = b_blocks.iter().fold(a_blocks.len(), |least, blocks| least.min(blocks.len()));
    let mut sums = [f32x4_splat(0.0); N];
    for block in 0..n_blocks {
        let x = load(&a_blocks[block]);
        for n in 0..N {
            let y = load(&b_blocks[n][block]);
            let pairs = i32x4_add(
                i32x4_add(i32x4_dot_i16x8(x[0], y[0]), i32x4_dot_i16x8(x[1], y[1])),
                i32x4_add(i32x4_dot_i16x8(x[2], y[2]), i32x4_dot_i16x8(x[3], y[3])),
            );
            let scale = f32x4_splat(a.1[block] * b[n].1[block]);
            sums[n] = f32x4_add(sums[n], f32x4_mul(f32x4_convert_i32x4(pairs), scale));
        }
    }
    for (result, sums) in results.iter_mut().zip(sums) {
        *result = fold([
            f32x4_extract_lane::<0>(sums),
            f32x4_extract_lane::<1>(sums),
            f32x4_extract_lane::<2>(sums),
            f32x4_extract_lane::<3>(sums),
        ]);
    }
}

#[inline]
fn load(block: &[i16; BLOCK]) -> [v128; 4] {
    let parts = block.as_chunks::<8>().0;
    // SAFETY: each part is 16 bytes long, and the load needs no alignment.
    std::array::from_fn(|part| unsafe { v128_load(parts[part].as_ptr().cast()) })
}
