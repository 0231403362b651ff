//! One pass over the weights for a batch of rows.

use std::ops::Range;

use super::{
    super::{
        batch::{Row, Run, Wanted, rows},
        elementwise::{add, add_bias, cap, scale},
    },
    CHUNK, Cpu, Sequence,
    processor::OnSimd,
};
use crate::{
    adapter::{Adapter, LowRank},
    kernels::{
        activations::Inputs,
        attend::{self, Attention, Cache, attend},
        exp::Exp,
        lora::add_low_rank,
        packed::Packed,
        product::{Output, Streams, matmul},
        rms_norm::norm_in_place,
        simd::{Kernel, Simd},
    },
    model::{Activation, Slot},
    threads::{Pool, Slots, pool},
};

/// Space that every pass needs again.
#[derive(Default)]
pub(super) struct Scratch {
    inputs: Inputs,
    /// The residual stream, `(M, D)`
    x: Vec<f32>,
    normed: Vec<f32>,
    queries: Vec<f32>,
    keys: Vec<f32>,
    values: Vec<f32>,
    attended: Vec<f32>,
    projected: Vec<f32>,
    gate: Vec<f32>,
    up: Vec<f32>,
    logits: Vec<f32>,
}

impl Cpu {
    /// Reads a batch that passed [`Self::check`]; returns logits for every row if they are wanted.
    pub(super) fn forward(&mut self, runs: &[Run], wanted: Wanted) -> Vec<Vec<f32>> {
        // The sequences leave the map for the time of the pass, so that each can be written.
        let mut sequences: Vec<Sequence> =
            runs.iter().filter_map(|run| self.sequences.remove(&run.sequence)).collect();
        let mut scratch = std::mem::take(&mut self.scratch);
        let processor = self.processor;
        let pass = Pass { engine: self, runs, sequences: &mut sequences, scratch: &mut scratch, wanted };
        let logits = processor.run_on(pass);
        self.scratch = scratch;
        for (run, mut sequence) in runs.iter().zip(sequences) {
            sequence.length += run.tokens.len();
            self.sequences.insert(run.sequence, sequence);
        }
        logits
    }

