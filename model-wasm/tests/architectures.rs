//! Agreement with transformers and PEFT on random models of every architecture and tensor type, from the files that
//! `recipe/architectures.py` writes. The weights are not kept: both sides draw them by the same rule.
#![cfg(not(target_arch = "wasm32"))]

#[path = "support/mod.rs"]
mod support;

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use model_wasm::{
    adapter::Adapter,
    engine::{
        Engine, Weights,
        cpu::{Cpu, Processor},
        reference::Reference,
    },
    model::Model,
    session::Base,
};
use serde::Deserialize;
use serde_json::Value as Json;
use support::{Gguf, Quantisation, Tensor, Value, half, noise, safetensors, tiny};

/// Single precision on the same weights; logits reach 25 in size.
const EXACT_TOLERANCE: f32 = 1e-3;

/// 8-bit activations, as a share of the logits' size in the mean square: each activation is off by 0.23 % of its
/// block's largest in the mean square, and random weights do not let such errors cancel. Measured: 3.0 % at most.
const QUANTISED_TOLERANCE: f64 = 0.04;

#[derive(Deserialize)]
struct Index {
    tokens: Vec<u32>,
    rank: usize,
    alpha: usize,
    scales: BTreeMap<String, Vec<(usize, u16)>>,
    models: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    metadata: BTreeMap<String, Json>,
    tensors: Vec<TensorEntry>,
    #[serde(default)]
    adapter: Vec<AdapterEntry>,
}

#[derive(Deserialize)]
struct TensorEntry {
    name: String,
    shape: Vec<u64>,
    r#type: String,
    values: Option<Vec<f32>>,
}

#[derive(Deserialize)]
struct AdapterEntry {
    name: String,
    shape: [usize; 2],
}

/// ggml's number of a type, the weights of its block and their bytes.
fn layout(kind: &str) -> (u32, usize, usize) {
    match kind {
        "F32" => (0, 1, 4),
        "F16" => (1, 1, 2),
        "BF16" => (30, 1, 2),
        "Q4_0" => (2, 32, 18),
        "Q4_1" => (3, 32, 20),
        "Q5_0" => (6, 32, 22),
        "Q5_1" => (7, 32, 24),
        "Q8_0" => (8, 32, 34),
        "Q2_K" => (10, 256, 84),
        "Q3_K" => (11, 256, 110),
        "Q4_K" => (12, 256, 144),
        "Q5_K" => (13, 256, 176),
        "Q6_K" => (14, 256, 210),
        "IQ4_NL" => (20, 32, 18),
        other => panic!("{other} is not known here"),
    }
}

impl Index {
    fn read() -> (Self, Vec<f32>) {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/goldens/architectures");
        let index = std::fs::read(folder.join("index.json")).expect("the index");
        let logits = std::fs::read(folder.join("logits.bin")).expect("the logits");
        let logits = logits.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
        (serde_json::from_slice(&index).expect("an index"), logits)
    }

    fn matrix(&self, kind: &str, seed: u64, n: usize) -> Vec<u8> {
        let numbers = |n: usize| (0..n as u64).map(move |i| noise(seed, i));
        match kind {
            "F32" => numbers(n).flat_map(|number| (number / 8.0).to_le_bytes()).collect(),
            "F16" => numbers(n).flat_map(|number| half((number * 1023.0) as i32)).collect(),
            "BF16" => {
                let upper = |number: f32| (((number * 127.0).trunc() / 1024.0).to_bits() >> 16) as u16;
                numbers(n).flat_map(|number| upper(number).to_le_bytes()).collect()
            }
            kind => {
                let (_, weights, size) = layout(kind);
                let mut bytes: Vec<u8> =
                    numbers(n / weights * size).map(|number| ((number + 1.0) * 128.0) as u8).collect();
                for block in bytes.chunks_exact_mut(size) {
                    for &(at, bits) in &self.scales[kind] {
                        block[at..at + 2].copy_from_slice(&bits.to_le_bytes());
                    }
                }
                bytes
            }
        }
    }

