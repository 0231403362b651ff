//! Blocks of 32 weights with one scale, and a minimum where the name ends in 1.
//!
//! Half-precision numbers come first, then fifth bits where there are any, then integers: byte `i` of sixteen
//! holds weight `i` in its low half and weight `i + 16` in its high half.

use super::{BLOCK, Group, half};

pub(super) fn q8_0(block: &[u8; 34]) -> Group {
    Group::even(std::array::from_fn(|i| i16::from(block[2 + i].cast_signed())), half(block, 0), 0.0)
}

pub(super) fn q4_0(block: &[u8; 18]) -> Group {
    let scale = half(block, 0);
    Group::even(nibbles(&block[2..]), scale, 8.0 * scale)
}

pub(super) fn q4_1(block: &[u8; 20]) -> Group {
    Group::even(nibbles(&block[4..]), half(block, 0), -half(block, 2))
}

pub(super) fn q5_0(block: &[u8; 22]) -> Group {
    Group::even(five_bits(&block[2..]).map(|integer| integer - 16), half(block, 0), 0.0)
}

pub(super) fn q5_1(block: &[u8; 24]) -> Group {
    Group::even(five_bits(&block[4..]), half(block, 0), -half(block, 2))
}

/// Integers that stand for these: closer together near zero, where most weights are.
const NON_LINEAR: [i16; 16] = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

pub(super) fn iq4_nl(block: &[u8; 18]) -> Group {
    Group::even(nibbles(&block[2..]).map(|index| NON_LINEAR[index as usize]), half(block, 0), 0.0)
}

fn nibbles(bytes: &[u8]) -> [i16; BLOCK] {
    std::array::from_fn(|i| i16::from((bytes[i % 16] >> (i / 16 * 4)) & 15))
}

/// Four bytes of fifth bits, then nibbles.
fn five_bits(bytes: &[u8]) -> [i16; BLOCK] {
    let low = nibbles(&bytes[4..]);
    std::array::from_fn(|i| low[i] | i16::from((bytes[i / 8] >> (i % 8)) & 1) << 4)
}
