//! Plain Rust: the oracle of the others, and what runs where there is nothing better.

use super::{Kernel, Products, Simd};
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
    type Ints = [i32; 4];
    type Floats = [f32; 4];
    type Small = Self;
    type Signed = Self;

    #[inline(always)]
    fn run<K: Kernel<Self>>(kernel: K) -> K::Output {
        kernel.run()
    }

    #[inline(always)]
    fn load(bytes: &[u8; 16]) -> [u8; 16] {
        *bytes
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
    fn load_pairs<const N: usize>(pairs: &[[i16; 2]]) -> [[u8; 16]; N] {
        std::array::from_fn(|n| {
            std::array::from_fn(|at| pairs[4 * n + at / 4][at / 2 % 2].to_le_bytes()[at % 2])
        })
    }
    #[inline(always)]
    fn widen_pairs<const N: usize>(pairs: &[[i8; 2]]) -> [[u8; 16]; N] {
        std::array::from_fn(|n| {
            std::array::from_fn(|at| i16::from(pairs[4 * n + at / 4][at / 2 % 2]).to_le_bytes()[at % 2])
        })
    }
    #[inline(always)]
    fn splat_pair(pair: &[i16; 2]) -> [u8; 16] {
        std::array::from_fn(|at| pair[at / 2 % 2].to_le_bytes()[at % 2])
    }
    #[inline(always)]
    fn add_pairs(sums: [i32; 4], a: [u8; 16], b: [u8; 16]) -> [i32; 4] {
        let number = |bytes: [u8; 16], at: usize| i32::from(i16::from_le_bytes([bytes[at], bytes[at + 1]]));
        let product = |at: usize| number(a, at) * number(b, at);
        std::array::from_fn(|i| sums[i].wrapping_add(product(4 * i).wrapping_add(product(4 * i + 2))))
    }
    #[inline(always)]
    fn narrow_pairs(ints: [[i32; 4]; 2]) -> [[i16; 2]; 4] {
        std::array::from_fn(|pair| std::array::from_fn(|i| ints[pair / 2][pair % 2 * 2 + i] as i16))
    }
    #[inline(always)]
    fn to_floats(a: [i32; 4]) -> [f32; 4] {
        map(a, |a| a as f32)
    }

    #[inline(always)]
    fn floats(values: &[f32; 4]) -> [f32; 4] {
        *values
    }
    #[inline(always)]
    fn widen_halves(halves: &[u16; 4], unit: [f32; 4]) -> [f32; 4] {
        std::array::from_fn(|i| f16::widen(halves[i], unit[i]))
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
    fn largest(a: [f32; 4]) -> [f32; 4] {
        [a.into_iter().fold(a[0], |a, b| if b > a { b } else { a }); 4]
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

impl Products<Self> for Portable {
    type Step = [u8; 4];
    type Weights = [u8; 16];
    type Activations = [i8; 4];
    type Sums = [i32; 4];

    #[inline(always)]
    fn keep(step: [i8; 4]) -> [u8; 4] {
        step.map(i8::cast_unsigned)
    }
    #[inline(always)]
    fn activations(step: &[u8; 4]) -> [i8; 4] {
        std::array::from_fn(|i| step[i].cast_signed())
    }
    #[inline(always)]
    fn weights(bytes: [u8; 16]) -> [u8; 16] {
        bytes
    }
    #[inline(always)]
    fn start(value: &i32) -> [i32; 4] {
        [*value; 4]
    }
    #[inline(always)]
    fn add(sums: [i32; 4], weights: [u8; 16], activations: [i8; 4]) -> [i32; 4] {
        let product = |i: usize| i32::from(weights[i]) * i32::from(activations[i % 4]);
        std::array::from_fn(|i| (4 * i..4 * i + 4).fold(sums[i], |sum, j| sum + product(j)))
    }
    #[inline(always)]
    fn shifted(sums: [i32; 4]) -> [i32; 4] {
        sums
    }
}
