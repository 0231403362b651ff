use super::*;
use crate::{
    adapter::Adapter,
    kernels::testing::assert_close,
    session::Base,
    support::{
        self, FEED_FORWARD, HEAD_WIDTH, N_HEADS, N_KV_HEADS, N_LAYERS, Quantisation, WIDTH, adapter_tensors,
        tiny, tiny_adapter,
    },
};

const ALL: [Quantisation; 4] = [Quantisation::F32, Quantisation::F16, Quantisation::Q8_0, Quantisation::Q4_0];

fn now<T>(future: impl Future<Output = T>) -> T {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("this engine never waits"),
    }
}

fn engine(quantisation: Quantisation) -> Reference {
    let base = Base::load(&tiny(quantisation).bytes()).expect("a sound model");
    Reference::new(base.model)
}

fn adapter(engine: &Reference, rank: usize) -> Arc<Adapter> {
    let (config, weights) = tiny_adapter(rank);
    Arc::new(Adapter::load(config.as_bytes(), &weights, &engine.model).expect("a sound adapter"))
}

fn tokens(n: u32) -> Vec<u32> {
    (0..n).map(|i| (i * 37 + 5) % 262).collect()
}

fn score(engine: &mut Reference, weights: Weights, tokens: &[u32]) -> Vec<f32> {
    let sequence = engine.open(weights);
    let logits = now(engine.score(sequence, tokens)).expect("logits").concat();
    engine.close(sequence);
    logits
}

fn bits(logits: &[f32]) -> Vec<u32> {
    logits.iter().map(|logit| logit.to_bits()).collect()
}

/// The decoder as the papers write it, in double precision, with A and B merged into the weights.
mod naive {
    use super::*;
    use std::collections::HashMap;

    type Matrix = Vec<Vec<f64>>;

