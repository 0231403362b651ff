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
    activations::{GROUP, InForm, Inputs},
    packed::{Block, Blocks, InputOf, PANEL, Packed, Reading, Stored, TILES, each_kind},
    simd::{Kernel, Simd},
};

/// Groups that are multiplied with a block of weights while it is at hand.
const GROUPS: usize = 4;

/// Where outputs go: `(M, rows)`, written by panels. Several threads may hold it, each writing panels of its own.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    start: *mut f32,
    rows: usize,
    length: usize,
}

#[allow(unsafe_code)]
// SAFETY: those who share one write different panels, and read what they have written (see `matmul` and `columns`).
unsafe impl Send for Output {}
#[allow(unsafe_code)]
// SAFETY: as for `Send`.
unsafe impl Sync for Output {}

impl Output {
    /// Over `values`, `(M, rows)`, which must outlive it.
    pub fn new(values: &mut [f32], rows: usize) -> Self {
        Self { start: values.as_mut_ptr(), rows, length: values.len() }
    }

    /// Writes what a panel gives for row `m` of activations; what is not there of the last panel is left out.
    #[inline(always)]
    fn write(&self, m: usize, panel: usize, values: [[f32; 4]; TILES]) {
        let (at, count) = (m * self.rows + panel * PANEL, self.rows - panel * PANEL);
        debug_assert!(at + count.min(PANEL) <= self.length);
        if count < PANEL {
            return self.write_some(at, &values.as_flattened()[..count]);
        }
        #[allow(unsafe_code)]
        // SAFETY: `at + PANEL` is within the slice that this was made of, as `matmul` has seen, and it is alive by `new`'s
        // contract.
        unsafe {
            self.start.add(at).cast::<[[f32; 4]; TILES]>().write_unaligned(values);
        }
    }

    /// What some panels gave for row `m` of activations.
    ///
    /// # Panics
    /// When there are no such panels or rows.
    ///
    /// # Safety
    /// Nobody else holds any of it, or writes it meanwhile.
    #[allow(unsafe_code)]
    #[allow(clippy::mut_from_ref, reason = "each part is handed out once, by the contract")]
    pub unsafe fn columns(&self, m: usize, panels: &Range<usize>) -> &mut [f32] {
        let [start, end] =
            [panels.start, panels.end].map(|panel| m * self.rows + self.rows.min(panel * PANEL));
        assert!(start <= end && end <= self.length);
        // SAFETY: it is within the slice that this was made of, which is alive by `new`'s contract; nobody else holds it.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(start), end - start) }
    }

    // In WebAssembly, a copy whose length is not known is a call that leaves the module. Inlined, it would be made one with
    // the other copy.
    #[cold]
    #[inline(never)]
    fn write_some(&self, at: usize, values: &[f32]) {
        #[allow(unsafe_code)]
        // SAFETY: as in `write`.
        unsafe {
            std::ptr::copy_nonoverlapping(values.as_ptr(), self.start.add(at), values.len());
        }
    }
}

/// How many panels are read side by side where there are few rows.
///
/// Some processors fetch ahead in each of several streams, and so read faster; others lose their way and read half as fast.
/// The outputs are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Streams {
    /// One after the other.
    One,
    /// Four at a time.
    Four,
}

/// Panels that [`Streams::Four`] reads together.
const FOUR: usize = 4;

impl Streams {
    /// All there are.
    pub const ALL: [Self; 2] = [Self::One, Self::Four];

    /// Those of some panels that are read four at a time, and the others.
    fn split(self, panels: Range<usize>) -> [Range<usize>; 2] {
        let together = if self == Self::Four { panels.len() / FOUR * FOUR } else { 0 };
        let rest = panels.start + together;
        [panels.start..rest, rest..panels.end]
    }
}

/// `output = x W^T` for some panels of `W`: `x` is `(M, columns)`, `W` `(rows, columns)`, `output` `(M, rows)`.
///
/// Whoever shares `output` must take other panels.
///
/// # Panics
/// When the shapes do not match, there are no such panels, or `inputs` lack the matrix's form. They must have been set with
/// the same `S`.
pub fn matmul<S: Simd>(
    matrix: &Packed,
    panels: Range<usize>,
    inputs: &Inputs,
    output: Output,
    streams: Streams,
) {
    assert_eq!(matrix.columns().div_ceil(BLOCK), inputs.blocks(), "activations of another width");
    assert_eq!(
        (output.rows, output.length),
        (matrix.rows(), inputs.rows() * matrix.rows()),
        "an output of another shape"
    );
    assert!(panels.end <= matrix.panels(), "panels that are not there");
    each_kind!(matrix.blocks(), blocks => {
        let product = &Product::<S, _>::new(matrix, blocks, inputs, output);
        match (product.rows, streams.split(panels.clone())) {
            (1, [together, rest]) => {
                S::run(One::<_, _, FOUR> { product, panels: together });
                S::run(One::<_, _, 1> { product, panels: rest });
            }
            (..=GROUP, [together, rest]) => {
                S::run(Groups::<_, _, GROUP, FOUR> { product, panels: together });
                S::run(Groups::<_, _, GROUP, 1> { product, panels: rest });
            }
            _ => S::run(Groups::<_, _, { GROUPS * GROUP }, 1> { product, panels }),
        }
    });
}

