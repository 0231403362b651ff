//! The fast engine: packed weights, exact integer products, SIMD and threads.
//!
//! Like the reference it computes a batch of rows, one token of one sequence each, in one pass over the weights.
//! What a row gets does not depend on the other rows, on the number of threads or on which processor runs it.

mod forward;
mod processor;
#[cfg(test)]
mod tests;
mod tune;
mod warm_up;

use std::{collections::BTreeMap, sync::Arc};

use protocol::{EngineInfo, Proof};

use super::{
    Engine, EngineError, Run, SequenceId, Weights,
    batch::{Wanted, check, in_chunks},
};
use crate::{
    kernels::{attend::Cache, packed::Packed, product::Streams, rope::Rope},
    model::{Config, Model, Slot},
    threads::pool,
};

pub use processor::Processor;
pub use warm_up::{warm_up, warm_up_passes};

use forward::Scratch;

/// Rows of one pass.
const CHUNK: usize = 64;

/// See the module.
pub struct Cpu {
    model: Arc<Model>,
    /// One for each layer, in the order of [`Slot::ALL`].
    layers: Vec<[Arc<Packed>; 7]>,
    embedding: Arc<Packed>,
    /// Where it is not the embedding.
    output: Option<Arc<Packed>>,
    /// Of layers without a window, and of those with one.
    ropes: [Rope; 2],
    processor: Processor,
    streams: Streams,
    /// Among which [`Engine::tune`] chooses.
    processors: Vec<Processor>,
    sequences: BTreeMap<SequenceId, Sequence>,
    next_id: u32,
    scratch: Scratch,
}

struct Sequence {
    weights: Weights,
    /// Tokens read.
    length: usize,
    /// One for each layer and key head, layer after layer.
    caches: Vec<Cache>,
}

impl Cpu {
    /// An engine on the best processor that is there.
    pub fn new(model: Arc<Model>) -> Self {
        Self { processors: Processor::with_vectors(), ..Self::on(Processor::best(), model) }
    }

    /// What the engine on a processor is.
    pub fn info_on(processor: Processor) -> EngineInfo {
        EngineInfo {
            kind: processor.kind(),
            threads: pool().threads() as u32,
            build: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    /// An engine on a given processor, which must be one of this machine's.
    pub fn on(processor: Processor, model: Arc<Model>) -> Self {
        let layers =
            model.layers.iter().map(|layer| Slot::ALL.map(|slot| layer.matrix(slot).packed())).collect();
        let tied = std::ptr::eq(model.output(), &raw const model.embedding);
        Self {
            layers,
            embedding: model.embedding.packed(),
            output: (!tied).then(|| model.output().packed()),
            ropes: model.ropes(),
            model,
            processor,
            streams: Streams::One,
            processors: vec![processor],
            sequences: BTreeMap::new(),
            next_id: 0,
            scratch: Scratch::default(),
        }
    }

    /// Bytes of weights that one step reads.
    pub fn weight_bytes(&self) -> usize {
        let layers: usize = self.layers.iter().flatten().map(|matrix| matrix.bytes()).sum();
        layers + self.output().bytes()
    }

    /// Whether a batch can be read as a whole.
    fn check(&self, runs: &[Run]) -> Result<(), EngineError> {
        let length = |sequence| self.sequences.get(&sequence).map(|sequence| sequence.length);
        check(runs, &self.model.config, length)
    }

    fn output(&self) -> &Packed {
        self.output.as_ref().unwrap_or(&self.embedding)
    }
}

impl Engine for Cpu {
    fn info(&self) -> EngineInfo {
        Self::info_on(self.processor)
    }

    fn tune(&mut self, now_ms: &dyn Fn() -> f64) {
        let processors = self.processors.clone();
        self.choose(&processors, now_ms);
    }

    fn model(&self) -> &Arc<Model> {
        &self.model
    }

    fn open(&mut self, weights: Weights) -> SequenceId {
        let id = SequenceId(self.next_id);
        self.next_id += 1;
        let Config { cache_precision, context_length, n_layers, n_kv_heads, .. } = self.model.config;
        let caches = vec![Cache::new(cache_precision, context_length); n_layers * n_kv_heads];
        self.sequences.insert(id, Sequence { weights, length: 0, caches });
        id
    }

    fn fork(&mut self, sequence: SequenceId, length: usize) -> Result<SequenceId, EngineError> {
        let Sequence { weights, length: read, caches } =
            self.sequences.get(&sequence).ok_or(EngineError::UnknownSequence)?;
        let (length, head_width) = (length.min(*read), self.model.config.head_width);
        let caches = caches.iter().map(|cache| cache.first(length, head_width)).collect();
        let fork = Sequence { weights: weights.clone(), length, caches };
        let id = SequenceId(self.next_id);
        self.next_id += 1;
        self.sequences.insert(id, fork);
        Ok(id)
    }

    fn close(&mut self, sequence: SequenceId) {
        self.sequences.remove(&sequence);
    }

    fn reset(&mut self, sequence: SequenceId, length: usize) {
        if let Some(sequence) = self.sequences.get_mut(&sequence) {
            sequence.length = sequence.length.min(length);
        }
    }

    fn proof(&self, sequence: SequenceId) -> Result<Proof, EngineError> {
        let sequence = self.sequences.get(&sequence).ok_or(EngineError::UnknownSequence)?;
        let applied = sequence.weights.applied();
        Ok(Proof {
            weights_sha256: self.model.info().sha256.clone(),
            adapter_sha256: applied.map(|(adapter, _)| adapter.sha256().to_owned()),
            scale: applied.map_or(0.0, |(_, scale)| scale),
        })
    }

    async fn prefill(&mut self, sequence: SequenceId, tokens: &[u32]) -> Result<(), EngineError> {
        self.check(&[Run { sequence, tokens }])?;
        for tokens in tokens.chunks(CHUNK) {
            self.forward(&[Run { sequence, tokens }], Wanted::Nothing);
        }
        Ok(())
    }

    async fn read(&mut self, runs: &[Run<'_>]) -> Result<Vec<Vec<f32>>, EngineError> {
        self.check(runs)?;
        let chunks = in_chunks(runs, CHUNK);
        Ok(chunks.iter().flat_map(|runs| self.forward(runs, Wanted::Logits)).collect())
    }
}