    fn pass<S: Simd>(
        &mut self,
        runs: &[Run],
        sequences: &mut [Sequence],
        scratch: &mut Scratch,
        wanted: Wanted,
    ) -> Vec<Vec<f32>> {
        let rows = rows(runs, sequences.iter().map(|sequence| sequence.length));
        let m = rows.len();
        debug_assert!(m <= CHUNK);
        let positions = rows.iter().map(|row| row.position + 1).max().unwrap_or(0);
        for rope in &mut self.ropes {
            rope.extend(positions);
        }
        let config = &self.model.config;
        let (width, epsilon, n_kv_heads) = (config.width, config.norm_epsilon, config.n_kv_heads);
        let (query_width, kv_width) = (config.n_heads * config.head_width, n_kv_heads * config.head_width);
        let (pool, streams) = (pool(), self.streams);
        let Scratch { inputs, x, normed, queries, keys, values, attended, projected, gate, up, logits } =
            scratch;
        for (buffer, width) in [
            (&mut *x, width),
            (normed, width),
            (queries, query_width),
            (keys, kv_width),
            (values, kv_width),
            (attended, query_width),
            (projected, width),
            (gate, config.feed_forward),
            (up, config.feed_forward),
        ] {
            buffer.resize(m * width, 0.0);
        }
        for (row, x) in rows.iter().zip(x.chunks_exact_mut(width)) {
            self.embedding.row(row.token as usize, x);
            sequences[row.run].weights.add_to_embedding(row.token, x);
        }
        scale(x, config.embedding_scale);

        for (layer, (weights, packed)) in self.model.layers.iter().zip(&self.layers).enumerate() {
            let matrix = |slot: Slot| packed[slot as usize].as_ref();
            let rope =
                config.rotates(layer).then(|| &self.ropes[usize::from(config.window(layer).is_some())]);
            let place = |heads: &mut [f32], norm: Option<&[f32]>, position: usize| {
                norm.inspect(|norm| norm_in_place(heads, norm, epsilon));
                rope.inspect(|rope| rope.rotate(heads, position));
            };
            let adapt = |slot: Slot, input: &[f32], output: &mut [f32]| {
                add_bias(output, weights.bias(slot));
                add_adapters(pool, &rows, sequences, |adapter| adapter.low_rank(layer, slot), input, output);
            };
            let last = wanted == Wanted::Nothing && layer + 1 == self.layers.len();
            let attention = [Slot::Query, Slot::Key, Slot::Value].map(matrix);
            inputs.set_normed::<S>(
                pool,
                x,
                (&weights.attention_norm, epsilon),
                normed,
                attention.map(Packed::form),
            );
            {
                let outputs = [&mut *queries, &mut *keys, &mut *values];
                let skip = usize::from(last);
                let outputs = attention.into_iter().zip(outputs).skip(skip);
                multiply::<S>(
                    (pool, streams),
                    inputs,
                    outputs.map(|(matrix, output)| (matrix, output.as_mut_slice())),
                );
            }
            adapt(Slot::Key, normed, keys);
            adapt(Slot::Value, normed, values);
            for ((row, keys), values) in
                rows.iter().zip(keys.chunks_exact_mut(kv_width)).zip(values.chunks_exact(kv_width))
            {
                place(keys, weights.key_norm.as_deref(), row.position);
                let caches = &mut sequences[row.run].caches[layer * n_kv_heads..][..n_kv_heads];
                let heads = keys.chunks_exact(config.head_width).zip(values.chunks_exact(config.head_width));
                for (cache, (key, value)) in caches.iter_mut().zip(heads) {
                    cache.push::<S>(row.position, key, value);
                }
            }
            if last {
                break;
            }
            let adapt = |slot: Slot, input: &[f32], output: &mut [f32]| {
                add_bias(output, weights.bias(slot));
                add_adapters(pool, &rows, sequences, |adapter| adapter.low_rank(layer, slot), input, output);
            };
            adapt(Slot::Query, normed, queries);
            for (row, queries) in rows.iter().zip(queries.chunks_exact_mut(query_width)) {
                place(queries, weights.query_norm.as_deref(), row.position);
            }
            let caches = |row: &Row, head: usize| &sequences[row.run].caches[layer * n_kv_heads + head];
            let seen = |row: &Row| config.first_seen(layer, row.position)..row.position + 1;
            attend_all::<S>(pool, &rows, (config.head_width, n_kv_heads), seen, queries, caches, attended);
            inputs.set::<S>(pool, attended, query_width, [matrix(Slot::AttentionOutput).form()]);
            multiply::<S>(
                (pool, streams),
                inputs,
                [(matrix(Slot::AttentionOutput), projected.as_mut_slice())],
            );
            adapt(Slot::AttentionOutput, attended, projected);
            if let Some(norm) = &weights.attention_output_norm {
                norm_in_place(projected, norm, epsilon);
            }
            add(x, projected);

            let gate_and_up = [Slot::Gate, Slot::Up].map(matrix);
            inputs.set_normed::<S>(
                pool,
                x,
                (&weights.feed_forward_norm, epsilon),
                normed,
                gate_and_up.map(Packed::form),
            );
            let adds = |slot: Slot| {
                let mut adapters = sequences.iter().filter_map(|sequence| sequence.weights.applied());
                weights.bias(slot).is_some()
                    || adapters.any(|(adapter, _)| adapter.low_rank(layer, slot).is_some())
            };
            // What is to be added stands between the products and the activation.
            let at_once = !adds(Slot::Gate) && !adds(Slot::Up);
            if !at_once {
                let outputs = [gate.as_mut_slice(), up.as_mut_slice()];
                multiply::<S>((pool, streams), inputs, gate_and_up.into_iter().zip(outputs));
                adapt(Slot::Gate, normed, gate);
                adapt(Slot::Up, normed, up);
            }
            let outputs = [&mut *gate, up].map(|output| Output::new(output, config.feed_forward));
            pool.split(gate_and_up[0].panels(), |panels| {
                if at_once {
                    for (matrix, output) in gate_and_up.into_iter().zip(outputs) {
                        matmul::<S>(matrix, panels.clone(), inputs, output, streams);
                    }
                }
                S::run(Gated { activation: config.activation, outputs, m, panels });
            });
            inputs.set::<S>(pool, gate, config.feed_forward, [matrix(Slot::Down).form()]);
            multiply::<S>((pool, streams), inputs, [(matrix(Slot::Down), projected.as_mut_slice())]);
            adapt(Slot::Down, gate, projected);
            if let Some(norm) = &weights.feed_forward_output_norm {
                norm_in_place(projected, norm, epsilon);
            }
            add(x, projected);
        }
        if wanted == Wanted::Nothing {
            return Vec::new();
        }
        let output = self.output();
        inputs.set_normed::<S>(pool, x, (&self.model.output_norm, epsilon), normed, [output.form()]);
        logits.resize(m * config.vocabulary, 0.0);
        multiply::<S>((pool, streams), inputs, [(output, logits.as_mut_slice())]);
        add_adapters(pool, &rows, sequences, Adapter::output, normed, logits);
        cap(logits, config.logit_cap);
        logits.chunks_exact(config.vocabulary).map(<[f32]>::to_vec).collect()
    }
}

