//! Activations times a weight matrix, in whatever format the matrix lies.

use std::cell::OnceCell;

use super::{BLOCK, f16, f32_dot, int8_dot, packed::Packed, q4_0, q8_0, quantise::Quantised, unpack::groups};
use crate::model::{Format, Matrix};

/// Activations `(M, columns)`, quantised when a quantised matrix first asks for it.
pub struct Activations<'a> {
    values: &'a [f32],
    columns: usize,
    quantised: OnceCell<Quantised>,
}

impl<'a> Activations<'a> {
    /// Rows of `columns` values.
    pub fn new(values: &'a [f32], columns: usize) -> Self {
        Self { values, columns, quantised: OnceCell::new() }
    }

    fn quantised(&self) -> &Quantised {
        self.quantised.get_or_init(|| Quantised::new(self.values, self.columns))
    }

    fn n_rows(&self) -> usize {
        self.values.len() / self.columns
    }
}

/// `output = x W^T`: `x` is `(M, columns)`, `W` `(rows, columns)`, `output` `(M, rows)`.
///
/// Each row of `W` is unpacked once for all `M`. An output is one scalar product of its own row of
/// `x` and its own row of `W`, whatever `M` is: with `Q8_0` and `Q4_0` that of [`int8_dot`], else that of
/// [`f32_dot`] with the row in single precision.
pub fn matmul(matrix: &Matrix, x: &Activations, output: &mut [f32]) {
    let (rows, columns) = (matrix.rows(), matrix.columns());
    debug_assert_eq!(columns, x.columns);
    let Some(bytes) = matrix.blocks() else { return of_packed(&matrix.packed(), x, output) };
    let row_bytes = bytes.len() / rows;
    let rows = bytes.chunks_exact(row_bytes).enumerate();
    match matrix.format() {
        Format::Q8_0 => quantised(rows, columns, x.quantised(), x.n_rows(), output, q8_0::unpack),
        Format::Q4_0 => quantised(rows, columns, x.quantised(), x.n_rows(), output, q4_0::unpack),
        format => plain(rows, columns, x, output, |bytes, values| dequantise(format, bytes, values)),
    }
}

/// Row `index` of `matrix` in single precision, `(columns,)`: an embedding.
pub fn dequantise_row(matrix: &Matrix, index: usize, output: &mut [f32]) {
    let Some(bytes) = matrix.blocks() else { return matrix.packed().row(index, output) };
    let row_bytes = bytes.len() / matrix.rows();
    let bytes = &bytes[index * row_bytes..][..row_bytes];
    dequantise(matrix.format(), bytes, output);
}

/// A row in single precision.
fn dequantise(format: Format, bytes: &[u8], values: &mut [f32]) {
    match format {
        Format::F32 => unpack_f32(bytes, values),
        Format::F16 => f16::unpack(bytes, values),
        Format::Bf16 => {
            for (value, &bytes) in values.iter_mut().zip(bytes.as_chunks().0) {
                *value = f32::from_bits(u32::from(u16::from_le_bytes(bytes)) << 16);
            }
        }
        format => groups(format, bytes, |index, group| {
            values[index * BLOCK..][..BLOCK].copy_from_slice(&group.weights());
        }),
    }
}

#[inline]
fn quantised<'a>(
    rows: impl ExactSizeIterator<Item = (usize, &'a [u8])>,
    columns: usize,
    x: &Quantised,
    n_rows: usize,
    output: &mut [f32],
    unpack: impl Fn(&[u8], &mut [i16], &mut [f32]),
) {
    let stride = rows.len();
    let mut integers = vec![0; columns];
    let mut scales = vec![0.0; columns / BLOCK];
    for (row, bytes) in rows {
        unpack(bytes, &mut integers, &mut scales);
        let weights = (integers.as_slice(), scales.as_slice());
        let mut m = 0;
        while m + 4 <= n_rows {
            let products = int8_dot::dot_4(weights, [x.row(m), x.row(m + 1), x.row(m + 2), x.row(m + 3)]);
            for (i, product) in products.into_iter().enumerate() {
                output[(m + i) * stride + row] = product;
            }
            m += 4;
        }
        for m in m..n_rows {
            output[m * stride + row] = int8_dot::dot(weights, x.row(m));
        }
    }
}

#[inline]
fn plain<'a>(
    rows: impl ExactSizeIterator<Item = (usize, &'a [u8])>,
    columns: usize,
    x: &Activations,
    output: &mut [f32],
    unpack: impl Fn(&[u8], &mut [f32]),
) {
    let stride = rows.len();
    let mut weights = vec![0.0; columns];
    for (row, bytes) in rows {
        unpack(bytes, &mut weights);
        for (m, x) in x.values.chunks_exact(columns).enumerate() {
            output[m * stride + row] = f32_dot::dot(&weights, x);
        }
    }
}

/// As [`matmul`], with rows taken out of panels.
fn of_packed(packed: &Packed, x: &Activations, output: &mut [f32]) {
    let mut weights = vec![0.0; packed.columns()];
    for row in 0..packed.rows() {
        packed.row(row, &mut weights);
        for (m, x) in x.values.chunks_exact(packed.columns()).enumerate() {
            output[m * packed.rows() + row] = f32_dot::dot(&weights, x);
        }
    }
}

fn unpack_f32(bytes: &[u8], values: &mut [f32]) {
    for (value, &bytes) in values.iter_mut().zip(bytes.as_chunks::<4>().0) {
        *value = f32::from_le_bytes(bytes);
    }
}

#[cfg(test)]
mod tests;