    pub(super) fn logits(adapted_with_rank: Option<usize>, tokens: &[u32]) -> Vec<f32> {
        let file = tiny(Quantisation::F32);
        let mut matrices: HashMap<String, Matrix> = HashMap::new();
        for tensor in &file.tensors {
            let values: Vec<f64> =
                tensor.bytes.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes).into()).collect();
            let rows = values.chunks(tensor.shape[0] as usize).map(<[f64]>::to_vec).collect();
            matrices.insert(tensor.name.trim_end_matches(".weight").to_owned(), rows);
        }
        if let Some(rank) = adapted_with_rank {
            merge(&mut matrices, rank);
        }
        forward(&matrices, tokens)
    }

    fn merge(matrices: &mut HashMap<String, Matrix>, rank: usize) {
        let tensors = adapter_tensors(rank);
        for ((name, rows, _), pair) in support::matrices().into_iter().skip(1).zip(tensors.chunks(2)) {
            let (a, b) = (&pair[0].2, &pair[1].2);
            let matrix = matrices.get_mut(&name).expect("a matrix");
            let interleaved = name.ends_with("attn_q") || name.ends_with("attn_k");
            for row in 0..rows {
                // B's rows are in the order of transformers, the matrix's in that of GGUF.
                let (head, within) = (row / HEAD_WIDTH, row % HEAD_WIDTH);
                let theirs = head * HEAD_WIDTH + (within % 2) * (HEAD_WIDTH / 2) + within / 2;
                let b_row = if interleaved { theirs } else { row };
                for column in 0..matrix[row].len() {
                    for r in 0..rank {
                        let a = f64::from(a[r * matrix[row].len() + column]);
                        matrix[row][column] += 2.0 * f64::from(b[b_row * rank + r]) * a;
                    }
                }
            }
        }
    }

    fn times(matrix: &Matrix, x: &[f64]) -> Vec<f64> {
        matrix.iter().map(|row| row.iter().zip(x).map(|(w, x)| w * x).sum()).collect()
    }

    fn norm(x: &[f64], gain: &[f64]) -> Vec<f64> {
        let mean = x.iter().map(|x| x * x).sum::<f64>() / x.len() as f64;
        x.iter().zip(gain).map(|(x, gain)| x / (mean + 1e-5).sqrt() * gain).collect()
    }

    fn rotate(x: &mut [f64], position: usize) {
        for head in x.chunks_mut(HEAD_WIDTH) {
            for i in 0..HEAD_WIDTH / 2 {
                let angle = position as f64 * 10_000_f64.powf(-2.0 * i as f64 / HEAD_WIDTH as f64);
                let (a, b) = (head[2 * i], head[2 * i + 1]);
                head[2 * i] = a * angle.cos() - b * angle.sin();
                head[2 * i + 1] = a * angle.sin() + b * angle.cos();
            }
        }
    }

    fn forward(matrices: &HashMap<String, Matrix>, tokens: &[u32]) -> Vec<f32> {
        let of = |layer: usize, name: &str| &matrices[&format!("blk.{layer}.{name}")];
        let mut xs: Vec<Vec<f64>> =
            tokens.iter().map(|&token| matrices["token_embd"][token as usize].clone()).collect();
        for layer in 0..N_LAYERS {
            let mut keys = Vec::new();
            let mut values = Vec::new();
            for (position, x) in xs.iter_mut().enumerate() {
                let normed = norm(x, &of(layer, "attn_norm")[0]);
                let mut queries = times(of(layer, "attn_q"), &normed);
                let mut key = times(of(layer, "attn_k"), &normed);
                rotate(&mut queries, position);
                rotate(&mut key, position);
                keys.push(key);
                values.push(times(of(layer, "attn_v"), &normed));
                let mut attended = vec![0.0; N_HEADS * HEAD_WIDTH];
                for head in 0..N_HEADS {
                    let kv = head * N_KV_HEADS / N_HEADS * HEAD_WIDTH;
                    let scores: Vec<f64> = keys
                        .iter()
                        .map(|key| {
                            let products =
                                (0..HEAD_WIDTH).map(|i| queries[head * HEAD_WIDTH + i] * key[kv + i]);
                            (products.sum::<f64>() / (HEAD_WIDTH as f64).sqrt()).exp()
                        })
                        .collect();
                    let total: f64 = scores.iter().sum();
                    for (score, value) in scores.iter().zip(&values) {
                        for i in 0..HEAD_WIDTH {
                            attended[head * HEAD_WIDTH + i] += score / total * value[kv + i];
                        }
                    }
                }
                let add = |x: &mut Vec<f64>, y: Vec<f64>| {
                    for (x, y) in x.iter_mut().zip(y) {
                        *x += y;
                    }
                };
                add(x, times(of(layer, "attn_output"), &attended));
                let normed = norm(x, &of(layer, "ffn_norm")[0]);
                let gate = times(of(layer, "ffn_gate"), &normed);
                let up = times(of(layer, "ffn_up"), &normed);
                let hidden: Vec<f64> = gate.iter().zip(up).map(|(g, u)| g / (1.0 + (-g).exp()) * u).collect();
                add(x, times(of(layer, "ffn_down"), &hidden));
            }
        }
        let output = |x: &Vec<f64>| times(&matrices["token_embd"], &norm(x, &matrices["output_norm"][0]));
        xs.iter().flat_map(|x| output(x).into_iter().map(|logit| logit as f32)).collect()
    }
}

#[test]
fn agrees_with_the_decoder_as_the_papers_write_it() {
    assert_eq!(tiny(Quantisation::F32).tensors.len(), support::matrices().len() + 2 * N_LAYERS + 1);
    assert_eq!((WIDTH, FEED_FORWARD), (64, 96));
    let tokens = tokens(70);
    let mut engine = engine(Quantisation::F32);
    let got = score(&mut engine, Weights::base(), &tokens);
    assert_close(&got, &naive::logits(None, &tokens), 2e-4);
}

#[test]
fn unmerged_agrees_with_merged() {
    let tokens = tokens(20);
    let mut engine = engine(Quantisation::F32);
    for rank in [1, 3, 8] {
        let adapter = adapter(&engine, rank);
        let got = score(&mut engine, Weights::adapter(adapter, 1.0), &tokens);
        assert_close(&got, &naive::logits(Some(rank), &tokens), 1e-3);
    }
}

