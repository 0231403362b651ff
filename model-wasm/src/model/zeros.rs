//! A model to warm up with.

use protocol::{ModelInfo, OwnTemplate};

use super::{
    Activation, CachePrecision, Config, Format, Layout, Model, ModelError, Plan, RopeConfig, Tensors,
};
use crate::{gguf::TensorType, kernels::rope::Pairs};

impl Model {
    /// A model of some 700,000 weights, packed and all of them zero: it has nothing to say, but it runs through all of the
    /// fast engine.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub fn of_zeros() -> Result<Self, ModelError> {
        let config = Config {
            architecture: "llama",
            n_layers: 1,
            width: 256,
            n_heads: 6,
            n_kv_heads: 2,
            head_width: 64,
            feed_forward: 512,
            vocabulary: 256,
            context_length: 256,
            cache_precision: CachePrecision::Integers,
            norm_epsilon: 1e-5,
            rope: RopeConfig {
                pairs: Pairs::Adjacent,
                rotated: 64,
                base: 10_000.0,
                stretch: 1.0,
                magnitude: 1.0,
                unrotated_every: None,
            },
            window: None,
            embedding_scale: 1.0,
            activation: Activation::Silu,
            logit_cap: None,
            head_norms: false,
            output_norms: false,
            fused: false,
        };
        let info = ModelInfo {
            name: "zeros".to_owned(),
            architecture: config.architecture.to_owned(),
            parameters: 0,
            quantisation: TensorType::Q8_0.to_string(),
            context_length: config.context_length as u32,
            own_context_length: config.context_length as u32,
            cache_bytes: config.cache_bytes(config.context_length),
            vocabulary: config.vocabulary as u32,
            size_bytes: 0,
            memory_bytes: 0,
            sha256: String::new(),
            tokenizer_sha256: String::new(),
            chat: OwnTemplate::Missing,
        };
        let mut tensors = Tensors::new(Plan::new(&config), Layout::Packed);
        for (name, tensor) in tensors.plan().needed_as(Format::Q8_0) {
            tensors.add(&name, &tensor, &vec![0; tensor.range.len()])?;
        }
        Self::new(config, tensors, info)
    }
}