/// One call of [`Cpu::forward`].
struct Pass<'a> {
    engine: &'a mut Cpu,
    runs: &'a [Run<'a>],
    sequences: &'a mut [Sequence],
    scratch: &'a mut Scratch,
    wanted: Wanted,
}

impl OnSimd for Pass<'_> {
    type Output = Vec<Vec<f32>>;

    fn run<S: Simd>(self) -> Vec<Vec<f32>> {
        self.engine.pass::<S>(self.runs, self.sequences, self.scratch, self.wanted)
    }
}

/// The products of some rows with the first panels of some matrices: a trial of speed, which returns the milliseconds that
/// they took.
pub(super) struct Trial<'a> {
    pub(super) parts: &'a [(&'a Packed, usize)],
    pub(super) rows: usize,
    pub(super) streams: Streams,
    pub(super) now_ms: &'a dyn Fn() -> f64,
}

impl OnSimd for Trial<'_> {
    type Output = f64;

    fn run<S: Simd>(self) -> f64 {
        // A step spends much less on its activations than these few panels would let it seem.
        let operands = self.parts.iter().map(|(matrix, _)| {
            let (columns, mut inputs) = (matrix.columns(), Inputs::default());
            inputs.set::<S>(pool(), &vec![0.5; self.rows * columns], columns, [matrix.form()]);
            (inputs, vec![0.0; self.rows * matrix.rows()])
        });
        let mut operands: Vec<_> = operands.collect();
        let started = (self.now_ms)();
        for (&(matrix, panels), (inputs, output)) in self.parts.iter().zip(&mut operands) {
            let output = Output::new(output, matrix.rows());
            pool().split(panels, |part| matmul::<S>(matrix, part, inputs, output, self.streams));
        }
        (self.now_ms)() - started
    }
}

/// The products of `inputs` with several matrices, each into its output, `(M, rows)`.
fn multiply<'a, S: Simd>(
    (pool, streams): (&Pool, Streams),
    inputs: &Inputs,
    matrices: impl IntoIterator<Item = (&'a Packed, &'a mut [f32])>,
) {
    let work: Vec<(&Packed, Output)> =
        matrices.into_iter().map(|(matrix, output)| (matrix, Output::new(output, matrix.rows()))).collect();
    // Panels are counted through all matrices, so that each thread gets its share of the whole.
    let panels = work.iter().map(|(matrix, _)| matrix.panels()).sum();
    pool.split(panels, |part| {
        let mut before = 0;
        for (matrix, output) in &work {
            let own = clamp(&part, before, matrix.panels());
            matmul::<S>(matrix, own, inputs, *output, streams);
            before += matrix.panels();
        }
    });
}

/// What of `part` lies in the `count` elements after the first `before`, counted from there.
fn clamp(part: &Range<usize>, before: usize, count: usize) -> Range<usize> {
    let start = part.start.saturating_sub(before).min(count);
    start..part.end.saturating_sub(before).clamp(start, count)
}

