//! A weight matrix as candle holds it, in the blocks of the file.

use std::borrow::Cow;

use candle_core::{
    Device,
    quantized::{GgmlDType, QStorage, QTensor},
};

use super::ModelError;
use crate::gguf::TensorType;

/// How a matrix's blocks are computed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Single precision.
    F32,
    /// Half precision.
    F16,
    /// 32 8-bit integers and a scale.
    Q8_0,
    /// 32 4-bit integers and a scale.
    Q4_0,
}

/// A weight matrix, `(rows, columns)` = (outputs, inputs), in the file's own blocks.
pub struct Matrix {
    name: String,
    rows: usize,
    columns: usize,
    format: Format,
    tensor: QTensor,
}

impl Matrix {
    pub(super) fn new(
        name: &str,
        tensor_type: TensorType,
        rows: usize,
        columns: usize,
        bytes: &[u8],
    ) -> Result<Self, ModelError> {
        let (format, dtype) = match tensor_type {
            TensorType::F32 => (Format::F32, GgmlDType::F32),
            TensorType::F16 => (Format::F16, GgmlDType::F16),
            TensorType::Q8_0 => (Format::Q8_0, GgmlDType::Q8_0),
            TensorType::Q4_0 => (Format::Q4_0, GgmlDType::Q4_0),
            tensor_type => {
                return Err(ModelError::UnsupportedTensorType { tensor: name.to_owned(), tensor_type });
            }
        };
        let tensor = QStorage::from_data(Cow::Borrowed(bytes), &Device::Cpu, dtype)
            .and_then(|storage| QTensor::new(storage, (rows, columns)))
            .map_err(|error| refused(name, &error))?;
        Ok(Self { name: name.to_owned(), rows, columns, format, tensor })
    }

    /// A matrix of `values`, `(rows, columns)`, in `format`.
    #[cfg(test)]
    pub(crate) fn from_values(format: Format, rows: usize, columns: usize, values: &[f32]) -> Self {
        let dtype = match format {
            Format::F32 => GgmlDType::F32,
            Format::F16 => GgmlDType::F16,
            Format::Q8_0 => GgmlDType::Q8_0,
            Format::Q4_0 => GgmlDType::Q4_0,
        };
        let values =
            candle_core::Tensor::from_slice(values, (rows, columns), &Device::Cpu).expect("a matrix");
        let tensor = QTensor::quantize(&values, dtype).expect("columns in whole blocks");
        Self { name: "test".to_owned(), rows, columns, format, tensor }
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
        self.tensor.data().expect("a tensor on the CPU gives out its bytes")
    }

    pub(super) fn dequantised(&self) -> Result<Self, ModelError> {
        let refused = |error: candle_core::Error| refused(&self.name, &error);
        let values = self.tensor.dequantize(&Device::Cpu).map_err(refused)?;
        let tensor = QTensor::quantize(&values, GgmlDType::F32).map_err(refused)?;
        Ok(Self { name: self.name.clone(), format: Format::F32, tensor, ..*self })
    }
}

fn refused(tensor: &str, error: &candle_core::Error) -> ModelError {
    ModelError::Candle { tensor: tensor.to_owned(), message: error.to_string() }
}
