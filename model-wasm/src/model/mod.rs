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
mod plan;
mod tensors;
#[cfg(test)]
mod tests;
mod zeros;

use std::collections::BTreeMap;

use protocol::ModelInfo;

use crate::{
    gguf::{Header, TensorType},
    kernels::rope::{self, Rope},
};

pub use config::{CachePrecision, Config, RopeConfig, Window};
pub use error::ModelError;
pub use family::Activation;
pub use layer::Layer;
pub use matrix::{Format, Layout, Matrix};
pub use plan::Plan;
pub use tensors::Tensors;

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
    /// Puts a decoder together from its tensors; `info` is what is told of it.
    ///
    /// # Errors
    /// When a tensor is missing.
    pub fn new(config: Config, mut tensors: Tensors, info: ModelInfo) -> Result<Self, ModelError> {
        let layers =
            (0..config.n_layers).map(|n| Layer::load(&mut tensors, &config, n)).collect::<Result<_, _>>()?;
        Ok(Self {
            embedding: tensors.matrix("token_embd.weight")?,
            layers,
            output_norm: tensors.vector("output_norm.weight")?,
            output: tensors.matrix("output.weight").ok(),
            rope_factors: ROPE_FACTORS.into_iter().find_map(|name| tensors.optional_vector(name)),
            config,
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
            config: Config { cache_precision: CachePrecision::Single, ..self.config.clone() },
            embedding: self.embedding.dequantised()?,
            layers: self.layers.iter().map(Layer::dequantised).collect::<Result<_, _>>()?,
            output_norm: self.output_norm.clone(),
            output: self.output.as_ref().map(Matrix::dequantised).transpose()?,
            rope_factors: self.rope_factors.clone(),
            info: self.info.clone(),
        })
    }
}

/// Where a file may divide rotary frequencies.
const ROPE_FACTORS: [&str; 2] = ["rope_freqs.weight", "rope_factors_short.weight"];

/// Weights by tensor type.
pub fn weights_by_type(header: &Header) -> BTreeMap<TensorType, u64> {
    let mut weights = BTreeMap::new();
    for info in header.tensors.values() {
        *weights.entry(info.tensor_type).or_default() += info.elements();
    }
    weights
}
