//! A weight matrix, in the blocks of the file or packed.

use std::{borrow::Cow, sync::Arc};

use candle_core::{
    Device, Tensor,
    quantized::{GgmlDType, QStorage, QTensor},
};

use super::ModelError;
use crate::{
    gguf::TensorType,
    kernels::{matmul::dequantise_row, packed::Packed},
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

    /// The format of that tensor type, where it is one of weights.
    pub fn of(tensor_type: TensorType) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.tensor_type() == tensor_type)
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

/// How matrices lie in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// In the file's own blocks.
    Blocks,
    /// As the fast kernels read them.
    Packed,
}

/// A weight matrix, `(rows, columns)` = (outputs, inputs).
pub struct Matrix {
    name: String,
    rows: usize,
    columns: usize,
    format: Format,
    data: Data,
}

enum Data {
    Candle(QTensor),
    /// Blocks of a type that candle does not know.
    Blocks(Vec<u8>),
    Packed(Arc<Packed>),
}

impl Matrix {
    /// A matrix in the file's own blocks: `bytes`, of which there are as many as the format and the shape take.
    ///
    /// # Errors
    /// When candle refuses it.
    pub(crate) fn new(
        name: &str,
        format: Format,
        rows: usize,
        columns: usize,
        bytes: &[u8],
    ) -> Result<Self, ModelError> {
        let data = match format.in_candle() {
            Some(dtype) => QStorage::from_data(Cow::Borrowed(bytes), &Device::Cpu, dtype)
                .and_then(|storage| QTensor::new(storage, (rows, columns)))
                .map(Data::Candle)
                .map_err(|error| refused(name, &error))?,
            None => Data::Blocks(bytes.to_vec()),
        };
        Ok(Self { name: name.to_owned(), rows, columns, format, data })
    }

    /// A matrix that was packed from that format.
    pub(super) fn of_packed(name: &str, format: Format, packed: Packed) -> Self {
        let (rows, columns, data) = (packed.rows(), packed.columns(), Data::Packed(Arc::new(packed)));
        Self { name: name.to_owned(), rows, columns, format, data }
    }

    /// A matrix of `values`, `(rows, columns)`, in `format`.
    #[cfg(test)]
    pub(crate) fn from_values(format: Format, rows: usize, columns: usize, values: &[f32]) -> Self {
        let dtype = format.in_candle().expect("a type that candle can write");
        let values = Tensor::from_slice(values, (rows, columns), &Device::Cpu).expect("a matrix");
        let tensor = QTensor::quantize(&values, dtype).expect("columns in whole blocks");
        Self { name: "test".to_owned(), rows, columns, format, data: Data::Candle(tensor) }
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

    /// Its blocks, row after row, as in the file; `None` when it is packed.
    pub fn blocks(&self) -> Option<Cow<'_, [u8]>> {
        match &self.data {
            Data::Candle(tensor) => tensor.data().ok(),
            Data::Blocks(bytes) => Some(Cow::Borrowed(bytes)),
            Data::Packed(_) => None,
        }
    }

    /// The matrix as the fast kernels read it: packed now, if it is not yet.
    pub fn packed(&self) -> Arc<Packed> {
        if let Data::Packed(packed) = &self.data {
            return Arc::clone(packed);
        }
        let blocks = self.blocks().unwrap_or_default();
        Arc::new(Packed::new(self.format, self.rows, self.columns, &blocks))
    }

    pub(crate) fn dequantised(&self) -> Result<Self, ModelError> {
        let refused = |error: candle_core::Error| refused(&self.name, &error);
        let values = if let Data::Candle(tensor) = &self.data {
            tensor.dequantize(&Device::Cpu).map_err(refused)?
        } else {
            let mut values = vec![0.0; self.rows * self.columns];
            for (index, row) in values.chunks_exact_mut(self.columns).enumerate() {
                dequantise_row(self, index, row);
            }
            Tensor::from_vec(values, (self.rows, self.columns), &Device::Cpu).map_err(refused)?
        };
        let tensor = QTensor::quantize(&values, GgmlDType::F32).map_err(refused)?;
        Ok(Self { name: self.name.clone(), format: Format::F32, data: Data::Candle(tensor), ..*self })
    }

    /// The values of a matrix in single precision.
    #[cfg(test)]
    pub(crate) fn values(&self) -> Vec<f32> {
        assert_eq!(self.format, Format::F32);
        self.blocks().expect("blocks").as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect()
    }
}

fn refused(tensor: &str, error: &candle_core::Error) -> ModelError {
    ModelError::Candle { tensor: tensor.to_owned(), message: error.to_string() }
}