/// One call of [`matmul`]; `columns` counts blocks.
struct Product<'a, S: Simd, B: Stored> {
    matrix: &'a Packed,
    blocks: &'a [B],
    inputs: &'a [InputOf<B::Block, S>],
    rows: usize,
    columns: usize,
    output: Output,
}

/// Panels times the only row, `N` side by side.
struct One<'a, S: Simd, B: Stored, const N: usize> {
    product: &'a Product<'a, S, B>,
    panels: Range<usize>,
}

impl<S: Simd, B: Stored, const N: usize> Kernel<S> for One<'_, S, B, N> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let reading = self.product.matrix.reading::<S>();
        for panel in self.panels.step_by(N) {
            self.product.one::<N>(panel, reading);
        }
    }
}

/// Panels times all rows, `MOST` at a time; `N` panels side by side.
struct Groups<'a, S: Simd, B: Stored, const MOST: usize, const N: usize> {
    product: &'a Product<'a, S, B>,
    panels: Range<usize>,
}

impl<S: Simd, B: Stored, const MOST: usize, const N: usize> Kernel<S> for Groups<'_, S, B, MOST, N> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let reading = self.product.matrix.reading::<S>();
        for panel in self.panels.step_by(N) {
            for first in (0..self.product.rows).step_by(MOST) {
                let count = MOST.min(self.product.rows - first);
                self.product.groups::<MOST, N>(panel, first, count, reading);
            }
        }
    }
}

impl<'a, S: Simd, B: Stored> Product<'a, S, B> {
    fn new(matrix: &'a Packed, blocks: &'a [B], inputs: &'a Inputs, output: Output) -> Self {
        let (rows, columns) = (inputs.rows(), inputs.blocks());
        let inputs = <B::Block as Block>::Form::of::<S>(inputs);
        assert_eq!(inputs.len(), rows * columns, "activations in another form");
        Self { matrix, blocks, inputs, rows, columns, output }
    }

    /// `N` panels from `first` on times the only row.
    #[inline(always)]
    fn one<const N: usize>(&self, first: usize, reading: Reading<S::Floats>) {
        let panels: [&[B]; N] = std::array::from_fn(|n| self.panel(first + n));
        let mut sums = [[S::splat(0.0); TILES]; N];
        for (at, input) in self.inputs.iter().enumerate() {
            for (panel, sums) in panels.iter().zip(&mut sums) {
                panel[at].add_one::<S>(input, reading, sums);
            }
        }
        for (panel, sums) in (first..).zip(&sums) {
            self.write(panel, 0, sums);
        }
    }

    /// `N` panels from `first_panel` on times the `count` rows, `MOST` at most, that begin with row `m`, the first of some
    /// groups. Every block is done with before the next is touched: the processor fetches weights ahead only while they are
    /// read from the first to the last.
    #[inline(always)]
    fn groups<const MOST: usize, const N: usize>(
        &self,
        first_panel: usize,
        m: usize,
        count: usize,
        reading: Reading<S::Floats>,
    ) {
        let panels: [&[B]; N] = std::array::from_fn(|n| self.panel(first_panel + n));
        let mut sums = [[[S::splat(0.0); TILES]; MOST]; N];
        let mut space = B::Block::ZERO;
        for at in 0..self.columns {
            for (panel, sums) in panels.iter().zip(&mut sums) {
                let block = panel[at].unpack::<S>(reading, &mut space);
                for first in (0..count).step_by(GROUP) {
                    let count = GROUP.min(count - first);
                    let inputs = &self.inputs[(m + first) * self.columns + at * count..][..count];
                    let (pairs, rest) = inputs.as_chunks::<2>();
                    let (sums, rest_sums) = sums[first..first + count].as_chunks_mut::<2>();
                    for ([a, b], sums) in pairs.iter().zip(sums) {
                        block.add::<S, 2>([a, b], reading, sums);
                    }
                    for (input, sums) in rest.iter().zip(rest_sums) {
                        block.add::<S, 1>([input], reading, std::array::from_mut(sums));
                    }
                }
            }
        }
        // By reference, or they are copied first.
        for (panel, sums) in (first_panel..).zip(&sums) {
            for (i, sums) in sums.iter().take(count).enumerate() {
                self.write(panel, m + i, sums);
            }
        }
    }

    #[inline(always)]
    fn panel(&self, panel: usize) -> &[B] {
        &self.blocks[panel * self.columns..][..self.columns]
    }

    #[inline(always)]
    fn write(&self, panel: usize, m: usize, sums: &[S::Floats; TILES]) {
        self.output.write(m, panel, sums.map(S::store));
    }
}