/// Attention of every row and head. Threads share query heads, since key heads may be fewer than threads; those of a
/// thread that share a key head are computed together.
fn attend_all<'a, S: Simd>(
    pool: &Pool,
    rows: &[Row],
    (head_width, n_kv_heads): (usize, usize),
    seen: impl Fn(&Row) -> Range<usize> + Sync,
    queries: &[f32],
    cache: impl Fn(&Row, usize) -> &'a Cache + Sync,
    output: &mut [f32],
) {
    let n_heads = output.len() / (rows.len() * head_width);
    let sharing = n_heads / n_kv_heads;
    let output = Slots::new(output);
    pool.split(rows.len() * n_heads, |heads| {
        let mut scratch = attend::Scratch::default();
        let mut head = heads.start;
        while head < heads.end {
            let end = heads.end.min((head / sharing + 1) * sharing);
            let (row, kv_head) = (&rows[head / n_heads], head % n_heads / sharing);
            let seen = seen(row);
            let attention = Attention {
                head_width,
                scale: 1.0 / (head_width as f32).sqrt(),
                first: seen.start,
                end: seen.end,
            };
            let range = head * head_width..end * head_width;
            #[allow(unsafe_code)]
            // SAFETY: `split` gives every head to one thread.
            let output = unsafe { output.range(range.clone()) };
            attend::<S>(attention, &queries[range], cache(row, kv_head), &mut scratch, output);
            head = end;
        }
    });
}

/// Adds each row's adapter's share to `output`, `(M, outputs)`, of `input`, `(M, inputs)`.
fn add_adapters(
    pool: &Pool,
    rows: &[Row],
    sequences: &[Sequence],
    low_rank: impl Fn(&Adapter) -> Option<&LowRank> + Sync,
    input: &[f32],
    output: &mut [f32],
) {
    if sequences.iter().all(|sequence| sequence.weights.applied().is_none()) {
        return;
    }
    let (inputs, outputs) = (input.len() / rows.len(), output.len() / rows.len());
    let output = Slots::new(output);
    pool.split(rows.len(), |part| {
        for index in part {
            let Some((adapter, scale)) = sequences[rows[index].run].weights.applied() else { continue };
            let Some(low_rank) = low_rank(adapter) else { continue };
            #[allow(unsafe_code)]
            // SAFETY: `split` gives every row to one thread.
            let output = unsafe { output.range(index * outputs..(index + 1) * outputs) };
            let input = &input[index * inputs..(index + 1) * inputs];
            let scale = scale * low_rank.scale;
            add_low_rank(input, &low_rank.a, &low_rank.b, low_rank.rank, scale, output);
        }
    });
}

/// `gate = activation(gate) * up` where some panels, this thread's own, have written both, of `m` rows.
struct Gated {
    activation: Activation,
    /// Gate and up.
    outputs: [Output; 2],
    m: usize,
    panels: Range<usize>,
}

impl<S: Simd> Kernel<S> for Gated {
    type Output = ();

    #[allow(clippy::inline_always, reason = "it is compiled with the instructions of whoever inlines it")]
    #[inline(always)]
    fn run(self) {
        let exp = Exp::<S>::at_hand();
        match self.activation {
            Activation::Silu => self.apply::<S>(|x| exp.silu(x)),
            Activation::Gelu => self.apply::<S>(|x| exp.gelu(x)),
        }
    }
}

impl Gated {
    #[allow(clippy::inline_always, reason = "as above")]
    #[inline(always)]
    fn apply<S: Simd>(self, activation: impl Fn(S::Floats) -> S::Floats) {
        for row in 0..self.m {
            #[allow(unsafe_code)]
            // SAFETY: `split` gives every panel to one thread, which has written what it reads here.
            let [gate, up] =
                self.outputs.each_ref().map(|output| unsafe { output.columns(row, &self.panels) });
            let (gates, rest) = gate.as_chunks_mut::<4>();
            let (ups, rest_up) = up.as_chunks::<4>();
            for (gate, up) in gates.iter_mut().zip(ups) {
                *gate = S::store(S::mul(activation(S::floats(gate)), S::floats(up)));
            }
            for (gate, up) in rest.iter_mut().zip(rest_up) {
                *gate = S::store(activation(S::splat(*gate)))[0] * up;
            }
        }
    }
}
