//! Which tensors a decoder needs, known from its configuration before any of them is read.

use std::collections::BTreeMap;

use super::{Config, Format, Layer, Layout, ModelError};
use crate::{
    gguf::{Header, TensorInfo, TensorType},
    kernels::packed::Packed,
};

/// What a tensor becomes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part {
    /// Matrices of `rows` each, one above the other.
    Matrices { rows: Vec<usize>, columns: usize },
    /// Numbers in single precision.
    Vector { length: usize },
}

impl Part {
    /// As in the file: row length first.
    fn shape(&self) -> Vec<u64> {
        match self {
            Self::Matrices { rows, columns } => vec![*columns as u64, rows.iter().sum::<usize>() as u64],
            Self::Vector { length } => vec![*length as u64],
        }
    }
}

/// The tensors of one model.
#[derive(Debug, Default)]
pub struct Plan {
    needed: BTreeMap<String, Part>,
    optional: BTreeMap<String, Part>,
}

impl Plan {
    /// The tensors of a decoder of that shape.
    pub fn new(config: &Config) -> Self {
        let mut plan = Self::default();
        plan.matrix("token_embd.weight", config.vocabulary, config.width);
        plan.vector("output_norm.weight", config.width);
        let output = Part::Matrices { rows: vec![config.vocabulary], columns: config.width };
        plan.optional.insert("output.weight".to_owned(), output);
        for name in super::ROPE_FACTORS {
            plan.optional_vector(name, config.rope.rotated / 2);
        }
        for layer in 0..config.n_layers {
            Layer::plan(&mut plan, config, layer);
        }
        plan
    }

    pub(super) fn matrix(&mut self, name: impl Into<String>, rows: usize, columns: usize) {
        self.matrices(name, [rows], columns);
    }

    pub(super) fn matrices<const N: usize>(
        &mut self,
        name: impl Into<String>,
        rows: [usize; N],
        columns: usize,
    ) {
        self.needed.insert(name.into(), Part::Matrices { rows: rows.into(), columns });
    }

    pub(super) fn vector(&mut self, name: impl Into<String>, length: usize) {
        self.needed.insert(name.into(), Part::Vector { length });
    }

    pub(super) fn optional_vector(&mut self, name: impl Into<String>, length: usize) {
        self.optional.insert(name.into(), Part::Vector { length });
    }

    /// What the tensor of that name becomes; `None` when it takes no part.
    pub(super) fn part(&self, name: &str) -> Option<&Part> {
        self.needed.get(name).or_else(|| self.optional.get(name))
    }

    /// Whether the tensor of that name takes part.
    pub fn takes(&self, name: &str) -> bool {
        self.part(name).is_some()
    }

    /// The tensors that are needed, as a file with matrices in that format has them.
    pub(super) fn needed_as(&self, format: Format) -> Vec<(String, TensorInfo)> {
        let info = |part: &Part| {
            let tensor_type = match part {
                Part::Matrices { .. } => format.tensor_type(),
                Part::Vector { .. } => TensorType::F32,
            };
            let (weights, bytes) = tensor_type.block();
            let shape = part.shape();
            let length = shape.iter().product::<u64>() / weights * bytes;
            TensorInfo { shape, tensor_type, range: 0..length as usize }
        };
        self.needed.iter().map(|(name, part)| (name.clone(), info(part))).collect()
    }

    /// Checks shapes and types of the tensors in a file, and unless it is one of several, that none is missing.
    ///
    /// # Errors
    /// Names the tensor.
    pub fn check(&self, header: &Header, is_all: bool) -> Result<(), ModelError> {
        for (name, info) in &header.tensors {
            let Some(part) = self.part(name) else { continue };
            let (expected, got) = (part.shape(), info.shape.clone());
            if expected != got {
                return Err(ModelError::ShapeMismatch { tensor: name.clone(), expected, got });
            }
            let is_known = match part {
                Part::Matrices { .. } => Format::of(info.tensor_type).is_some(),
                Part::Vector { .. } => info.tensor_type == TensorType::F32,
            };
            if !is_known {
                let (tensor, tensor_type) = (name.clone(), info.tensor_type);
                return Err(ModelError::UnsupportedTensorType { tensor, tensor_type });
            }
        }
        match self.needed.keys().find(|name| !header.tensors.contains_key(*name)) {
            Some(missing) if is_all => Err(ModelError::MissingTensor { tensor: missing.clone() }),
            _ => Ok(()),
        }
    }

    /// Bytes that the weights of a file will take in memory.
    pub fn memory_bytes(&self, header: &Header, layout: Layout) -> u64 {
        let bytes = header.tensors.iter().filter_map(|(name, info)| match (self.part(name)?, layout) {
            (Part::Matrices { rows, columns }, Layout::Packed) => {
                let format = Format::of(info.tensor_type)?;
                Some(rows.iter().map(|rows| Packed::size_bytes(format, *rows, *columns)).sum())
            }
            _ => Some(info.range.len() as u64),
        });
        bytes.sum()
    }
}
