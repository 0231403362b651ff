//! A model's tensors between the file and the decoder.

use std::{
    collections::{BTreeMap, TryReserveError},
    sync::Arc,
};

use super::{Format, Layout, Matrix, ModelError, Plan, plan::Part};
use crate::{
    gguf::TensorInfo,
    kernels::packed::{Packed, Packer},
};

/// Tensors as they come out of a file, one after the other.
pub struct Tensors {
    layout: Layout,
    plan: Plan,
    /// The one of which there are some bytes.
    coming: Option<Coming>,
    matrices: BTreeMap<String, Vec<Matrix>>,
    vectors: BTreeMap<String, Vec<f32>>,
}

/// A tensor of which more is to come.
enum Coming {
    /// Matrices that are packed at once, one after the other.
    Matrices(Format, Vec<Packer>),
    /// All that has come.
    Bytes(Vec<u8>),
}

impl Tensors {
    /// None yet.
    pub fn new(plan: Plan, layout: Layout) -> Self {
        Self { layout, plan, coming: None, matrices: BTreeMap::new(), vectors: BTreeMap::new() }
    }

    /// What is expected.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// How matrices lie in memory.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Takes the next bytes of a tensor whose shape and type [`Plan::check`] has seen, and says whether they were the last.
    /// Before that no other tensor may begin.
    ///
    /// # Errors
    /// When there is no memory for it, or candle refuses it.
    pub fn add(&mut self, name: &str, info: &TensorInfo, bytes: &[u8]) -> Result<bool, ModelError> {
        let Some(part) = self.plan.part(name) else { return Ok(true) };
        let mut coming = match self.coming.take() {
            Some(coming) => coming,
            None => Coming::new(part, info, self.layout)?,
        };
        if !coming.push(bytes, info) {
            self.coming = Some(coming);
            return Ok(false);
        }
        match (coming, part) {
            (Coming::Matrices(format, packers), _) => {
                let packed = packers.into_iter().map(Packer::finish);
                let matrices = packed.map(|packed| Matrix::of_packed(name, format, packed)).collect();
                self.matrices.insert(name.to_owned(), matrices);
            }
            (Coming::Bytes(bytes), Part::Matrices { rows, columns }) => {
                let matrices = in_blocks(name, info, rows, *columns, &bytes)?;
                self.matrices.insert(name.to_owned(), matrices);
            }
            (Coming::Bytes(bytes), Part::Vector { .. }) => {
                let values = bytes.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes));
                self.vectors.insert(name.to_owned(), values.collect());
            }
        }
        Ok(true)
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

impl Coming {
    /// Nothing of a tensor that becomes `part`, with room for all of it.
    fn new(part: &Part, info: &TensorInfo, layout: Layout) -> Result<Self, ModelError> {
        let out_of_memory =
            |_: TryReserveError| ModelError::OutOfMemory { needed_bytes: info.range.len() as u64 };
        if let (Part::Matrices { rows, columns }, Layout::Packed) = (part, layout)
            && let Some(format) = Format::of(info.tensor_type)
        {
            let mut packers: Vec<Packer> =
                rows.iter().map(|&rows| Packer::new(format, rows, *columns)).collect();
            packers.iter_mut().try_for_each(Packer::reserve).map_err(out_of_memory)?;
            return Ok(Self::Matrices(format, packers));
        }
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(info.range.len()).map_err(out_of_memory)?;
        Ok(Self::Bytes(bytes))
    }

    /// Takes the next bytes, and says whether they were the last.
    fn push(&mut self, new: &[u8], info: &TensorInfo) -> bool {
        match self {
            Self::Matrices(_, packers) => {
                packers.iter_mut().fold(new, |bytes, packer| packer.push(bytes));
                packers.iter().all(Packer::is_whole)
            }
            Self::Bytes(bytes) => {
                bytes.extend_from_slice(new);
                bytes.len() >= info.range.len()
            }
        }
    }
}

/// Matrices of so many `rows` each, one above the other, in the file's own blocks.
fn in_blocks(
    name: &str,
    info: &TensorInfo,
    rows: &[usize],
    columns: usize,
    mut bytes: &[u8],
) -> Result<Vec<Matrix>, ModelError> {
    let tensor_type = info.tensor_type;
    let unsupported = || ModelError::UnsupportedTensorType { tensor: name.to_owned(), tensor_type };
    let format = Format::of(tensor_type).ok_or_else(unsupported)?;
    let row_bytes = bytes.len() / rows.iter().sum::<usize>();
    let mut matrices = Vec::with_capacity(rows.len());
    for &rows in rows {
        let (of_matrix, behind) = bytes.split_at(rows * row_bytes);
        matrices.push(Matrix::new(name, format, rows, columns, of_matrix)?);
        bytes = behind;
    }
    Ok(matrices)
}

fn missing(tensor: &str) -> ModelError {
    ModelError::MissingTensor { tensor: tensor.to_owned() }
}
