//! Weight matrices as the fast kernels read them: panels of sixteen rows.
//!
//! A panel holds its sixteen rows block by block, a block being 32 columns. In a block, a vector of
//! sixteen bytes holds four columns of four rows, so that one dot product of bytes adds to four rows at
//! once and no sum ever runs across a vector. The last panel is filled up with rows of zeros, the last
//! block with columns of zeros.

mod blocks;
#[cfg(test)]
#[allow(clippy::float_cmp, reason = "these are exact")]
mod tests;

pub use blocks::{BFloatBlock, Block, FloatBlock, HalfBlock, NibbleBlock, SignedBlock, SmallBlock, Steps};

use std::ops::Range;

use super::{BLOCK, f16, unpack::groups};
use crate::model::Format;

/// Rows of a panel.
pub const PANEL: usize = 16;

/// A matrix `(rows, columns)` in panels.
pub struct Packed {
    rows: usize,
    columns: usize,
    blocks: Blocks,
}

/// The blocks of a matrix: panel after panel, in a panel from the first columns to the last.
pub enum Blocks {
    /// Single precision.
    Floats(Vec<FloatBlock>),
    /// Half precision.
    Halves(Vec<HalfBlock>),
    /// bfloat16.
    BFloats(Vec<BFloatBlock>),
    /// Integers of four bits, with a scale and a minimum for 32 of them.
    Nibbles(Vec<NibbleBlock>),
    /// Integers of up to seven bits, with a scale and a minimum for sixteen of them.
    Small(Vec<SmallBlock>),
    /// Integers of eight bits and a sign, with a scale for 32 of them.
    Signed(Vec<SignedBlock>),
}

impl Packed {
    /// Packs a matrix of `bytes`, row after row in the file's own blocks.
    pub fn new(format: Format, rows: usize, columns: usize, bytes: &[u8]) -> Self {
        let row_bytes = bytes.len() / rows;
        let row = |index: usize| &bytes[index * row_bytes..][..row_bytes];
        let blocks = match format {
            Format::F32 => Blocks::Floats(fill(rows, columns, |index, blocks: &mut [FloatBlock], place| {
                for (column, &value) in row(index).as_chunks::<4>().0.iter().enumerate() {
                    blocks[column / BLOCK].set(place, column % BLOCK, f32::from_le_bytes(value));
                }
            })),
            Format::F16 => Blocks::Halves(fill(rows, columns, |index, blocks: &mut [HalfBlock], place| {
                for (column, &value) in row(index).as_chunks::<2>().0.iter().enumerate() {
                    blocks[column / BLOCK].set(place, column % BLOCK, u16::from_le_bytes(value));
                }
            })),
            Format::Bf16 => {
                Blocks::BFloats(fill(rows, columns, |index, blocks: &mut [BFloatBlock], place| {
                    for (column, &value) in row(index).as_chunks::<2>().0.iter().enumerate() {
                        blocks[column / BLOCK].set(place, column % BLOCK, u16::from_le_bytes(value));
                    }
                }))
            }
            Format::Q8_0 | Format::Iq4Nl | Format::Q5_0 => {
                Blocks::Signed(fill(rows, columns, |index, blocks: &mut [SignedBlock], place| {
                    groups(format, row(index), |at, group| {
                        blocks[at].set(place, &group.integers, group.scales[0]);
                    });
                }))
            }
            Format::Q4_0 | Format::Q4_1 | Format::Q4K => {
                Blocks::Nibbles(fill(rows, columns, |index, blocks: &mut [NibbleBlock], place| {
                    groups(format, row(index), |at, group| {
                        blocks[at].set(place, &group.integers, group.scales[0], group.minimums[0]);
                    });
                }))
            }
            Format::Q5_1 | Format::Q2K | Format::Q3K | Format::Q5K | Format::Q6K => {
                Blocks::Small(fill(rows, columns, |index, blocks: &mut [SmallBlock], place| {
                    groups(format, row(index), |at, group| {
                        blocks[at].set(place, &group.integers, group.scales, group.minimums);
                    });
                }))
            }
        };
        Self { rows, columns, blocks }
    }

