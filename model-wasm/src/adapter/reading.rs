//! What an adapter's files say, before it is known whether it fits a base.

use super::halves::Pair;

/// An adapter of any format.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) naming: Naming,
    /// `general.architecture` of the base, where the format names it.
    pub(super) architecture: Option<String>,
    /// SHA-256 of the base's file, where the adapter names it.
    pub(super) base_sha256: Option<String>,
    /// Rank of most matrices, for people.
    pub(super) rank: usize,
    /// LoRA alpha, for people.
    pub(super) alpha: f32,
    pub(super) changes: Vec<Change>,
    /// Matrices of the base that came along unchanged.
    pub(super) copies: Vec<Copied>,
}

/// A matrix of the base that came along.
#[derive(Debug)]
pub(super) struct Copied {
    pub(super) tensor: String,
    pub(super) module: String,
    pub(super) shape: Vec<usize>,
}

/// How modules are called, and with it how the rows of queries and keys are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// `model.layers.N.self_attn.q_proj`, rows as in transformers
    Transformers,
    /// `blk.N.attn_q`, rows as in the base's file
    Gguf,
}

/// The change of a module.
#[derive(Debug)]
pub(super) struct Change {
    /// A as `(R, inputs)`, B as `(outputs, R)`.
    pub(super) pair: Pair,
    /// `R`
    pub(super) rank: usize,
    /// What `B (A x)` is multiplied with at the person's scale 1.
    pub(super) scale: f32,
}

impl Change {
    /// Number of weights.
    pub(super) fn weights(&self) -> usize {
        self.pair.a.values.len() + self.pair.b.values.len()
    }
}
