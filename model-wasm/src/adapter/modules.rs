//! Which modules of transformers, and which tensors of GGUF, hold the matrices of a base.

use super::reading::Naming;
use crate::model::{Config, Slot};

/// What a module changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// Matrices of a layer, one above the other.
    Layer(usize, Vec<Slot>),
    /// The token embeddings.
    Embedding,
    /// The output matrix.
    Output,
}

/// What a module of the base holds; `None` where the base has no such module.
pub(super) fn target(module: &str, naming: Naming, config: &Config) -> Option<Target> {
    let (layers, embedding, output) = match naming {
        Naming::Transformers => ("model.layers.", "model.embed_tokens", "lm_head"),
        Naming::Gguf => ("blk.", "token_embd", "output"),
    };
    if module == embedding {
        return Some(Target::Embedding);
    }
    if module == output {
        return Some(Target::Output);
    }
    let (number, name) = module.strip_prefix(layers)?.split_once('.')?;
    let layer: usize = number.parse().ok()?;
    // Written without leading zeros or a sign.
    if layer >= config.n_layers || layer.to_string() != number {
        return None;
    }
    let slots: Vec<Slot> =
        Slot::ALL.into_iter().filter(|slot| name_of(*slot, naming, config) == name).collect();
    (!slots.is_empty()).then_some(Target::Layer(layer, slots))
}

/// What the module of a matrix is called in its layer.
fn name_of(slot: Slot, naming: Naming, config: &Config) -> &'static str {
    match (naming, slot) {
        (Naming::Transformers, Slot::Query | Slot::Key | Slot::Value) if config.fused => "self_attn.qkv_proj",
        (Naming::Transformers, Slot::Gate | Slot::Up) if config.fused => "mlp.gate_up_proj",
        (Naming::Transformers, slot) => slot.module_name(),
        (Naming::Gguf, Slot::Query | Slot::Key | Slot::Value) if config.fused => "attn_qkv",
        (Naming::Gguf, Slot::Gate | Slot::Up) if config.fused => "ffn_up",
        (Naming::Gguf, slot) => slot.gguf_name(),
    }
}