    fn file(&self, entry: &Entry) -> Gguf {
        let mut file = tiny(Quantisation::F32);
        file.tensors.clear();
        file.entries.retain(|(key, _)| key.starts_with("tokenizer."));
        for (key, value) in &entry.metadata {
            let value = match value {
                Json::String(text) => Value::Text(text.clone()),
                Json::Number(number) if number.is_u64() => Value::U32(number.as_u64().expect("one") as u32),
                Json::Number(number) => Value::F32(number.as_f64().expect("a number") as f32),
                other => panic!("{key} is {other}"),
            };
            file.set(key, value);
        }
        for (index, tensor) in entry.tensors.iter().enumerate() {
            let seed = index as u64 + 1;
            let bytes = match (&tensor.values, &tensor.shape[..]) {
                (Some(values), _) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
                (None, &[length]) => {
                    let offset = if tensor.name.contains("norm") { 1.0 } else { 0.0 };
                    (0..length).flat_map(|i| (noise(seed, i) * 0.1 + offset).to_le_bytes()).collect()
                }
                (None, shape) => self.matrix(&tensor.r#type, seed, shape.iter().product::<u64>() as usize),
            };
            file.tensors.push(Tensor {
                name: tensor.name.clone(),
                shape: tensor.shape.clone(),
                type_id: layout(&tensor.r#type).0,
                bytes,
                offset: None,
            });
        }
        file
    }

    fn adapter(&self, entry: &Entry, model: &Model) -> Arc<Adapter> {
        let tensors: Vec<_> = entry
            .adapter
            .iter()
            .zip(1001..)
            .map(|(tensor, seed)| {
                let n = tensor.shape[0] * tensor.shape[1];
                let values = (0..n as u64).map(|i| noise(seed, i) / 8.0).collect();
                (tensor.name.clone(), tensor.shape, values)
            })
            .collect();
        let config = format!(
            r#"{{"peft_type": "LORA", "r": {}, "lora_alpha": {}, "bias": "none"}}"#,
            self.rank, self.alpha
        );
        let adapter = Adapter::load(config.as_bytes(), &safetensors(&tensors), model);
        Arc::new(adapter.unwrap_or_else(|error| panic!("{}: {error}", entry.name)))
    }
}

fn now<T>(future: impl Future<Output = T>) -> T {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("these engines never wait"),
    }
}

fn logits(engine: &mut impl Engine, weights: Weights, tokens: &[u32]) -> Vec<f32> {
    let sequence = engine.open(weights);
    let logits = now(engine.score(sequence, tokens)).expect("logits").concat();
    engine.close(sequence);
    logits
}

fn assert_exact(name: &str, got: &[f32], expected: &[f32]) {
    assert_eq!(got.len(), expected.len(), "{name}");
    let worst = got.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0_f32, f32::max);
    assert!(worst <= EXACT_TOLERANCE, "{name}: off by {worst}");
}

fn assert_near(name: &str, got: &[f32], expected: &[f32]) {
    let squares = |numbers: &mut dyn Iterator<Item = f32>| numbers.map(|x| f64::from(x).powi(2)).sum::<f64>();
    let error = squares(&mut got.iter().zip(expected).map(|(a, b)| a - b));
    let share = (error / squares(&mut expected.iter().copied())).sqrt();
    assert!(share <= QUANTISED_TOLERANCE, "{name}: off by {share} of the logits");
}

#[test]
fn every_architecture_and_tensor_type_agrees_with_transformers() {
    let (index, all) = Index::read();
    let mut goldens = all.chunks_exact(index.tokens.len() * 262);
    let mut next = || goldens.next().expect("goldens for every model");
    for entry in &index.models {
        let name = &entry.name;
        let base = Base::load(&index.file(entry).bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
        let expected = next();
        let exact = Arc::new(base.model.dequantised().expect("it fits in memory"));
        let run_base = |model: &Arc<Model>, fast: bool| {
            if fast {
                logits(&mut Cpu::on(Processor::best(), model.clone()), Weights::base(), &index.tokens)
            } else {
                logits(&mut Reference::new(model.clone()), Weights::base(), &index.tokens)
            }
        };
        for fast in [false, true] {
            assert_exact(
                &format!("{name} in single precision, fast: {fast}"),
                &run_base(&exact, fast),
                expected,
            );
            assert_near(&format!("{name}, fast: {fast}"), &run_base(&base.model, fast), expected);
        }
        if !entry.adapter.is_empty() {
            let adapter = index.adapter(entry, &exact);
            let with_adapter = |scale| Weights::adapter(adapter.clone(), scale);
            let mut engine = Cpu::on(Processor::best(), exact.clone());
            let got = logits(&mut engine, with_adapter(1.0), &index.tokens);
            let expected = next();
            assert_exact(&format!("{name} with an adapter"), &got, expected);
            let got = logits(&mut Reference::new(exact.clone()), with_adapter(1.0), &index.tokens);
            assert_exact(&format!("{name} with an adapter, plain"), &got, expected);
            let bits = |numbers: Vec<f32>| numbers.into_iter().map(f32::to_bits).collect::<Vec<_>>();
            let nothing = logits(&mut engine, with_adapter(0.0), &index.tokens);
            assert_eq!(bits(nothing), bits(run_base(&exact, true)), "{name}: scale 0 is not the base");
        }
    }
    assert!(goldens.next().is_none(), "goldens of no model");
}
