//! The plain, portable engine that the others are checked against.
//!
//! One forward pass over a batch of rows; a row is one token of one sequence. All rows share one
//! pass over the weights, and no row's result depends on another row of another sequence. It runs
//! in chunks of rows, so that a chunk's activations stay in the cache.

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::Arc};

use protocol::{EngineInfo, EngineKind, Proof};

use super::{
    Engine, EngineError, Run, SequenceId, Weights,
    batch::{Row, Wanted, check, in_chunks, rows},
    elementwise::{add, add_bias, cap, scale},
};
use crate::{
    adapter::{Adapter, LowRank},
    kernels::{
        attention::{Heads, attend},
        lora::add_low_rank,
        matmul::{Activations, dequantise_row, matmul},
        rms_norm::{norm_in_place, rms_norm},
        rope::Rope,
        swiglu::{geglu, swiglu},
    },
    model::{Activation, Model, Slot},
};

/// Rows of one pass.
const CHUNK: usize = 64;

/// See the module.
pub struct Reference {
    model: Arc<Model>,
    /// Of layers without a window, and of those with one.
    ropes: [Rope; 2],
    sequences: BTreeMap<SequenceId, Sequence>,
    next_id: u32,
}

struct Sequence {
    weights: Weights,
    /// Tokens read.
    length: usize,
    /// One for each layer.
    caches: Vec<Cache>,
}

/// Keys and values of one layer, `(length, K, E)` each, keys with their rotation.
#[derive(Default, Clone)]
struct Cache {
    keys: Vec<f32>,
    values: Vec<f32>,
}

impl Reference {
    /// An engine for one base model.
    pub fn new(model: Arc<Model>) -> Self {
        Self { ropes: model.ropes(), model, sequences: BTreeMap::new(), next_id: 0 }
    }

    /// What the engine is.
    pub fn described() -> EngineInfo {
        EngineInfo { kind: EngineKind::Reference, threads: 1, build: env!("CARGO_PKG_VERSION").to_owned() }
    }
}

impl Engine for Reference {
    fn info(&self) -> EngineInfo {
        Self::described()
    }

    fn tune(&mut self, _now_ms: &dyn Fn() -> f64) {}

    fn model(&self) -> &Arc<Model> {
        &self.model
    }

    fn open(&mut self, weights: Weights) -> SequenceId {
        let id = SequenceId(self.next_id);
        self.next_id += 1;
        let caches = vec![Cache::default(); self.model.config.n_layers];
        self.sequences.insert(id, Sequence { weights, length: 0, caches });
        id
    }

    fn fork(&mut self, sequence: SequenceId, length: usize) -> Result<SequenceId, EngineError> {
        let Sequence { weights, length: read, caches } =
            self.sequences.get(&sequence).ok_or(EngineError::UnknownSequence)?;
        let copy = Sequence { weights: weights.clone(), length: *read, caches: caches.clone() };
        let id = SequenceId(self.next_id);
        self.next_id += 1;
        self.sequences.insert(id, copy);
        self.reset(id, length);
        Ok(id)
    }

    fn close(&mut self, sequence: SequenceId) {
        self.sequences.remove(&sequence);
    }

