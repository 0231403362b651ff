//! Weight matrices as the fast kernels read them: panels of sixteen rows.
//!
//! A panel holds its sixteen rows block by block, a block being 32 columns. In a block, a vector of
//! sixteen bytes holds four columns of four rows, so that one dot product of bytes adds to four rows at
//! once and no sum ever runs across a vector. The last panel is filled up with rows of zeros, the last
//! block with columns of zeros.

mod blocks;
mod compact;
#[cfg(test)]
#[allow(clippy::float_cmp, reason = "these are exact")]
mod tests;

pub use blocks::{BFloatBlock, Block, FloatBlock, HalfBlock, SignedBlock, Steps, TILES};
pub use compact::{NonLinearBlock, Q2KBlock, Q3KBlock, Q4_0Block, Q4Block, Q5_0Block, Q5Block, Q6KBlock};

use super::{
    BLOCK, f16,
    simd::{Portable, Simd},
    unpack::{Group, groups},
};
use crate::model::Format;

/// Rows of a panel.
pub const PANEL: usize = 16;

/// A matrix `(rows, columns)` in panels.
pub struct Packed {
    rows: usize,
    columns: usize,
    blocks: Blocks,
}

/// Sixteen rows by 32 columns as they lie in memory.
pub trait Stored: Clone + Send + Sync + 'static {
    /// What is multiplied.
    type Block: Block;
    /// Before anything is put into it.
    const EMPTY: Self;
    /// What is multiplied: the block itself, or `space` with what it has been unpacked to.
    fn unpack<'a, S: Simd>(&'a self, steps: Steps, space: &'a mut Self::Block) -> &'a Self::Block;
    /// Adds the products with one input to `sums`, as [`Block::add`] of what it is unpacked to.
    #[inline(always)]
    fn add_one<S: Simd>(&self, input: &InputOf<Self>, steps: Steps, sums: &mut [S::Floats; TILES]) {
        let mut space = Self::Block::ZERO;
        let block = self.unpack::<S>(steps, &mut space);
        block.add::<S, 1>([input], steps, std::array::from_mut(sums));
    }
}

/// What a block is multiplied with.
pub type InputOf<B> = <<B as Stored>::Block as Block>::Input;

impl<B: Block> Stored for B {
    type Block = B;
    const EMPTY: Self = B::ZERO;

    #[inline(always)]
    fn unpack<'a, S: Simd>(&'a self, _: Steps, _: &'a mut B) -> &'a B {
        self
    }
}

/// Blocks of quantised weights.
trait FromGroup: Stored {
    /// Puts a row where there are zeros.
    fn set(&mut self, row: usize, group: &Group);
}

/// The blocks of a matrix: panel after panel, in a panel from the first columns to the last.
pub enum Blocks {
    /// Single precision.
    Floats(Vec<FloatBlock>),
    /// Half precision.
    Halves(Vec<HalfBlock>),
    /// bfloat16.
    BFloats(Vec<BFloatBlock>),
    /// Integers of eight bits and a sign, with a scale for 32 of them.
    Signed(Vec<SignedBlock>),
    /// `Q4_0`
    Q4_0(Vec<Q4_0Block>),
    /// `Q4_1` and `Q4_K`
    Q4(Vec<Q4Block>),
    /// `IQ4_NL`
    NonLinear(Vec<NonLinearBlock>),
    /// `Q5_0`
    Q5_0(Vec<Q5_0Block>),
    /// `Q5_1` and `Q5_K`
    Q5(Vec<Q5Block>),
    /// `Q2_K`
    Q2K(Vec<Q2KBlock>),
    /// `Q3_K`
    Q3K(Vec<Q3KBlock>),
    /// `Q6_K`
    Q6K(Vec<Q6KBlock>),
}

/// `$do` with the blocks of any kind.
macro_rules! each_kind {
    ($of:expr, $blocks:ident => $do:expr) => {
        match $of {
            Blocks::Floats($blocks) => $do,
            Blocks::Halves($blocks) => $do,
            Blocks::BFloats($blocks) => $do,
            Blocks::Signed($blocks) => $do,
            Blocks::Q4_0($blocks) => $do,
            Blocks::Q4($blocks) => $do,
            Blocks::NonLinear($blocks) => $do,
            Blocks::Q5_0($blocks) => $do,
            Blocks::Q5($blocks) => $do,
            Blocks::Q2K($blocks) => $do,
            Blocks::Q3K($blocks) => $do,
            Blocks::Q6K($blocks) => $do,
        }
    };
}
pub(super) use each_kind;

