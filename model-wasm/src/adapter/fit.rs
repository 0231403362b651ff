//! Puts what was read on a base: names to matrices, shapes, the order of rows.

use super::{
    Adapter, AdapterError, LowRank,
    halves::Half,
    modules::{Target, target},
    reading::{Change, Copied, Naming, Reading},
};
use crate::{
    kernels::rope::Pairs,
    model::{Config, Model, Slot},
};

/// The adapter that `reading` is for `base`; `sha256` is that of its weights' file.
pub(super) fn fit(reading: Reading, base: &Model, sha256: String) -> Result<Adapter, AdapterError> {
    check_base(&reading, base)?;
    let mut adapter = Adapter {
        layers: Vec::new(),
        embedding: None,
        output: None,
        rank: reading.rank,
        alpha: reading.alpha,
        sha256,
    };
    adapter.layers.resize_with(base.config.n_layers, Default::default);
    for copy in &reading.copies {
        check_copy(copy, reading.naming, base)?;
    }
    for change in reading.changes {
        let Some(target) = target(&change.pair.module, reading.naming, &base.config) else {
            return Err(AdapterError::NotInBase { tensor: change.pair.a.tensor });
        };
        match target {
            Target::Layer(layer, slots) => {
                // All of them have the same inputs.
                let shapes = slots.iter().map(|slot| slot.shape(&base.config));
                let (outputs, inputs) = shapes.fold((0, 0), |all, (rows, columns)| (all.0 + rows, columns));
                check(&change, outputs, inputs)?;
                let mut first_row = 0;
                for slot in slots {
                    let rows = slot.shape(&base.config).0;
                    let b = &change.pair.b.values[first_row * change.rank..][..rows * change.rank];
                    first_row += rows;
                    let b = in_order(b, slot, change.rank, reading.naming, &base.config);
                    adapter.layers[layer][slot as usize] = Some(low_rank(&change, b));
                }
            }
            Target::Embedding => {
                check(&change, base.embedding.columns(), base.embedding.rows())?;
                adapter.embedding = Some(low_rank(&change, change.pair.b.values.clone()));
            }
            Target::Output => {
                check(&change, base.output().rows(), base.output().columns())?;
                adapter.output = Some(low_rank(&change, change.pair.b.values.clone()));
            }
        }
    }
    Ok(adapter)
}

/// Whether the adapter itself says that it is for another base.
fn check_base(reading: &Reading, base: &Model) -> Result<(), AdapterError> {
    let info = base.info();
    if let Some(expected) = reading.architecture.as_ref().filter(|&expected| *expected != info.architecture) {
        let (expected, got) = (expected.clone(), info.architecture.clone());
        return Err(AdapterError::OtherArchitecture { expected, got });
    }
    if let Some(expected) = reading.base_sha256.as_ref().filter(|&expected| *expected != info.sha256) {
        let (expected, got) = (expected.clone(), info.sha256.clone());
        return Err(AdapterError::OtherBase { expected, got });
    }
    Ok(())
}

fn low_rank(change: &Change, b: Vec<f32>) -> LowRank {
    LowRank { a: change.pair.a.values.clone(), b, rank: change.rank, scale: change.scale }
}

fn check(change: &Change, outputs: usize, inputs: usize) -> Result<(), AdapterError> {
    let Change { pair, rank, scale } = change;
    if *rank == 0 || !scale.is_finite() {
        let field = if *rank == 0 { "rank" } else { "scale" };
        let value = if *rank == 0 { "0".to_owned() } else { scale.to_string() };
        return Err(AdapterError::BadField { field: format!("{field} of {:?}", pair.module), value });
    }
    check_half(&pair.a, [("rank", *rank), ("input", inputs)])?;
    check_half(&pair.b, [("output", outputs), ("rank", *rank)])
}

/// A copy of a matrix with another shape is of another base, or of one with more tokens.
fn check_copy(copy: &Copied, naming: Naming, base: &Model) -> Result<(), AdapterError> {
    let Copied { tensor, module, shape } = copy;
    let matrix = match target(module, naming, &base.config) {
        Some(Target::Embedding) => &base.embedding,
        Some(Target::Output) => base.output(),
        Some(Target::Layer(..)) | None => return Err(AdapterError::NotInBase { tensor: tensor.clone() }),
    };
    let [rows, columns] = shape[..] else {
        let reason = format!("it has {} dimensions", shape.len());
        return Err(AdapterError::UnsupportedTensor { tensor: tensor.clone(), reason });
    };
    for (side, got, expected) in [("token", rows, matrix.rows()), ("width", columns, matrix.columns())] {
        if got != expected {
            return Err(AdapterError::ShapeMismatch { tensor: tensor.clone(), side, expected, got });
        }
    }
    Ok(())
}

fn check_half(half: &Half, expected: [(&'static str, usize); 2]) -> Result<(), AdapterError> {
    for (got, (side, expected)) in [half.rows, half.columns].into_iter().zip(expected) {
        if got != expected {
            let tensor = half.tensor.clone();
            return Err(AdapterError::ShapeMismatch { tensor, side, expected, got });
        }
    }
    Ok(())
}

/// B's rows in the order of the base's.
fn in_order(b: &[f32], slot: Slot, rank: usize, naming: Naming, base: &Config) -> Vec<f32> {
    if naming == Naming::Gguf || base.rope.pairs != Pairs::Adjacent {
        return b.to_vec();
    }
    match slot {
        Slot::Query => side_by_side(b, base.n_heads, rank),
        Slot::Key => side_by_side(b, base.n_kv_heads, rank),
        _ => b.to_vec(),
    }
}

/// Rows of `matrix`, `(heads * E, columns)`, with the two halves of each head interleaved: row
/// `2 i + j` of a head was row `j * E / 2 + i`.
pub(super) fn side_by_side(matrix: &[f32], heads: usize, columns: usize) -> Vec<f32> {
    let head_width = matrix.len() / columns / heads;
    let mut ordered = Vec::with_capacity(matrix.len());
    for head in matrix.chunks_exact(head_width * columns) {
        let (first, second) = head.split_at(head.len() / 2);
        for (first, second) in first.chunks_exact(columns).zip(second.chunks_exact(columns)) {
            ordered.extend_from_slice(first);
            ordered.extend_from_slice(second);
        }
    }
    ordered
}