    fn reset(&mut self, sequence: SequenceId, length: usize) {
        let width = self.model.config.n_kv_heads * self.model.config.head_width;
        if let Some(sequence) = self.sequences.get_mut(&sequence) {
            sequence.length = sequence.length.min(length);
            for cache in &mut sequence.caches {
                cache.keys.truncate(length * width);
                cache.values.truncate(length * width);
            }
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

impl Reference {
    /// Whether a batch can be read as a whole.
    fn check(&self, runs: &[Run]) -> Result<(), EngineError> {
        let length = |sequence| self.sequences.get(&sequence).map(|sequence| sequence.length);
        check(runs, &self.model.config, length)
    }

    /// Reads a batch that passed [`Self::check`]; returns logits for every row if they are wanted.
    fn forward(&mut self, runs: &[Run], wanted: Wanted) -> Vec<Vec<f32>> {
        let Self { model, ropes, sequences, .. } = self;
        let mut batch = Batch::new(runs, sequences);
        let config = &model.config;
        let heads =
            Heads { n_heads: config.n_heads, n_kv_heads: config.n_kv_heads, head_width: config.head_width };
        let (width, epsilon) = (config.width, config.norm_epsilon);
        let query_width = config.n_heads * config.head_width;
        let kv_width = config.n_kv_heads * config.head_width;
        let positions = batch.rows.iter().map(|row| row.position + 1).max().unwrap_or(0);
        for rope in ropes.iter_mut() {
            rope.extend(positions);
        }

        let m = batch.rows.len();
        let mut x = vec![0.0; m * width];
        for (row, x) in batch.rows.iter().zip(x.chunks_exact_mut(width)) {
            dequantise_row(&model.embedding, row.token as usize, x);
            batch.sequences[row.run].weights.add_to_embedding(row.token, x);
        }
        scale(&mut x, config.embedding_scale);
        let mut normed = vec![0.0; m * width];
        let mut queries = vec![0.0; m * query_width];
        let mut keys = vec![0.0; m * kv_width];
        let mut values = vec![0.0; m * kv_width];
        let mut attended = vec![0.0; m * query_width];
        let mut projected = vec![0.0; m * width];
        let mut gate = vec![0.0; m * config.feed_forward];
        let mut up = vec![0.0; m * config.feed_forward];
        let mut scores = Vec::new();

        for (layer, weights) in model.layers.iter().enumerate() {
            let rope = config.rotates(layer).then(|| &ropes[usize::from(config.window(layer).is_some())]);
            let place = |heads: &mut [f32], norm: Option<&[f32]>, position: usize| {
                norm.inspect(|norm| norm_in_place(heads, norm, epsilon));
                rope.inspect(|rope| rope.rotate(heads, position));
            };
            rms_norm(&x, &weights.attention_norm, epsilon, &mut normed);
            let input = Activations::new(&normed, width);
            let project =
                |slot: Slot, values: &[f32], input: &Activations, output: &mut [f32], batch: &Batch| {
                    matmul(weights.matrix(slot), input, output);
                    add_bias(output, weights.bias(slot));
                    batch.add_adapters(|adapter| adapter.low_rank(layer, slot), values, output);
                };
            project(Slot::Key, &normed, &input, &mut keys, &batch);
            project(Slot::Value, &normed, &input, &mut values, &batch);
            for (row, keys) in batch.rows.iter().zip(keys.chunks_exact_mut(kv_width)) {
                place(keys, weights.key_norm.as_deref(), row.position);
            }
            batch.remember(layer, kv_width, &keys, &values);
            if wanted == Wanted::Nothing && layer + 1 == model.layers.len() {
                break;
            }
            project(Slot::Query, &normed, &input, &mut queries, &batch);
            for (row, queries) in batch.rows.iter().zip(queries.chunks_exact_mut(query_width)) {
                place(queries, weights.query_norm.as_deref(), row.position);
            }
            let rows = batch.rows.iter().zip(queries.chunks_exact(query_width));
            for ((row, queries), attended) in rows.zip(attended.chunks_exact_mut(query_width)) {
                let cache = &batch.sequences[row.run].caches[layer];
                let seen = config.first_seen(layer, row.position) * kv_width..(row.position + 1) * kv_width;
                let (keys, values) = (&cache.keys[seen.clone()], &cache.values[seen]);
                attend(heads, queries, keys, values, &mut scores, attended);
            }
            let input = Activations::new(&attended, query_width);
            project(Slot::AttentionOutput, &attended, &input, &mut projected, &batch);
            if let Some(norm) = &weights.attention_output_norm {
                norm_in_place(&mut projected, norm, epsilon);
            }
            add(&mut x, &projected);

            rms_norm(&x, &weights.feed_forward_norm, epsilon, &mut normed);
            let input = Activations::new(&normed, width);
            project(Slot::Gate, &normed, &input, &mut gate, &batch);
            project(Slot::Up, &normed, &input, &mut up, &batch);
            match config.activation {
                Activation::Silu => swiglu(&mut gate, &up),
                Activation::Gelu => geglu(&mut gate, &up),
            }
            let input = Activations::new(&gate, config.feed_forward);
            project(Slot::Down, &gate, &input, &mut projected, &batch);
            if let Some(norm) = &weights.feed_forward_output_norm {
                norm_in_place(&mut projected, norm, epsilon);
            }
            add(&mut x, &projected);
        }
        batch.advance(runs);
        if wanted == Wanted::Nothing {
            return Vec::new();
        }
        rms_norm(&x, &model.output_norm, epsilon, &mut normed);
        let mut logits = vec![0.0; m * config.vocabulary];
        matmul(model.output(), &Activations::new(&normed, width), &mut logits);
        batch.add_adapters(Adapter::output, &normed, &mut logits);
        cap(&mut logits, config.logit_cap);
        logits.chunks_exact(config.vocabulary).map(<[f32]>::to_vec).collect()
    }
}

/// The rows of several runs, run after run, with the sequences that they belong to.
struct Batch<'a> {
    rows: Vec<Row>,
    /// The sequence of each run.
    sequences: Vec<&'a mut Sequence>,
}

impl<'a> Batch<'a> {
    fn new(runs: &[Run], sequences: &'a mut BTreeMap<SequenceId, Sequence>) -> Self {
        let mut found: Vec<(usize, &mut Sequence)> = sequences
            .iter_mut()
            .filter_map(|(id, sequence)| {
                runs.iter().position(|run| run.sequence == *id).map(|run| (run, sequence))
            })
            .collect();
        found.sort_by_key(|(run, _)| *run);
        let sequences: Vec<&mut Sequence> = found.into_iter().map(|(_, sequence)| sequence).collect();
        let rows = rows(runs, sequences.iter().map(|sequence| sequence.length));
        Self { rows, sequences }
    }

    /// The rows of each run as a range.
    fn ranges(&self) -> impl Iterator<Item = (usize, std::ops::Range<usize>)> {
        let mut start = 0;
        self.rows.chunk_by(|a, b| a.run == b.run).map(move |rows| {
            let range = start..start + rows.len();
            start = range.end;
            (rows[0].run, range)
        })
    }

    /// Adds each run's adapter's share to `output`, `(M, outputs)`, of `input`, `(M, inputs)`.
    fn add_adapters(
        &self,
        low_rank: impl Fn(&Adapter) -> Option<&LowRank>,
        input: &[f32],
        output: &mut [f32],
    ) {
        let m = self.rows.len();
        let (inputs, outputs) = (input.len() / m, output.len() / m);
        for (run, rows) in self.ranges() {
            let Some((adapter, scale)) = self.sequences[run].weights.applied() else { continue };
            let Some(low_rank) = low_rank(adapter) else { continue };
            add_low_rank(
                &input[rows.start * inputs..rows.end * inputs],
                &low_rank.a,
                &low_rank.b,
                low_rank.rank,
                scale * low_rank.scale,
                &mut output[rows.start * outputs..rows.end * outputs],
            );
        }
    }

    fn remember(&mut self, layer: usize, kv_width: usize, keys: &[f32], values: &[f32]) {
        for (index, row) in self.rows.iter().enumerate() {
            let cache = &mut self.sequences[row.run].caches[layer];
            let range = index * kv_width..(index + 1) * kv_width;
            cache.keys.extend_from_slice(&keys[range.clone()]);
            cache.values.extend_from_slice(&values[range]);
        }
    }

    fn advance(&mut self, runs: &[Run]) {
        for (sequence, run) in self.sequences.iter_mut().zip(runs) {
            sequence.length += run.tokens.len();
        }
    }
}
