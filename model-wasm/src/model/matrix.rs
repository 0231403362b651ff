//! A weight matrix as candle holds it, in the blocks of the file.

use std::borrow::Cow;

use candle_core::{
    Device, Tensor,
    quantized::{GgmlDType, QStorage, QTensor},
};

use super::ModelError;
use crate::{
    gguf::TensorType,
    kernels::{BLOCK, unpack::groups},
};

/// How a matrix's blocks are computed with: the tensor types that weights can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "they are ggml's names")]
pub enum Format {
    F32,
    F16,
    Bf16,
    Q8_0,
    Q4_0,
    Q4_1,
    Q5_0,
    Q5_1,
    Q2K,
    Q3K,
    Q4K,
    Q5K,
    Q6K,
    Iq4Nl,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::F32,
        Self::F16,
        Self::Bf16,
        Self::Q8_0,
        Self::Q4_0,
        Self::Q4_1,
        Self::Q5_0,
        Self::Q5_1,
        Self::Q2K,
        Self::Q3K,
        Self::Q4K,
        Self::Q5K,
        Self::Q6K,
        Self::Iq4Nl,
    ];

    /// Its name in a file.
    pub fn tensor_type(self) -> TensorType {
        match self {
            Self::F32 => TensorType::F32,
            Self::F16 => TensorType::F16,
            Self::Bf16 => TensorType::BF16,
            Self::Q8_0 => TensorType::Q8_0,
            Self::Q4_0 => TensorType::Q4_0,
            Self::Q4_1 => TensorType::Q4_1,
            Self::Q5_0 => TensorType::Q5_0,
            Self::Q5_1 => TensorType::Q5_1,
            Self::Q2K => TensorType::Q2_K,
            Self::Q3K => TensorType::Q3_K,
            Self::Q4K => TensorType::Q4_K,
            Self::Q5K => TensorType::Q5_K,
            Self::Q6K => TensorType::Q6_K,
            Self::Iq4Nl => TensorType::IQ4_NL,
        }
    }

    /// Whether its weights are integers with scales.
    pub fn is_quantised(self) -> bool {
        !matches!(self, Self::F32 | Self::F16 | Self::Bf16)
    }

    /// candle's name for it, where candle knows it.
    fn in_candle(self) -> Option<GgmlDType> {
        Some(match self {
            Self::F32 => GgmlDType::F32,
            Self::F16 => GgmlDType::F16,
            Self::Bf16 => GgmlDType::BF16,
            Self::Q8_0 => GgmlDType::Q8_0,
            Self::Q4_0 => GgmlDType::Q4_0,
            Self::Q4_1 => GgmlDType::Q4_1,
            Self::Q5_0 => GgmlDType::Q5_0,
            Self::Q5_1 => GgmlDType::Q5_1,
            Self::Q2K => GgmlDType::Q2K,
            Self::Q3K => GgmlDType::Q3K,
            Self::Q4K => GgmlDType::Q4K,
            Self::Q5K => GgmlDType::Q5K,
            Self::Q6K => GgmlDType::Q6K,
            Self::Iq4Nl => return None,
        })
    }
}

/// A weight matrix, `(rows, columns)` = (outputs, inputs), in the file's own blocks.
pub struct Matrix {
    name: String,
    rows: usize,
    columns: usize,
    format: Format,
    blocks: Blocks,
}

enum Blocks {
    Candle(QTensor),
    /// Of a type that candle does not know.
    Bytes(Vec<u8>),
}

impl Matrix {
    /// A matrix of `bytes`, of which there are as many as the type and the shape take.
    ///
    /// # Errors
    /// When the type is not one of weights.
    pub(crate) fn new(
        name: &str,
        tensor_type: TensorType,
        rows: usize,
        columns: usize,
        bytes: &[u8],
    ) -> Result<Self, ModelError> {
        let unsupported = || ModelError::UnsupportedTensorType { tensor: name.to_owned(), tensor_type };
        let known = Format::ALL.into_iter().find(|format| format.tensor_type() == tensor_type);
        let format = known.ok_or_else(unsupported)?;
        let blocks = match format.in_candle() {
            Some(dtype) => QStorage::from_data(Cow::Borrowed(bytes), &Device::Cpu, dtype)
                .and_then(|storage| QTensor::new(storage, (rows, columns)))
                .map(Blocks::Candle)
                .map_err(|error| refused(name, &error))?,
            None => Blocks::Bytes(bytes.to_vec()),
        };
        Ok(Self { name: name.to_owned(), rows, columns, format, blocks })
    }

    /// A matrix of `values`, `(rows, columns)`, in `format`.
    #[cfg(test)]
    pub(crate) fn from_values(format: Format, rows: usize, columns: usize, values: &[f32]) -> Self {
        let dtype = format.in_candle().expect("a type that candle can write");
        let values = Tensor::from_slice(values, (rows, columns), &Device::Cpu).expect("a matrix");
        let tensor = QTensor::quantize(&values, dtype).expect("columns in whole blocks");
        Self { name: "test".to_owned(), rows, columns, format, blocks: Blocks::Candle(tensor) }
    }

    /// The tensor's name in the file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Outputs.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Inputs.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// How its blocks are computed with.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Its blocks, row after row, as in the file.
    ///
    /// # Panics
    /// Never: candle gives out the bytes of every tensor that lies in ordinary memory.
    pub fn bytes(&self) -> Cow<'_, [u8]> {
        match &self.blocks {
            Blocks::Candle(tensor) => tensor.data().expect("a tensor on the CPU gives out its bytes"),
            Blocks::Bytes(bytes) => Cow::Borrowed(bytes),
        }
    }

    pub(crate) fn dequantised(&self) -> Result<Self, ModelError> {
        let refused = |error: candle_core::Error| refused(&self.name, &error);
        let values = match &self.blocks {
            Blocks::Candle(tensor) => tensor.dequantize(&Device::Cpu).map_err(refused)?,
            Blocks::Bytes(bytes) => {
                let mut values = vec![0.0; self.rows * self.columns];
                groups(self.format, bytes, |index, group| {
                    values[index * BLOCK..][..BLOCK].copy_from_slice(&group.weights());
                });
                Tensor::from_vec(values, (self.rows, self.columns), &Device::Cpu).map_err(refused)?
            }
        };
        let tensor = QTensor::quantize(&values, GgmlDType::F32).map_err(refused)?;
        Ok(Self { name: self.name.clone(), format: Format::F32, blocks: Blocks::Candle(tensor), ..*self })
    }

    /// The values of a matrix in single precision.
    #[cfg(test)]
    pub(crate) fn values(&self) -> Vec<f32> {
        assert_eq!(self.format, Format::F32);
        self.bytes().as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect()
    }
}

fn refused(tensor: &str, error: &candle_core::Error) -> ModelError {
    ModelError::Candle { tensor: tensor.to_owned(), message: error.to_string() }
}
