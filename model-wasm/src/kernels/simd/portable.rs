//! Plain Rust: the oracle of the others, and what runs where there is nothing better.

use super::{Kernel, Simd};
use crate::kernels::f16;

/// See the module.
#[derive(Debug, Clone, Copy)]
pub struct Portable;

fn map<A: Copy, B>(a: [A; 4], f: impl Fn(A) -> B) -> [B; 4] {
    a.map(f)
}

fn zip<A: Copy, B>(a: [A; 4], b: [A; 4], f: impl Fn(A, A) -> B) -> [B; 4] {
    std::array::from_fn(|i| f(a[i], b[i]))
}

impl Simd for Portable {
    type Bytes = [u8; 16];
    type SmallSums = [i32; 4];
    type WeightSums = [i32; 4];
    type Ints = [i32; 4];
    type Floats = [f32; 4];

    const ACTIVATION_OFFSET: u8 = 0;

    #[inline(always)]
    fn run<K: Kernel>(kernel: K) -> K::Output {
        kernel.run::<Self>()
    }

    #[inline(always)]
    fn load(bytes: &[u8; 16]) -> [u8; 16] {
        *bytes
    }
    #[inline(always)]
    fn splat4(bytes: &[u8; 4]) -> [u8; 16] {
        std::array::from_fn(|i| bytes[i % 4])
    }
    #[inline(always)]
    fn store_bytes(bytes: [u8; 16], place: &mut [u8; 16]) {
        *place = bytes;
    }
    #[inline(always)]
    fn pick(bytes: [u8; 16], right: i32, mask: u8) -> [u8; 16] {
        bytes.map(|byte| mask & if right < 0 { byte << -right } else { byte >> right })
    }
    #[inline(always)]
    fn or(a: [u8; 16], b: [u8; 16]) -> [u8; 16] {
        std::array::from_fn(|i| a[i] | b[i])
    }
    #[inline(always)]
    fn look_up(table: &[u8; 16], places: [u8; 16]) -> [u8; 16] {
        places.map(|place| table[usize::from(place)])
    }

    #[inline(always)]
    fn dot_small(sums: [i32; 4], small: [u8; 16], signed: [u8; 16]) -> [i32; 4] {
        std::array::from_fn(|i| {
            (4 * i..4 * i + 4).fold(sums[i], |sum, j| sum + i32::from(small[j]) * i32::from(signed[j] as i8))
        })
    }
    #[inline(always)]
    fn dot_weights(sums: [i32; 4], weights: [u8; 16], activations: [u8; 16]) -> [i32; 4] {
        std::array::from_fn(|i| {
            (4 * i..4 * i + 4)
                .fold(sums[i], |sum, j| sum + i32::from(weights[j] as i8) * i32::from(activations[j] as i8))
        })
    }

    #[inline(always)]
    fn start_small(value: i32) -> [i32; 4] {
        [value; 4]
    }
    #[inline(always)]
    fn start_weights(_: &[i16; 4]) -> [i32; 4] {
        [0; 4]
    }
    #[inline(always)]
    fn small_to_floats(sums: [i32; 4]) -> [f32; 4] {
        map(sums, |sum| sum as f32)
    }
    #[inline(always)]
    fn weights_to_floats(sums: [i32; 4]) -> [f32; 4] {
        map(sums, |sum| sum as f32)
    }

    #[inline(always)]
    fn floats(values: &[f32; 4]) -> [f32; 4] {
        *values
    }
    #[inline(always)]
    fn widen_halves(halves: &[u16; 4]) -> [f32; 4] {
        map(*halves, f16::to_f32)
    }
    #[inline(always)]
    fn widen_bytes(bytes: &[i8; 4]) -> [f32; 4] {
        map(*bytes, f32::from)
    }
    #[inline(always)]
    fn widen_bfloats(halves: &[u16; 4]) -> [f32; 4] {
        map(*halves, |half| f32::from_bits(u32::from(half) << 16))
    }
    #[inline(always)]
    fn splat(value: f32) -> [f32; 4] {
        [value; 4]
    }
    #[inline(always)]
    fn add(a: [f32; 4], b: [f32; 4]) -> [f32; 4] {
        zip(a, b, |a, b| a + b)
    }
    #[inline(always)]
    fn sub(a: [f32; 4], b: [f32; 4]) -> [f32; 4] {
        zip(a, b, |a, b| a - b)
    }
    #[inline(always)]
    fn mul(a: [f32; 4], b: [f32; 4]) -> [f32; 4] {
        zip(a, b, |a, b| a * b)
    }
    #[inline(always)]
    fn div(a: [f32; 4], b: [f32; 4]) -> [f32; 4] {
        zip(a, b, |a, b| a / b)
    }
    #[inline(always)]
    fn min(a: [f32; 4], b: [f32; 4]) -> [f32; 4] {
        zip(a, b, |a, b| if b < a { b } else { a })
    }
    #[inline(always)]
    fn max(a: [f32; 4], b: [f32; 4]) -> [f32; 4] {
        zip(a, b, |a, b| if b > a { b } else { a })
    }
    #[inline(always)]
    fn abs(a: [f32; 4]) -> [f32; 4] {
        map(a, f32::abs)
    }
    #[inline(always)]
    fn to_bits(a: [f32; 4]) -> [i32; 4] {
        map(a, |a| a.to_bits() as i32)
    }
    #[inline(always)]
    fn from_bits(a: [i32; 4]) -> [f32; 4] {
        map(a, |a| f32::from_bits(a as u32))
    }
    #[inline(always)]
    fn add_ints(a: [i32; 4], b: [i32; 4]) -> [i32; 4] {
        zip(a, b, i32::wrapping_add)
    }
    #[inline(always)]
    fn to_exponent(a: [i32; 4]) -> [i32; 4] {
        map(a, |a| a << 23)
    }
    #[inline(always)]
    fn store(a: [f32; 4]) -> [f32; 4] {
        a
    }
    #[inline(always)]
    fn narrow(ints: [[i32; 4]; 4]) -> [u8; 16] {
        std::array::from_fn(|i| ints[i / 4][i % 4] as u8)
    }
}