impl Packed {
    /// Packs a matrix of `bytes`, row after row in the file's own blocks.
    pub fn new(format: Format, rows: usize, columns: usize, bytes: &[u8]) -> Self {
        let matrix = Matrix { format, rows, columns, bytes };
        let blocks = match format {
            Format::F32 => Blocks::Floats(matrix.fill(|row, blocks: &mut [FloatBlock], place| {
                for (column, &value) in row.as_chunks::<4>().0.iter().enumerate() {
                    blocks[column / BLOCK].set(place, column % BLOCK, f32::from_le_bytes(value));
                }
            })),
            Format::F16 => Blocks::Halves(matrix.fill(|row, blocks: &mut [HalfBlock], place| {
                for (column, &value) in row.as_chunks::<2>().0.iter().enumerate() {
                    blocks[column / BLOCK].set(place, column % BLOCK, u16::from_le_bytes(value));
                }
            })),
            Format::Bf16 => Blocks::BFloats(matrix.fill(|row, blocks: &mut [BFloatBlock], place| {
                for (column, &value) in row.as_chunks::<2>().0.iter().enumerate() {
                    blocks[column / BLOCK].set(place, column % BLOCK, u16::from_le_bytes(value));
                }
            })),
            Format::Q8_0 => Blocks::Signed(matrix.fill_with_groups()),
            Format::Q4_0 => Blocks::Q4_0(matrix.fill_with_groups()),
            Format::Q4_1 | Format::Q4K => Blocks::Q4(matrix.fill_with_groups()),
            Format::Iq4Nl => Blocks::NonLinear(matrix.fill_with_groups()),
            Format::Q5_0 => Blocks::Q5_0(matrix.fill_with_groups()),
            Format::Q5_1 | Format::Q5K => Blocks::Q5(matrix.fill_with_groups()),
            Format::Q2K => Blocks::Q2K(matrix.fill_with_groups()),
            Format::Q3K => Blocks::Q3K(matrix.fill_with_groups()),
            Format::Q6K => Blocks::Q6K(matrix.fill_with_groups()),
        };
        Self { rows, columns, blocks }
    }

    /// Bytes that a matrix takes when it is packed.
    pub fn size_bytes(format: Format, rows: usize, columns: usize) -> usize {
        let block_bytes = match format {
            Format::F32 => size_of::<FloatBlock>(),
            Format::F16 => size_of::<HalfBlock>(),
            Format::Bf16 => size_of::<BFloatBlock>(),
            Format::Q8_0 => size_of::<SignedBlock>(),
            Format::Q4_0 => size_of::<Q4_0Block>(),
            Format::Q4_1 | Format::Q4K => size_of::<Q4Block>(),
            Format::Iq4Nl => size_of::<NonLinearBlock>(),
            Format::Q5_0 => size_of::<Q5_0Block>(),
            Format::Q5_1 | Format::Q5K => size_of::<Q5Block>(),
            Format::Q2K => size_of::<Q2KBlock>(),
            Format::Q3K => size_of::<Q3KBlock>(),
            Format::Q6K => size_of::<Q6KBlock>(),
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
        each_kind!(&self.blocks, blocks => size_of_val(blocks.as_slice()))
    }

    /// Row `index` in single precision, `(columns,)`: an embedding.
    pub fn row(&self, index: usize, output: &mut [f32]) {
        fn read<B: Stored>(blocks: &[B], index: usize, output: &mut [f32]) {
            let n_blocks = output.len().div_ceil(BLOCK);
            let panel = &blocks[index / PANEL * n_blocks..][..n_blocks];
            let mut space = B::Block::ZERO;
            for (block, output) in panel.iter().zip(output.chunks_mut(BLOCK)) {
                let block = block.unpack::<Portable>(Steps::unknown(), &mut space);
                for (column, output) in output.iter_mut().enumerate() {
                    *output = block.weight(index % PANEL, column);
                }
            }
        }
        debug_assert_eq!(output.len(), self.columns);
        each_kind!(&self.blocks, blocks => read(blocks, index, output));
    }
}

/// A matrix in the file's own blocks.
struct Matrix<'a> {
    format: Format,
    rows: usize,
    columns: usize,
    bytes: &'a [u8],
}

impl Matrix<'_> {
    fn fill_with_groups<B: FromGroup>(&self) -> Vec<B> {
        self.fill(|row, blocks: &mut [B], place| {
            groups(self.format, row, |at, group| blocks[at].set(place, &group));
        })
    }

    /// Blocks of zeros for the whole matrix, and then the bytes of row after row put into its panel at its place.
    fn fill<B: Stored>(&self, mut put: impl FnMut(&[u8], &mut [B], usize)) -> Vec<B> {
        let n_blocks = self.columns.div_ceil(BLOCK);
        let row_bytes = self.bytes.len() / self.rows;
        let mut blocks = vec![B::EMPTY; self.rows.div_ceil(PANEL) * n_blocks];
        let panels = blocks.chunks_exact_mut(n_blocks);
        for (bytes, blocks) in self.bytes.chunks(PANEL * row_bytes).zip(panels) {
            fill_panel(bytes.chunks_exact(row_bytes), blocks, &mut put);
        }
        blocks
    }
}

/// A call for every panel: a browser puts better code in the place of a function only between two calls of it.
#[inline(never)]
fn fill_panel<'a, B: Stored>(
    rows: impl Iterator<Item = &'a [u8]>,
    blocks: &mut [B],
    put: &mut impl FnMut(&[u8], &mut [B], usize),
) {
    for (place, row) in rows.enumerate() {
        put(row, blocks, place);
    }
}

/// Halves as [`f16::to_f32`] reads them.
fn widen(half: u16) -> f32 {
    f16::to_f32(half)
}
