//! Packs a matrix while its bytes come, so that the file's own blocks of it are never in memory as a whole.

use std::collections::TryReserveError;

use super::{BLOCK, Blocks, FromRow, PANEL, Packed, each_kind, halves::Span};
use crate::{kernels::f16, model::Format};

/// A matrix whose bytes are coming: row after row in the file's own blocks, cut anywhere.
pub struct Packer {
    format: Format,
    rows: usize,
    columns: usize,
    /// Of the panels that are whole.
    blocks: Blocks,
    /// Of their numbers in half precision.
    span: Span,
    /// What there is of the next panel, as in the file.
    pending: Vec<u8>,
    row_bytes: usize,
    /// Bytes that are to come.
    missing_bytes: usize,
}

impl Packer {
    /// Nothing has come yet. `columns` are whole blocks of the format, and all bytes can be addressed.
    pub fn new(format: Format, rows: usize, columns: usize) -> Self {
        let (block_columns, block_bytes) = format.tensor_type().block();
        let row_bytes = columns / block_columns as usize * block_bytes as usize;
        let (blocks, missing_bytes) = (Blocks::none(format), rows * row_bytes);
        Self {
            format,
            rows,
            columns,
            blocks,
            span: Span::default(),
            pending: Vec::new(),
            row_bytes,
            missing_bytes,
        }
    }

    /// Makes room for the whole matrix.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub fn reserve(&mut self) -> Result<(), TryReserveError> {
        let n_blocks = self.rows.div_ceil(PANEL).saturating_mul(self.columns.div_ceil(BLOCK));
        each_kind!(&mut self.blocks, blocks => blocks.try_reserve_exact(n_blocks))
    }

    /// Takes the next bytes, and gives back what lies behind the matrix.
    pub fn push<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let (mut bytes, behind) = bytes.split_at(bytes.len().min(self.missing_bytes));
        self.missing_bytes -= bytes.len();
        let panel_bytes = PANEL * self.row_bytes;
        if !self.pending.is_empty() {
            let lacking = bytes.split_off(..bytes.len().min(panel_bytes - self.pending.len()));
            self.pending.extend_from_slice(lacking.unwrap_or_default());
            if self.pending.len() < panel_bytes {
                return behind;
            }
            let panel = std::mem::take(&mut self.pending);
            self.add_panel(&panel);
            self.pending = panel;
            self.pending.clear();
        }
        let panels = bytes.chunks_exact(panel_bytes);
        self.pending.extend_from_slice(panels.remainder());
        for panel in panels {
            self.add_panel(panel);
        }
        behind
    }

    /// Whether all bytes have come.
    pub fn is_whole(&self) -> bool {
        self.missing_bytes == 0
    }

    /// The matrix, once it is whole.
    pub fn finish(mut self) -> Packed {
        debug_assert!(self.is_whole());
        if !self.pending.is_empty() {
            // The last panel, which has fewer rows.
            let panel = std::mem::take(&mut self.pending);
            self.add_panel(&panel);
        }
        let Self { rows, columns, mut blocks, span, .. } = self;
        let exponent = span.exponent();
        if exponent > 0 {
            each_kind!(&mut blocks, blocks => raise(blocks, exponent));
        }
        Packed { rows, columns, blocks, unit: f16::unit(exponent) }
    }

    fn add_panel(&mut self, panel: &[u8]) {
        let (format, n_blocks) = (self.format, self.columns.div_ceil(BLOCK));
        each_kind!(&mut self.blocks, blocks => {
            add_panel(blocks, n_blocks, format, panel.chunks_exact(self.row_bytes), &mut self.span);
        });
    }
}

/// A call for every panel: a browser puts better code in the place of a function only between two calls of it.
#[inline(never)]
fn add_panel<'a, B: FromRow>(
    blocks: &mut Vec<B>,
    n_blocks: usize,
    format: Format,
    rows: impl Iterator<Item = &'a [u8]>,
    span: &mut Span,
) {
    let start = blocks.len();
    blocks.resize(start + n_blocks, B::EMPTY);
    for (place, row) in rows.enumerate() {
        B::put(&mut blocks[start..], place, format, row);
    }
    for block in &mut blocks[start..] {
        span.add(block.halves());
    }
}

/// Raises what is in half precision so that nothing is subnormal: see [`Span`].
fn raise<B: FromRow>(blocks: &mut [B], exponent: u16) {
    for half in blocks.iter_mut().flat_map(B::halves) {
        *half = f16::raise(*half, exponent);
    }
}
