//! From token ids to logits, behind one narrow interface.
//!
//! An engine holds *sequences*: tokens that were read so far, as keys and values, on some
//! [`Weights`]. It knows nothing of lanes, texts or sampling. Its answers are futures because a
//! GPU's results come back later; those of the CPU are ready at once.

mod any;
mod batch;
pub mod cpu;
mod elementwise;
pub mod reference;

use std::{future::Future, sync::Arc};

use protocol::{EngineInfo, Proof};

use crate::{
    adapter::{Adapter, LowRank},
    kernels::lora::add_low_rank_column,
    model::Model,
};

pub use any::{AnyEngine, Choice};
pub use batch::Run;

/// Names a sequence within its engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SequenceId(u32);

/// What a sequence runs on besides the base.
#[derive(Clone, Default)]
pub struct Weights {
    adapter: Option<(Arc<Adapter>, f32)>,
}

impl Weights {
    /// The base, untouched.
    pub fn base() -> Self {
        Self::default()
    }

    /// An adapter at a scale; at scale 0 this is the base.
    pub fn adapter(adapter: Arc<Adapter>, scale: f32) -> Self {
        if scale == 0.0 { Self::base() } else { Self { adapter: Some((adapter, scale)) } }
    }

    /// The adapter that takes part, and its scale.
    pub fn applied(&self) -> Option<(&Adapter, f32)> {
        self.adapter.as_ref().map(|(adapter, scale)| (adapter.as_ref(), *scale))
    }

    /// Adds the adapter's change of a token's embedding, `(D,)`, where it changes embeddings.
    fn add_to_embedding(&self, token: u32, embedding: &mut [f32]) {
        let Some((adapter, scale)) = self.applied() else { return };
        let Some(LowRank { a, b, rank, scale: own }) = adapter.embedding() else { return };
        add_low_rank_column(token as usize, a, b, *rank, scale * own, embedding);
    }

    /// Whether two sequences on these weights would compute the same.
    pub fn same_as(&self, other: &Self) -> bool {
        match (&self.adapter, &other.adapter) {
            (None, None) => true,
            (Some((a, a_scale)), Some((b, b_scale))) => {
                Arc::ptr_eq(a, b) && a_scale.to_bits() == b_scale.to_bits()
            }
            _ => false,
        }
    }
}

/// Why an engine refuses to compute.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// A token beyond the vocabulary.
    #[error("token {token} is beyond the vocabulary of {vocabulary}")]
    UnknownToken {
        /// The token.
        token: u32,
        /// `V`
        vocabulary: usize,
    },
    /// More tokens than the model's context holds.
    #[error("{wanted} tokens do not fit in the model's context of {context_length}")]
    ContextFull {
        /// Length of the sequence with the new tokens.
        wanted: usize,
        /// The model's limit.
        context_length: usize,
    },
    /// A sequence that was closed, or that is named twice in one step.
    #[error("the engine has no such sequence, or is asked for it twice at once")]
    UnknownSequence,
}

/// Runs a model.
pub trait Engine: Sized {
    /// Which engine this is.
    fn info(&self) -> EngineInfo;

    /// Finds out for some milliseconds how to run fastest; `now_ms` counts milliseconds from any moment. Changes no
    /// result.
    fn tune(&mut self, now_ms: &dyn Fn() -> f64);

    /// The base model it runs.
    fn model(&self) -> &Arc<Model>;

    /// Begins an empty sequence.
    fn open(&mut self, weights: Weights) -> SequenceId;

    /// Begins a sequence on the same weights that has read the first `length` tokens of another, or all of them where
    /// it has read fewer. Its keys and values are copied, not computed again: attention reads them fastest where each
    /// sequence has its own in one piece.
    ///
    /// # Errors
    /// When there is no such sequence.
    fn fork(&mut self, sequence: SequenceId, length: usize) -> Result<SequenceId, EngineError>;

    /// Forgets a sequence.
    fn close(&mut self, sequence: SequenceId);

    /// Forgets what follows the first `length` tokens of a sequence.
    fn reset(&mut self, sequence: SequenceId, length: usize);

    /// The weights that a sequence runs on, from what the engine holds.
    ///
    /// # Errors
    /// When there is no such sequence.
    fn proof(&self, sequence: SequenceId) -> Result<Proof, EngineError>;

    /// Reads tokens without asking what follows them.
    ///
    /// # Errors
    /// When a token is unknown or the context is full; nothing is read then.
    fn prefill(
        &mut self,
        sequence: SequenceId,
        tokens: &[u32],
    ) -> impl Future<Output = Result<(), EngineError>>;

    /// Reads tokens of several sequences in one batch, and returns the logits, `(V,)`, after each of them, run
    /// after run.
    ///
    /// # Errors
    /// When a token is unknown or a context is full; nothing is read then.
    fn read(&mut self, runs: &[Run<'_>]) -> impl Future<Output = Result<Vec<Vec<f32>>, EngineError>>;

    /// Reads the next token of each of several sequences, and returns the logits, `(V,)`, after it.
    ///
    /// # Errors
    /// As [`Self::read`].
    fn step(
        &mut self,
        tokens: &[(SequenceId, u32)],
    ) -> impl Future<Output = Result<Vec<Vec<f32>>, EngineError>> {
        async {
            let runs: Vec<Run> = tokens
                .iter()
                .map(|(sequence, token)| Run { sequence: *sequence, tokens: std::slice::from_ref(token) })
                .collect();
            self.read(&runs).await
        }
    }

    /// Reads tokens and returns the logits, `(V,)`, after each of them.
    ///
    /// # Errors
    /// As [`Self::read`].
    fn score(
        &mut self,
        sequence: SequenceId,
        tokens: &[u32],
    ) -> impl Future<Output = Result<Vec<Vec<f32>>, EngineError>> {
        async move { self.read(&[Run { sequence, tokens }]).await }
    }
}
