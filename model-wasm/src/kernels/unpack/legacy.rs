//! Blocks of 32 weights with one scale, and a minimum where the name ends in 1.
//!
//! Half-precision numbers come first, then fifth bits where there are any, then integers: byte `i` of sixteen
//! holds weight `i` in its low half and weight `i + 16` in its high half.

use super::{BLOCK, Group, Multiples, half};

pub(super) fn q8_0(block: &[u8; 34]) -> Group {
    signed(std::array::from_fn(|i| i16::from(block[2 + i].cast_signed())), half(block, 0))
}

pub(super) fn q4_0(block: &[u8; 18]) -> Group {
    offset(nibbles(&block[2..]), half(block, 0), 8)
}

pub(super) fn q4_1(block: &[u8; 20]) -> Group {
    with_lowest(nibbles(&block[4..]), half(block, 0), half(block, 2))
}

pub(super) fn q5_0(block: &[u8; 22]) -> Group {
    offset(five_bits(&block[2..]), half(block, 0), 16)
}

pub(super) fn q5_1(block: &[u8; 24]) -> Group {
    with_lowest(five_bits(&block[4..]), half(block, 0), half(block, 2))
}

/// Integers that stand for these: closer together near zero, where most weights are.
pub const NON_LINEAR: [i8; 16] = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

pub(super) fn iq4_nl(block: &[u8; 18]) -> Group {
    signed(nibbles(&block[2..]).map(|index| i16::from(NON_LINEAR[index as usize])), half(block, 0))
}

/// Integers with a sign.
fn signed(integers: [i16; BLOCK], half: u16) -> Group {
    Group { integers, scales: Multiples::once(half), minimums: Multiples::NONE }
}

/// Integers stored with `offset` added.
fn offset(integers: [i16; BLOCK], half: u16, offset: i16) -> Group {
    let scales = Multiples::once(half);
    Group { integers, scales, minimums: scales.times(offset) }
}

/// Integers to whose multiples the `lowest` weight is added.
fn with_lowest(integers: [i16; BLOCK], half: u16, lowest: u16) -> Group {
    Group { integers, scales: Multiples::once(half), minimums: Multiples::once(lowest).times(-1) }
}

fn nibbles(bytes: &[u8]) -> [i16; BLOCK] {
    std::array::from_fn(|i| i16::from((bytes[i % 16] >> (i / 16 * 4)) & 15))
}

/// Four bytes of fifth bits, then nibbles.
fn five_bits(bytes: &[u8]) -> [i16; BLOCK] {
    let low = nibbles(&bytes[4..]);
    std::array::from_fn(|i| low[i] | i16::from((bytes[i / 8] >> (i % 8)) & 1) << 4)
}
