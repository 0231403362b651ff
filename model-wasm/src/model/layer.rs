//! One decoder layer's weights.

use super::{Config, Matrix, ModelError, Slot, Tensors};

/// One decoder layer.
pub struct Layer {
    /// Gain of the norm before attention, `(D,)`
    pub attention_norm: Vec<f32>,
    /// Gain of the norm before the feed-forward, `(D,)`
    pub feed_forward_norm: Vec<f32>,
    /// Gain of the norm of each head's queries, `(E,)`
    pub query_norm: Option<Vec<f32>>,
    /// Gain of the norm of each head's keys, `(E,)`
    pub key_norm: Option<Vec<f32>>,
    /// Gain of the norm of what attention puts out, `(D,)`
    pub attention_output_norm: Option<Vec<f32>>,
    /// Gain of the norm of what the feed-forward puts out, `(D,)`
    pub feed_forward_output_norm: Option<Vec<f32>>,
    biases: [Option<Vec<f32>>; 7],
    matrices: [Matrix; 7],
}

impl Layer {
    pub(super) fn load(tensors: &Tensors, config: &Config, layer: usize) -> Result<Self, ModelError> {
        let Config { width, head_width, head_norms, output_norms, .. } = *config;
        let name = |part: &str| format!("blk.{layer}.{part}.weight");
        let vector = |part: &str, length| tensors.vector(&name(part), length);
        let norm = |wanted: bool, part: &str, length| wanted.then(|| vector(part, length)).transpose();
        let bias = |slot: Slot| {
            let name = format!("blk.{layer}.{}.bias", slot.gguf_name());
            tensors.optional_vector(&name, slot.shape(config).0)
        };
        let [query, key, value, output, gate, up, down] = Slot::ALL.map(bias);
        Ok(Self {
            attention_norm: vector("attn_norm", width)?,
            feed_forward_norm: vector("ffn_norm", width)?,
            query_norm: norm(head_norms, "attn_q_norm", head_width)?,
            key_norm: norm(head_norms, "attn_k_norm", head_width)?,
            attention_output_norm: norm(output_norms, "post_attention_norm", width)?,
            feed_forward_output_norm: norm(output_norms, "post_ffw_norm", width)?,
            biases: [query?, key?, value?, output?, gate?, up?, down?],
            matrices: if config.fused {
                fused(tensors, config, name)?
            } else {
                separate(tensors, config, name)?
            },
        })
    }

    /// One of its matrices.
    pub fn matrix(&self, slot: Slot) -> &Matrix {
        &self.matrices[slot as usize]
    }

    /// What is added to a matrix's outputs, `(outputs,)`.
    pub fn bias(&self, slot: Slot) -> Option<&[f32]> {
        self.biases[slot as usize].as_deref()
    }

    pub(super) fn dequantised(&self) -> Result<Self, ModelError> {
        let matrices = Slot::ALL.map(|slot| self.matrix(slot).dequantised());
        let [query, key, value, output, gate, up, down] = matrices;
        Ok(Self {
            attention_norm: self.attention_norm.clone(),
            feed_forward_norm: self.feed_forward_norm.clone(),
            query_norm: self.query_norm.clone(),
            key_norm: self.key_norm.clone(),
            attention_output_norm: self.attention_output_norm.clone(),
            feed_forward_output_norm: self.feed_forward_output_norm.clone(),
            biases: self.biases.clone(),
            matrices: [query?, key?, value?, output?, gate?, up?, down?],
        })
    }
}

/// A tensor for each matrix.
fn separate(
    tensors: &Tensors,
    config: &Config,
    name: impl Fn(&str) -> String,
) -> Result<[Matrix; 7], ModelError> {
    let matrices = Slot::ALL.map(|slot| {
        let (rows, columns) = slot.shape(config);
        tensors.matrix(&name(slot.gguf_name()), rows, columns)
    });
    let [query, key, value, output, gate, up, down] = matrices;
    Ok([query?, key?, value?, output?, gate?, up?, down?])
}

/// A tensor for queries, keys and values, one for gate and up, one for each of the others.
fn fused(
    tensors: &Tensors,
    config: &Config,
    name: impl Fn(&str) -> String,
) -> Result<[Matrix; 7], ModelError> {
    let rows = |slot: Slot| slot.shape(config).0;
    let one = |slot: Slot| tensors.matrix(&name(slot.gguf_name()), rows(slot), slot.shape(config).1);
    let attention = [Slot::Query, Slot::Key, Slot::Value].map(rows);
    let [query, key, value] = tensors.matrices(&name("attn_qkv"), attention, config.width)?;
    let [gate, up] = tensors.matrices(&name("ffn_up"), [Slot::Gate, Slot::Up].map(rows), config.width)?;
    Ok([query, key, value, one(Slot::AttentionOutput)?, gate, up, one(Slot::Down)?])
}
