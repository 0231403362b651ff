//! The decoder's configuration and weights.
//!
//! # Dimensions
//! One legend for the whole crate; every tensor is row-major, its last dimension contiguous.
//!
//! | letter | meaning | metadata |
//! |---|---|---|
//! | `L` | layers | `block_count` |
//! | `D` | width of the residual stream | `embedding_length` |
//! | `H` | query heads | `attention.head_count` |
//! | `K` | key and value heads, each shared by `H / K` query heads | `attention.head_count_kv` |
//! | `E` | width of one head | `attention.key_length`, else `D / H` |
//! | `F` | width of the feed-forward | `feed_forward_length` |
//! | `V` | vocabulary | the tokens' number |
//! | `M` | tokens in a batch, of any lanes | |
//! | `T` | positions in a sequence | |
//! | `R` | rank of an adapter's matrices | |

mod config;
mod error;
mod family;
mod layer;
mod matrix;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use protocol::ModelInfo;
use sha2::{Digest, Sha256};

use crate::{
    gguf::{Header, Metadata, TensorInfo, TensorType},
    kernels::rope::{self, Rope},
    tokenizer::Tokenizer,
};

pub use config::{Config, RopeConfig, Window};
pub use error::ModelError;
pub use family::Activation;
pub use layer::Layer;
pub use matrix::{Format, Matrix};

/// The matrices of a layer that an adapter can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// Queries, `(H E, D)`
    Query,
    /// Keys, `(K E, D)`
    Key,
    /// Values, `(K E, D)`
    Value,
    /// Attention's output, `(D, H E)`
    AttentionOutput,
    /// Feed-forward's gate, `(F, D)`
    Gate,
    /// Feed-forward's input, `(F, D)`
    Up,
    /// Feed-forward's output, `(D, F)`
    Down,
}

impl Slot {
    /// All of them, in the order in which a layer uses them.
    pub const ALL: [Self; 7] =
        [Self::Query, Self::Key, Self::Value, Self::AttentionOutput, Self::Gate, Self::Up, Self::Down];

    /// Its rows and columns in a layer: outputs and inputs.
    pub fn shape(self, config: &Config) -> (usize, usize) {
        let Config { width, n_heads, n_kv_heads, head_width, feed_forward, .. } = *config;
        match self {
            Self::Query => (n_heads * head_width, width),
            Self::Key | Self::Value => (n_kv_heads * head_width, width),
            Self::AttentionOutput => (width, n_heads * head_width),
            Self::Gate | Self::Up => (feed_forward, width),
            Self::Down => (width, feed_forward),
        }
    }

    /// Its name in GGUF, between `blk.N.` and `.weight`.
    pub fn gguf_name(self) -> &'static str {
        match self {
            Self::Query => "attn_q",
            Self::Key => "attn_k",
            Self::Value => "attn_v",
            Self::AttentionOutput => "attn_output",
            Self::Gate => "ffn_gate",
            Self::Up => "ffn_up",
            Self::Down => "ffn_down",
        }
    }

    /// Its name in transformers, after `model.layers.N.`.
    pub fn module_name(self) -> &'static str {
        match self {
            Self::Query => "self_attn.q_proj",
            Self::Key => "self_attn.k_proj",
            Self::Value => "self_attn.v_proj",
            Self::AttentionOutput => "self_attn.o_proj",
            Self::Gate => "mlp.gate_proj",
            Self::Up => "mlp.up_proj",
            Self::Down => "mlp.down_proj",
        }
    }
}

/// A base model: configuration and weights as they lie in the file. Never changed after loading.
pub struct Model {
    /// The shape.
    pub config: Config,
    /// Token embeddings, `(V, D)`
    pub embedding: Matrix,
    /// The layers, `L` of them.
    pub layers: Vec<Layer>,
    /// Gain of the last norm, `(D,)`
    pub output_norm: Vec<f32>,
    /// Output matrix, `(V, D)`; `None` where it is the embedding.
    output: Option<Matrix>,
    /// Divides each rotary frequency, where the file has such factors.
    rope_factors: Option<Vec<f32>>,
    info: ModelInfo,
}

impl Model {
    /// Takes the weights out of a file.
    ///
    /// # Errors
    /// When the architecture, a tensor's type or its shape is not what the engine can run.
    pub fn load(file: &[u8], header: &Header, tokenizer: &Tokenizer) -> Result<Self, ModelError> {
        let config = Config::new(&header.metadata, tokenizer.vocabulary())?;
        let (width, vocabulary) = (config.width, config.vocabulary);
        let tensors = Tensors { file, header };
        let layers =
            (0..config.n_layers).map(|n| Layer::load(&tensors, &config, n)).collect::<Result<_, _>>()?;
        let output = tensors
            .has("output.weight")
            .then(|| tensors.matrix("output.weight", vocabulary, width))
            .transpose()?;
        let factors = ["rope_freqs.weight", "rope_factors_short.weight"];
        let rope_factors = factors
            .into_iter()
            .find_map(|name| tensors.optional_vector(name, config.rope.rotated / 2).transpose());
        let embedding = tensors.matrix("token_embd.weight", vocabulary, width)?;
        let output_norm = tensors.vector("output_norm.weight", width)?;
        let info = info(file, header, tokenizer, &config)?;
        Ok(Self {
            config,
            embedding,
            layers,
            output_norm,
            output,
            rope_factors: rope_factors.transpose()?,
            info,
        })
    }

