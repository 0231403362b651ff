//! What ggml's quantised rows hold: integers with scales and minimums, 32 weights at a time.

mod legacy;
mod super_blocks;
#[cfg(test)]
mod tests;

pub use legacy::NON_LINEAR;

use super::{BLOCK, f16};
use crate::model::Format;

/// 32 weights of a row, sixteen with each scale and minimum: weight = scale * integer - minimum.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// From 0 to 63, or with a sign where there is no minimum.
    pub integers: [i16; BLOCK],
    /// Of the first sixteen and of the last.
    pub scales: Multiples,
    /// As the scales.
    pub minimums: Multiples,
}

/// Two multiples of a number, exact in single precision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Multiples {
    /// The number, in half precision.
    pub half: u16,
    /// From -1024 to 1016.
    pub factors: [i16; 2],
}

impl Multiples {
    /// Of a number that is not there.
    const NONE: Self = Self { half: 0, factors: [0; 2] };

    /// The number itself, twice.
    fn once(half: u16) -> Self {
        Self { half, factors: [1; 2] }
    }

    /// Each times `factor`.
    fn times(self, factor: i16) -> Self {
        Self { factors: self.factors.map(|multiple| factor * multiple), ..self }
    }

    /// In single precision.
    pub fn values(self) -> [f32; 2] {
        self.factors.map(|factor| f16::to_f32(self.half) * f32::from(factor))
    }
}

impl Group {
    /// The weights, in single precision.
    pub fn weights(&self) -> [f32; BLOCK] {
        let (scales, minimums) = (self.scales.values(), self.minimums.values());
        std::array::from_fn(|i| {
            let half = i / (BLOCK / 2);
            scales[half] * f32::from(self.integers[i]) - minimums[half]
        })
    }
}

/// Calls `put` with the number of each group in a row and the group.
///
/// # Panics
/// When `format` is not quantised.
pub fn groups(format: Format, row: &[u8], put: impl FnMut(usize, Group)) {
    match format {
        Format::Q8_0 => each(row, legacy::q8_0, put),
        Format::Q4_0 => each(row, legacy::q4_0, put),
        Format::Q4_1 => each(row, legacy::q4_1, put),
        Format::Q5_0 => each(row, legacy::q5_0, put),
        Format::Q5_1 => each(row, legacy::q5_1, put),
        Format::Iq4Nl => each(row, legacy::iq4_nl, put),
        Format::Q2K => each_of_eight(row, super_blocks::q2_k, put),
        Format::Q3K => each_of_eight(row, super_blocks::q3_k, put),
        Format::Q4K => each_of_eight(row, super_blocks::q4_k, put),
        Format::Q5K => each_of_eight(row, super_blocks::q5_k, put),
        Format::Q6K => each_of_eight(row, super_blocks::q6_k, put),
        Format::F32 | Format::F16 | Format::Bf16 => unreachable!("{format:?} has no groups"),
    }
}

/// The groups of blocks of `BYTES`, one group a block.
fn each<const BYTES: usize>(
    row: &[u8],
    read: impl Fn(&[u8; BYTES]) -> Group,
    mut put: impl FnMut(usize, Group),
) {
    for (index, block) in row.as_chunks().0.iter().enumerate() {
        put(index, read(block));
    }
}

/// The groups of super-blocks of `BYTES`, eight groups each.
fn each_of_eight<const BYTES: usize>(
    row: &[u8],
    read: impl Fn(&[u8; BYTES], usize) -> Group,
    mut put: impl FnMut(usize, Group),
) {
    for (index, block) in row.as_chunks().0.iter().enumerate() {
        for group in 0..8 {
            put(8 * index + group, read(block, group));
        }
    }
}

/// The half-precision number at `at`.
fn half(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}
