//! Activations times packed matrices.
//!
//! An output is the sum, over blocks of 32 columns from the first to the last, of one exact integer
//! product a block, scaled; with plain weights it is the sum over columns from the first to the last. It
//! does not depend on how many rows of activations are computed together, nor on who computes which panel.

#[cfg(test)]
mod tests;

use std::ops::Range;

use super::{
    BLOCK,
    activations::{Activations, quantise},
    packed::{Block, Blocks, PANEL, Packed},
    simd::{Kernel, Simd},
};
use crate::threads::{Pool, Slots};

/// Rows of activations, in the forms that matrices want them.
#[derive(Debug, Default)]
pub struct Inputs {
    rows: usize,
    blocks: usize,
    quantised: Vec<Activations>,
    plain: Vec<[f32; BLOCK]>,
}

impl Inputs {
    /// Takes `values`, `(M, columns)`, in the forms that `matrices` want.
    pub fn set<'a, S: Simd>(
        &mut self,
        pool: &Pool,
        values: &[f32],
        columns: usize,
        matrices: impl IntoIterator<Item = &'a Packed>,
    ) {
        let (mut plain, mut quantised) = (false, false);
        for matrix in matrices {
            match matrix.blocks() {
                Blocks::Floats(_) | Blocks::Halves(_) | Blocks::BFloats(_) => plain = true,
                Blocks::Nibbles(_) | Blocks::Small(_) | Blocks::Signed(_) => quantised = true,
            }
        }
        self.rows = values.len() / columns;
        self.blocks = columns.div_ceil(BLOCK);
        let blocks = self.rows * self.blocks;
        self.quantised.resize(if quantised { blocks } else { 0 }, Activations::default());
        self.plain.resize(if plain { blocks } else { 0 }, [0.0; BLOCK]);
        let (quantised_rows, plain_rows) = (Slots::new(&mut self.quantised), Slots::new(&mut self.plain));
        let n_blocks = self.blocks;
        pool.split(self.rows, |rows| {
            let blocks = rows.start * n_blocks..rows.end * n_blocks;
            let values = &values[rows.start * columns..rows.end * columns];
            if quantised {
                #[allow(unsafe_code)]
                // SAFETY: `split` gives every row to one thread.
                let output = unsafe { quantised_rows.range(blocks.clone()) };
                S::run(Quantise { values, columns, output });
            }
            if plain {
                #[allow(unsafe_code)]
                // SAFETY: `split` gives every row to one thread.
                let output = unsafe { plain_rows.range(blocks) };
                for (row, output) in values.chunks_exact(columns).zip(output.chunks_exact_mut(n_blocks)) {
                    let flat = output.as_flattened_mut();
                    flat[..columns].copy_from_slice(row);
                    flat[columns..].fill(0.0);
                }
            }
        });
    }

    /// `M`
    pub fn rows(&self) -> usize {
        self.rows
    }
}

/// Rows of values into rows of blocks.
struct Quantise<'a> {
    values: &'a [f32],
    columns: usize,
    output: &'a mut [Activations],
}

impl Kernel for Quantise<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        let rows = self.output.chunks_exact_mut(self.columns.div_ceil(BLOCK));
        for (values, output) in self.values.chunks_exact(self.columns).zip(rows) {
            quantise::<S>(values, output);
        }
    }
}

/// Where outputs go: `(M, rows)`, written by panels. Several threads may hold it, each writing panels of its own.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    start: *mut f32,
    rows: usize,
    length: usize,
}

#[allow(unsafe_code)]
// SAFETY: `Output` only writes, and those who share one write different panels (see `matmul`).
unsafe impl Send for Output {}
#[allow(unsafe_code)]
// SAFETY: as for `Send`.
unsafe impl Sync for Output {}

impl Output {
    /// Over `values`, `(M, rows)`, which must outlive it.
    pub fn new(values: &mut [f32], rows: usize) -> Self {
        Self { start: values.as_mut_ptr(), rows, length: values.len() }
    }

    #[inline(always)]
    fn write(&self, m: usize, row: usize, values: [f32; 4]) {
        if row >= self.rows {
            return;
        }
        let (at, count) = (m * self.rows + row, 4.min(self.rows - row));
        debug_assert!(at + count <= self.length);
        #[allow(unsafe_code)]
        // SAFETY: `at + count` is within the slice that this was made of, which is alive by `new`'s contract.
        unsafe {
            std::ptr::copy_nonoverlapping(values.as_ptr(), self.start.add(at), count);
        }
    }
}

/// `output = x W^T` for some panels of `W`: `x` is `(M, columns)`, `W` `(rows, columns)`, `output` `(M, rows)`.
///
/// Whoever shares `output` must take other panels.
pub fn matmul<S: Simd>(matrix: &Packed, panels: Range<usize>, inputs: &Inputs, output: Output) {
    debug_assert_eq!(matrix.columns().div_ceil(BLOCK), inputs.blocks);
    let (rows, columns) = (inputs.rows, inputs.blocks);
    match matrix.blocks() {
        Blocks::Floats(blocks) => {
            S::run(Product { blocks, panels, inputs: &inputs.plain, rows, columns, output });
        }
        Blocks::Halves(blocks) => {
            S::run(Product { blocks, panels, inputs: &inputs.plain, rows, columns, output });
        }
        Blocks::BFloats(blocks) => {
            S::run(Product { blocks, panels, inputs: &inputs.plain, rows, columns, output });
        }
        Blocks::Nibbles(blocks) => {
            S::run(Product { blocks, panels, inputs: &inputs.quantised, rows, columns, output });
        }
        Blocks::Small(blocks) => {
            S::run(Product { blocks, panels, inputs: &inputs.quantised, rows, columns, output });
        }
        Blocks::Signed(blocks) => {
            S::run(Product { blocks, panels, inputs: &inputs.quantised, rows, columns, output });
        }
    }
}

/// One call of [`matmul`]; `columns` counts blocks.
struct Product<'a, B: Block> {
    blocks: &'a [B],
    panels: Range<usize>,
    inputs: &'a [B::Input],
    rows: usize,
    columns: usize,
    output: Output,
}

impl<B: Block> Kernel for Product<'_, B> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        for panel in self.panels.clone() {
            let mut m = 0;
            while self.rows - m >= 4 {
                self.tiles::<S, 2, 4>(panel, m);
                m += 4;
            }
            match self.rows - m {
                1 => self.tiles::<S, 4, 1>(panel, m),
                2 => self.tiles::<S, 4, 2>(panel, m),
                3 => self.tiles::<S, 2, 3>(panel, m),
                _ => {}
            }
        }
    }
}

impl<B: Block> Product<'_, B> {
    /// All tiles of a panel, `T` at a time, for the `M` rows of activations from `m` on.
    #[inline(always)]
    fn tiles<S: Simd, const T: usize, const M: usize>(&self, panel: usize, m: usize) {
        let blocks = &self.blocks[panel * self.columns..][..self.columns];
        let inputs: [&[B::Input]; M] =
            std::array::from_fn(|i| &self.inputs[(m + i) * self.columns..][..self.columns]);
        for first in (0..PANEL / 4).step_by(T) {
            let mut sums = [[S::splat(0.0); T]; M];
            for (index, block) in blocks.iter().enumerate() {
                block.add::<S, T, M>(first, inputs.map(|row| &row[index]), &mut sums);
            }
            for (i, sums) in sums.into_iter().enumerate() {
                for (t, sum) in sums.into_iter().enumerate() {
                    self.output.write(m + i, panel * PANEL + (first + t) * 4, S::store(sum));
                }
            }
        }
    }
}
