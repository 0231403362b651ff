//! A model's tensors between the file and the decoder.

use std::{collections::BTreeMap, sync::Arc};

use super::{Layout, Matrix, ModelError, Plan, plan::Part};
use crate::{gguf::TensorInfo, kernels::packed::Packed};

/// Tensors as they come out of a file, one after the other.
pub struct Tensors {
    layout: Layout,
    plan: Plan,
    matrices: BTreeMap<String, Vec<Matrix>>,
    vectors: BTreeMap<String, Vec<f32>>,
}

impl Tensors {
    /// None yet.
    pub fn new(plan: Plan, layout: Layout) -> Self {
        Self { layout, plan, matrices: BTreeMap::new(), vectors: BTreeMap::new() }
    }

    /// What is expected.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// How matrices lie in memory.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Takes a tensor whose shape and type [`Plan::check`] has seen; `bytes` are those of its range.
    ///
    /// # Errors
    /// When candle refuses it.
    pub fn add(&mut self, name: &str, info: &TensorInfo, bytes: &[u8]) -> Result<(), ModelError> {
        match self.plan.part(name) {
            Some(Part::Matrices { rows, columns }) => {
                let row_bytes = bytes.len() / rows.iter().sum::<usize>();
                let mut start = 0;
                let mut matrices = Vec::with_capacity(rows.len());
                for &rows in rows {
                    let bytes = &bytes[start..start + rows * row_bytes];
                    start += bytes.len();
                    matrices.push(Matrix::new(name, info.tensor_type, rows, *columns, bytes, self.layout)?);
                }
                self.matrices.insert(name.to_owned(), matrices);
            }
            Some(Part::Vector { .. }) => {
                let values = bytes.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes));
                self.vectors.insert(name.to_owned(), values.collect());
            }
            None => {}
        }
        Ok(())
    }

    /// The first matrix of a tensor that was taken, where it lies packed.
    pub fn packed(&self, name: &str) -> Option<Arc<Packed>> {
        let matrix = self.matrices.get(name)?.first()?;
        (self.layout == Layout::Packed).then(|| matrix.packed())
    }

    pub(super) fn matrices<const N: usize>(&mut self, name: &str) -> Result<[Matrix; N], ModelError> {
        let matrices = self.matrices.remove(name).ok_or_else(|| missing(name))?;
        matrices.try_into().map_err(|_| missing(name))
    }

    pub(super) fn matrix(&mut self, name: &str) -> Result<Matrix, ModelError> {
        let [matrix] = self.matrices(name)?;
        Ok(matrix)
    }

    pub(super) fn vector(&mut self, name: &str) -> Result<Vec<f32>, ModelError> {
        self.optional_vector(name).ok_or_else(|| missing(name))
    }

    pub(super) fn optional_vector(&mut self, name: &str) -> Option<Vec<f32>> {
        self.vectors.remove(name)
    }
}

fn missing(tensor: &str) -> ModelError {
    ModelError::MissingTensor { tensor: tensor.to_owned() }
}
