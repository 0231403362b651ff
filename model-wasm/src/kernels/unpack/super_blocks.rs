//! K-quants: super-blocks of 256 weights, whose scales and minimums are integers too, times one or two
//! half-precision numbers. Each function reads group `g` of the eight in a block.

use super::{BLOCK, Group, Multiples, half};

/// Sixteen bytes of a 4-bit scale (low) and a 4-bit minimum (high), 64 bytes of 2-bit integers, the number
/// for the scales and that for the minimums.
pub(super) fn q2_k(block: &[u8; 84], g: usize) -> Group {
    let pair = [block[2 * g], block[2 * g + 1]].map(i16::from);
    Group {
        integers: two_bits(&block[16..80], g),
        scales: Multiples { half: half(block, 80), factors: pair.map(|byte| byte & 15) },
        minimums: Multiples { half: half(block, 82), factors: pair.map(|byte| byte >> 4) },
    }
}

/// 32 bytes of third bits, one bit a group, 64 bytes of 2-bit integers, twelve bytes of sixteen 6-bit scales,
/// the number for the scales. Integers are stored with 4 added, scales with 32.
pub(super) fn q3_k(block: &[u8; 110], g: usize) -> Group {
    let low = two_bits(&block[32..96], g);
    let packed = &block[96..108];
    let factors = [2 * g, 2 * g + 1].map(|i| {
        let low = (packed[i % 8] >> (i / 8 * 4)) & 15;
        let high = (packed[8 + i % 4] >> (i / 4 * 2)) & 3;
        i16::from(low | high << 4) - 32
    });
    let scales = Multiples { half: half(block, 108), factors };
    Group {
        integers: std::array::from_fn(|i| low[i] | i16::from((block[i] >> g) & 1) << 2),
        scales,
        minimums: scales.times(4),
    }
}

/// The two numbers, twelve bytes of eight 6-bit scales and minimums, 128 bytes of 4-bit integers.
pub(super) fn q4_k(block: &[u8; 144], g: usize) -> Group {
    let [scales, minimums] = scale_and_minimum(block, g);
    Group { integers: four_bits(&block[16..], g), scales, minimums }
}

/// As [`q4_k`], with 32 bytes of fifth bits, one bit a group, before the integers.
pub(super) fn q5_k(block: &[u8; 176], g: usize) -> Group {
    let [scales, minimums] = scale_and_minimum(block, g);
    let low = four_bits(&block[48..], g);
    let integers = std::array::from_fn(|i| low[i] | i16::from((block[16 + i] >> g) & 1) << 4);
    Group { integers, scales, minimums }
}

/// 128 bytes of low halves, 64 bytes of upper pairs of bits, sixteen 8-bit scales, the number for the scales.
/// Integers are stored with 32 added.
pub(super) fn q6_k(block: &[u8; 210], g: usize) -> Group {
    let (part, k) = (g / 4, g % 4);
    let low = &block[64 * part + 32 * (k % 2)..][..BLOCK];
    let high = &block[128 + 32 * part..][..BLOCK];
    let factors = [192 + 2 * g, 193 + 2 * g].map(|at| i16::from(block[at].cast_signed()));
    let scales = Multiples { half: half(block, 208), factors };
    Group {
        integers: std::array::from_fn(|i| {
            i16::from((low[i] >> (k / 2 * 4)) & 15 | ((high[i] >> (2 * k)) & 3) << 4)
        }),
        scales,
        minimums: scales.times(32),
    }
}

/// Group `g` of 2-bit integers: 32 bytes hold four groups, one above the other.
fn two_bits(bytes: &[u8], g: usize) -> [i16; BLOCK] {
    std::array::from_fn(|i| i16::from((bytes[g / 4 * BLOCK + i] >> (g % 4 * 2)) & 3))
}

/// Group `g` of 4-bit integers: 32 bytes hold two groups.
fn four_bits(bytes: &[u8], g: usize) -> [i16; BLOCK] {
    std::array::from_fn(|i| i16::from((bytes[g / 2 * BLOCK + i] >> (g % 2 * 4)) & 15))
}

/// Scale and minimum of group `g` in `q4_k` and `q5_k`: the first four of each in the low six bits of eight
/// bytes, the others in the four bytes after and the upper bits of the eight.
fn scale_and_minimum(block: &[u8], g: usize) -> [Multiples; 2] {
    let packed = &block[4..16];
    let (scale, minimum) = if g < 4 {
        (packed[g] & 63, packed[g + 4] & 63)
    } else {
        (packed[g + 4] & 15 | packed[g - 4] >> 6 << 4, packed[g + 4] >> 4 | packed[g] >> 6 << 4)
    };
    [(0, scale), (2, minimum)].map(|(at, factor)| Multiples::once(half(block, at)).times(i16::from(factor)))
}