    /// Bytes that a matrix takes when it is packed.
    pub fn size_bytes(format: Format, rows: usize, columns: usize) -> usize {
        let block_bytes = match format {
            Format::F32 => size_of::<FloatBlock>(),
            Format::F16 => size_of::<HalfBlock>(),
            Format::Bf16 => size_of::<BFloatBlock>(),
            Format::Q8_0 | Format::Iq4Nl | Format::Q5_0 => size_of::<SignedBlock>(),
            Format::Q4_0 | Format::Q4_1 | Format::Q4K => size_of::<NibbleBlock>(),
            Format::Q5_1 | Format::Q2K | Format::Q3K | Format::Q5K | Format::Q6K => size_of::<SmallBlock>(),
        };
        rows.div_ceil(PANEL) * columns.div_ceil(BLOCK) * block_bytes
    }

    /// Outputs.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Inputs.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Panels.
    pub fn panels(&self) -> usize {
        self.rows.div_ceil(PANEL)
    }

    /// The blocks.
    pub fn blocks(&self) -> &Blocks {
        &self.blocks
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        fn size<B>(blocks: &[B]) -> usize {
            size_of_val(blocks)
        }
        match &self.blocks {
            Blocks::Floats(blocks) => size(blocks),
            Blocks::Halves(blocks) => size(blocks),
            Blocks::BFloats(blocks) => size(blocks),
            Blocks::Nibbles(blocks) => size(blocks),
            Blocks::Small(blocks) => size(blocks),
            Blocks::Signed(blocks) => size(blocks),
        }
    }

    /// Row `index` in single precision, `(columns,)`: an embedding.
    pub fn row(&self, index: usize, output: &mut [f32]) {
        fn read<B: Block>(blocks: &[B], columns: usize, index: usize, output: &mut [f32]) {
            let n_blocks = columns.div_ceil(BLOCK);
            let panel = &blocks[index / PANEL * n_blocks..][..n_blocks];
            for (column, output) in output.iter_mut().enumerate() {
                *output = panel[column / BLOCK].weight(index % PANEL, column % BLOCK);
            }
        }
        match &self.blocks {
            Blocks::Floats(blocks) => read(blocks, self.columns, index, output),
            Blocks::Halves(blocks) => read(blocks, self.columns, index, output),
            Blocks::BFloats(blocks) => read(blocks, self.columns, index, output),
            Blocks::Nibbles(blocks) => read(blocks, self.columns, index, output),
            Blocks::Small(blocks) => read(blocks, self.columns, index, output),
            Blocks::Signed(blocks) => read(blocks, self.columns, index, output),
        }
    }
}

/// Blocks of zeros for a whole matrix, and then row after row put into its panel at its place.
fn fill<B: Block>(rows: usize, columns: usize, mut put: impl FnMut(usize, &mut [B], usize)) -> Vec<B> {
    let n_blocks = columns.div_ceil(BLOCK);
    let mut blocks = vec![B::ZERO; rows.div_ceil(PANEL) * n_blocks];
    for (panel, blocks) in blocks.chunks_exact_mut(n_blocks).enumerate() {
        fill_panel(panel * PANEL..rows.min((panel + 1) * PANEL), blocks, &mut put);
    }
    blocks
}

/// A call for every panel: a browser puts better code in the place of a function only between two calls of it.
#[inline(never)]
fn fill_panel<B: Block>(rows: Range<usize>, blocks: &mut [B], put: &mut impl FnMut(usize, &mut [B], usize)) {
    for row in rows {
        put(row, blocks, row % PANEL);
    }
}

/// Halves as [`f16::to_f32`] reads them.
fn widen(half: u16) -> f32 {
    f16::to_f32(half)
}