#[test]
fn scale_zero_is_the_base_to_the_bit_and_other_scales_are_not() {
    for quantisation in ALL {
        let mut engine = engine(quantisation);
        let adapter = adapter(&engine, 4);
        let base = score(&mut engine, Weights::base(), &tokens(9));
        let at = |engine: &mut Reference, scale| {
            score(engine, Weights::adapter(Arc::clone(&adapter), scale), &tokens(9))
        };
        assert_eq!(bits(&at(&mut engine, 0.0)), bits(&base), "{quantisation:?}");
        assert_ne!(bits(&at(&mut engine, 0.5)), bits(&base), "{quantisation:?}");
        assert_ne!(bits(&at(&mut engine, 0.5)), bits(&at(&mut engine, 1.0)), "{quantisation:?}");
    }
}

/// Whatever the chunks, the batch and the neighbours: the same bits.
#[test]
fn a_sequence_does_not_depend_on_its_batch() {
    for quantisation in ALL {
        let mut engine = engine(quantisation);
        let adapter = adapter(&engine, 4);
        let tokens = tokens(81);
        let tuned = Weights::adapter(adapter, 0.75);
        let alone = score(&mut engine, tuned.clone(), &tokens);
        let last = &alone[alone.len() - 262..];

        let lanes: Vec<_> = [Weights::base(), tuned.clone(), Weights::base(), tuned, Weights::base()]
            .into_iter()
            .map(|weights| engine.open(weights))
            .collect();
        for (index, lane) in lanes.iter().enumerate() {
            for chunk in tokens[..80].chunks(7 + index * 13) {
                now(engine.prefill(*lane, chunk)).expect("it fits");
            }
        }
        let batch: Vec<_> = lanes.iter().rev().map(|lane| (*lane, tokens[80])).collect();
        let together = now(engine.step(&batch)).expect("it fits");
        assert_eq!(bits(&together[1]), bits(last), "{quantisation:?}");
        assert_eq!(bits(&together[3]), bits(last), "{quantisation:?}");
        assert_eq!(bits(&together[0]), bits(&together[4]), "{quantisation:?}");
        assert_ne!(bits(&together[0]), bits(last), "{quantisation:?}");
    }
}

#[test]
fn a_reset_sequence_goes_on_as_a_fresh_one() {
    let mut engine = engine(Quantisation::Q8_0);
    let tokens = tokens(30);
    let expected = score(&mut engine, Weights::base(), &tokens);
    let sequence = engine.open(Weights::base());
    now(engine.prefill(sequence, &tokens)).expect("it fits");
    engine.reset(sequence, 11);
    let got = now(engine.score(sequence, &tokens[11..])).expect("it fits").concat();
    assert_eq!(bits(&got), bits(&expected[11 * 262..]));
}

#[test]
fn what_cannot_be_read_is_refused_as_a_whole() {
    let mut engine = engine(Quantisation::Q8_0);
    let sequence = engine.open(Weights::base());
    let unknown = EngineError::UnknownToken { token: 262, vocabulary: 262 };
    assert_eq!(now(engine.prefill(sequence, &[1, 262])), Err(unknown));
    let full = EngineError::ContextFull { wanted: 193, context_length: 192 };
    assert_eq!(now(engine.prefill(sequence, &tokens(193))), Err(full));
    assert_eq!(now(engine.step(&[(sequence, 1), (sequence, 2)])), Err(EngineError::UnknownSequence));
    let fresh = score(&mut engine, Weights::base(), &[5]);
    assert_eq!(bits(&now(engine.step(&[(sequence, 5)])).expect("nothing was read")[0]), bits(&fresh));
    engine.close(sequence);
    assert_eq!(now(engine.step(&[(sequence, 5)])), Err(EngineError::UnknownSequence));
}

/// Activations of 8 bits are off by half a step of 1/127 of a block's largest; with random
/// weights the errors of 64 products add up like a random walk. Measured 0.02 here.
#[test]
fn quantised_activations_stay_near_exact_ones() {
    for quantisation in [Quantisation::Q8_0, Quantisation::Q4_0] {
        let mut engine = engine(quantisation);
        let mut exact = Reference::new(Arc::new(engine.model.dequantised().expect("it fits in memory")));
        let got = score(&mut engine, Weights::base(), &tokens(40));
        assert_close(&got, &score(&mut exact, Weights::base(), &tokens(40)), 0.1);
    }
}