    /// Output matrix, `(V, D)`.
    pub fn output(&self) -> &Matrix {
        self.output.as_ref().unwrap_or(&self.embedding)
    }

    /// What was loaded, for people.
    pub fn info(&self) -> &ModelInfo {
        &self.info
    }

    /// The rotary positions of layers without a window, and of those with one.
    pub fn ropes(&self) -> [Rope; 2] {
        let RopeConfig { pairs, rotated, base, stretch, magnitude, .. } = self.config.rope;
        let factors = self.rope_factors.as_deref();
        let settings = rope::Settings {
            pairs,
            head_width: self.config.head_width,
            rotated,
            base,
            stretch,
            factors,
            magnitude,
        };
        let windowed = match self.config.window.and_then(|window| window.rope_base) {
            Some(base) => rope::Settings { base, stretch: 1.0, factors: None, ..settings },
            None => settings,
        };
        [Rope::new(settings), Rope::new(windowed)]
    }

    /// The same model with every weight in single precision: what the quantised one is
    /// compared with.
    ///
    /// # Errors
    /// When candle cannot convert a tensor.
    pub fn dequantised(&self) -> Result<Self, ModelError> {
        Ok(Self {
            config: self.config.clone(),
            embedding: self.embedding.dequantised()?,
            layers: self.layers.iter().map(Layer::dequantised).collect::<Result<_, _>>()?,
            output_norm: self.output_norm.clone(),
            output: self.output.as_ref().map(Matrix::dequantised).transpose()?,
            rope_factors: self.rope_factors.clone(),
            info: self.info.clone(),
        })
    }
}

/// The tensors of a file by name.
struct Tensors<'a> {
    file: &'a [u8],
    header: &'a Header,
}

impl Tensors<'_> {
    fn has(&self, name: &str) -> bool {
        self.header.tensors.contains_key(name)
    }

    fn find(&self, name: &str, expected: &[u64]) -> Result<&TensorInfo, ModelError> {
        let missing = || ModelError::MissingTensor { tensor: name.to_owned() };
        let info = self.header.tensors.get(name).ok_or_else(missing)?;
        if info.shape != expected {
            return Err(ModelError::ShapeMismatch {
                tensor: name.to_owned(),
                expected: expected.to_vec(),
                got: info.shape.clone(),
            });
        }
        Ok(info)
    }

    fn matrix(&self, name: &str, rows: usize, columns: usize) -> Result<Matrix, ModelError> {
        let [matrix] = self.matrices(name, [rows], columns)?;
        Ok(matrix)
    }

    /// The matrices that lie in one tensor, one above the other.
    fn matrices<const N: usize>(
        &self,
        name: &str,
        rows: [usize; N],
        columns: usize,
    ) -> Result<[Matrix; N], ModelError> {
        let all: usize = rows.iter().sum();
        let info = self.find(name, &[columns as u64, all as u64])?;
        let bytes = &self.file[info.range.clone()];
        let mut start = 0;
        let mut matrices = Vec::with_capacity(N);
        for rows in rows {
            let end = start + bytes.len() / all * rows;
            matrices.push(Matrix::new(name, info.tensor_type, rows, columns, &bytes[start..end])?);
            start = end;
        }
        let Ok(matrices) = matrices.try_into() else { unreachable!("one matrix for each number of rows") };
        Ok(matrices)
    }

    fn optional_vector(&self, name: &str, length: usize) -> Result<Option<Vec<f32>>, ModelError> {
        self.has(name).then(|| self.vector(name, length)).transpose()
    }

    fn vector(&self, name: &str, length: usize) -> Result<Vec<f32>, ModelError> {
        let info = self.find(name, &[length as u64])?;
        if info.tensor_type != TensorType::F32 {
            return Err(ModelError::UnsupportedTensorType {
                tensor: name.to_owned(),
                tensor_type: info.tensor_type,
            });
        }
        let bytes = &self.file[info.range.clone()];
        Ok(bytes.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect())
    }
}

/// Weights by tensor type.
pub fn weights_by_type(header: &Header) -> BTreeMap<TensorType, u64> {
    let mut weights = BTreeMap::new();
    for info in header.tensors.values() {
        *weights.entry(info.tensor_type).or_default() += info.elements();
    }
    weights
}

fn info(
    file: &[u8],
    header: &Header,
    tokenizer: &Tokenizer,
    config: &Config,
) -> Result<ModelInfo, ModelError> {
    let by_type = weights_by_type(header);
    let most = by_type.iter().max_by_key(|(_, weights)| **weights).map(|(most, _)| most.to_string());
    let architecture = header.metadata.need("general.architecture", Metadata::text)?;
    Ok(ModelInfo {
        name: header.metadata.text("general.name")?.unwrap_or(architecture).to_owned(),
        architecture: architecture.to_owned(),
        parameters: by_type.values().sum(),
        quantisation: most.unwrap_or_default(),
        context_length: config.context_length as u32,
        vocabulary: config.vocabulary as u32,
        size_bytes: file.len() as u64,
        memory_bytes: header.tensors.values().map(|info| info.range.len() as u64).sum(),
        sha256: crate::hex(&Sha256::digest(file)),
        tokenizer_sha256: tokenizer.sha256().to_owned(),
    })
}
