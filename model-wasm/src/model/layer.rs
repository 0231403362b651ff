//! One decoder layer's weights.

use super::{Config, Matrix, ModelError, Plan, Slot, Tensors};

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
    /// Tells which tensors it needs.
    pub(super) fn plan(plan: &mut Plan, config: &Config, layer: usize) {
        let Config { width, head_width, head_norms, output_norms, fused, .. } = *config;
        let name = |part: &str| format!("blk.{layer}.{part}.weight");
        plan.vector(name("attn_norm"), width);
        plan.vector(name("ffn_norm"), width);
        if head_norms {
            plan.vector(name("attn_q_norm"), head_width);
            plan.vector(name("attn_k_norm"), head_width);
        }
        if output_norms {
            plan.vector(name("post_attention_norm"), width);
            plan.vector(name("post_ffw_norm"), width);
        }
        if fused {
            let rows = |slot: Slot| slot.shape(config).0;
            plan.matrices(name("attn_qkv"), [Slot::Query, Slot::Key, Slot::Value].map(rows), width);
            plan.matrices(name("ffn_up"), [Slot::Gate, Slot::Up].map(rows), width);
        }
        for slot in Slot::ALL {
            let (rows, columns) = slot.shape(config);
            if !fused || matches!(slot, Slot::AttentionOutput | Slot::Down) {
                plan.matrix(name(slot.gguf_name()), rows, columns);
            }
            plan.optional_vector(format!("blk.{layer}.{}.bias", slot.gguf_name()), rows);
        }
    }

    /// Takes its tensors.
    pub(super) fn load(tensors: &mut Tensors, config: &Config, layer: usize) -> Result<Self, ModelError> {
        let Config { head_norms, output_norms, fused, .. } = *config;
        let name = |part: &str| format!("blk.{layer}.{part}.weight");
        let norm = |tensors: &mut Tensors, wanted: bool, part: &str| {
            wanted.then(|| tensors.vector(&name(part))).transpose()
        };
        let output = tensors.matrix(&name(Slot::AttentionOutput.gguf_name()))?;
        let down = tensors.matrix(&name(Slot::Down.gguf_name()))?;
        let ([query, key, value], [gate, up]) = if fused {
            (tensors.matrices(&name("attn_qkv"))?, tensors.matrices(&name("ffn_up"))?)
        } else {
            let mut one = |slot: Slot| tensors.matrix(&name(slot.gguf_name()));
            ([one(Slot::Query)?, one(Slot::Key)?, one(Slot::Value)?], [one(Slot::Gate)?, one(Slot::Up)?])
        };
        Ok(Self {
            attention_norm: tensors.vector(&name("attn_norm"))?,
            feed_forward_norm: tensors.vector(&name("ffn_norm"))?,
            query_norm: norm(tensors, head_norms, "attn_q_norm")?,
            key_norm: norm(tensors, head_norms, "attn_k_norm")?,
            attention_output_norm: norm(tensors, output_norms, "post_attention_norm")?,
            feed_forward_output_norm: norm(tensors, output_norms, "post_ffw_norm")?,
            biases: Slot::ALL
                .map(|slot| tensors.optional_vector(&format!("blk.{layer}.{}.bias", slot.gguf_name()))),
            matrices: [query, key, value, output, gate, up, down],
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
