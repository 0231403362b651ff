//! Weight matrices as the fast kernels read them: panels of sixteen rows.
//!
//! A panel holds its sixteen rows block by block, a block being 32 columns. In a block, a vector of
//! sixteen bytes holds four columns of four rows, so that one dot product of bytes adds to four rows at
//! once and no sum ever runs across a vector. The last panel is filled up with rows of zeros, the last
//! block with columns of zeros.

mod blocks;
mod compact;
mod halves;
mod packer;
#[cfg(test)]
#[allow(clippy::float_cmp, reason = "these are exact")]
mod tests;

pub use blocks::{BFloatBlock, Block, FloatBlock, HalfBlock, InputOf, Reading, SignedBlock, TILES};
pub use compact::{NonLinearBlock, Q2KBlock, Q3KBlock, Q4_0Block, Q4Block, Q5_0Block, Q5Block, Q6KBlock};
pub use packer::Packer;

use super::{
    BLOCK,
    activations::{Form, InForm},
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
    /// The [`unit`](super::f16::unit) of what blocks have in half precision.
    unit: f32,
}

/// Sixteen rows by 32 columns as they lie in memory.
pub trait Stored: Clone + Send + Sync + 'static {
    /// What is multiplied.
    type Block: Block;
    /// Before anything is put into it.
    const EMPTY: Self;
    /// What is multiplied: the block itself, or `space` with what it has been unpacked to.
    fn unpack<'a, S: Simd>(
        &'a self,
        reading: Reading<S::Floats>,
        space: &'a mut Self::Block,
    ) -> &'a Self::Block;
    /// Adds the products with one input to `sums`, as [`Block::add`] of what it is unpacked to.
    #[inline(always)]
    fn add_one<S: Simd>(
        &self,
        input: &InputOf<Self::Block, S>,
        reading: Reading<S::Floats>,
        sums: &mut [S::Floats; TILES],
    ) {
        let mut space = Self::Block::ZERO;
        let block = self.unpack::<S>(reading, &mut space);
        block.add::<S, 1>([input], reading, std::array::from_mut(sums));
    }
}

impl<B: Block> Stored for B {
    type Block = B;
    const EMPTY: Self = B::ZERO;

    #[inline(always)]
    fn unpack<'a, S: Simd>(&'a self, _: Reading<S::Floats>, _: &'a mut B) -> &'a B {
        self
    }
}

/// Blocks that the rows of a file are put into.
trait FromRow: Stored {
    /// Puts a row, of the file's own blocks, where there are zeros: at `place` of a panel.
    fn put(blocks: &mut [Self], place: usize, format: Format, row: &[u8]);
    /// The numbers in half precision, which may be [raised](super::f16::raise), all of a matrix alike.
    fn halves(&mut self) -> &mut [u16];
}

/// Blocks of quantised weights.
trait FromGroup: Stored {
    /// Puts a row where there are zeros.
    fn set(&mut self, row: usize, group: &Group);
    /// As [`FromRow::halves`].
    fn halves(&mut self) -> &mut [u16];
}

impl<B: FromGroup> FromRow for B {
    fn put(blocks: &mut [Self], place: usize, format: Format, row: &[u8]) {
        groups(format, row, |at, group| blocks[at].set(place, &group));
    }

    fn halves(&mut self) -> &mut [u16] {
        FromGroup::halves(self)
    }
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

impl Blocks {
    /// None yet, of a matrix in that format.
    fn none(format: Format) -> Self {
        match format {
            Format::F32 => Self::Floats(Vec::new()),
            Format::F16 => Self::Halves(Vec::new()),
            Format::Bf16 => Self::BFloats(Vec::new()),
            Format::Q8_0 => Self::Signed(Vec::new()),
            Format::Q4_0 => Self::Q4_0(Vec::new()),
            Format::Q4_1 | Format::Q4K => Self::Q4(Vec::new()),
            Format::Iq4Nl => Self::NonLinear(Vec::new()),
            Format::Q5_0 => Self::Q5_0(Vec::new()),
            Format::Q5_1 | Format::Q5K => Self::Q5(Vec::new()),
            Format::Q2K => Self::Q2K(Vec::new()),
            Format::Q3K => Self::Q3K(Vec::new()),
            Format::Q6K => Self::Q6K(Vec::new()),
        }
    }
}

impl Packed {
    /// Packs a matrix of `bytes`, row after row in the file's own blocks.
    pub fn new(format: Format, rows: usize, columns: usize, bytes: &[u8]) -> Self {
        let mut packer = Packer::new(format, rows, columns);
        // Where that fails, so will the first panel.
        let _ = packer.reserve();
        packer.push(bytes);
        packer.finish()
    }

    /// Bytes that a matrix takes when it is packed.
    pub fn size_bytes(format: Format, rows: usize, columns: usize) -> u64 {
        fn of_block<B>(_: &[B]) -> usize {
            size_of::<B>()
        }
        let block_bytes = each_kind!(&Blocks::none(format), blocks => of_block(blocks));
        rows.div_ceil(PANEL) as u64 * columns.div_ceil(BLOCK) as u64 * block_bytes as u64
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

    /// The form in which it wants activations.
    pub fn form(&self) -> Form {
        fn of<B: Stored>(_: &[B]) -> Form {
            <B::Block as Block>::Form::FORM
        }
        each_kind!(&self.blocks, blocks => of(blocks))
    }

    /// What its blocks are read with.
    #[inline(always)]
    pub fn reading<S: Simd>(&self) -> Reading<S::Floats> {
        Reading::new(S::splat(self.unit))
    }

    /// The blocks.
    pub fn blocks(&self) -> &Blocks {
        &self.blocks
    }

    /// Bytes of a panel in memory.
    pub fn panel_bytes(&self) -> usize {
        self.bytes() / self.panels()
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        each_kind!(&self.blocks, blocks => size_of_val(blocks.as_slice()))
    }

    /// Row `index` in single precision, `(columns,)`: an embedding.
    pub fn row(&self, index: usize, output: &mut [f32]) {
        // A function for each kind: a browser optimises functions as a whole, and a model has few kinds.
        #[inline(never)]
        fn read<B: Stored>(blocks: &[B], unit: f32, index: usize, output: &mut [f32]) {
            let n_blocks = output.len().div_ceil(BLOCK);
            let panel = &blocks[index / PANEL * n_blocks..][..n_blocks];
            let mut space = B::Block::ZERO;
            for (block, output) in panel.iter().zip(output.chunks_mut(BLOCK)) {
                let block = block.unpack::<Portable>(Reading::new(Portable::splat(unit)), &mut space);
                for (column, output) in output.iter_mut().enumerate() {
                    *output = block.weight(index % PANEL, column, unit);
                }
            }
        }
        debug_assert_eq!(output.len(), self.columns);
        each_kind!(&self.blocks, blocks => read(blocks, self.unit, index, output));
    }
}
