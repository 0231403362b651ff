//! Random models whose weights are drawn by a rule, so that only their description is kept: see
//! `recipe/architectures.py`.
#![allow(dead_code, missing_docs, unreachable_pub)]

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;

use crate::support::{Gguf, Quantisation, Tensor, Value, half, noise, tiny};

const INDEX: &str = include_str!("../../../tests/goldens/architectures/index.json");
const LOGITS: &[u8] = include_bytes!("../../../tests/goldens/architectures/logits.bin");

#[derive(Deserialize)]
pub struct Index {
    pub tokens: Vec<u32>,
    pub rank: usize,
    pub alpha: usize,
    scales: BTreeMap<String, Vec<(usize, u16)>>,
    pub models: Vec<Entry>,
}

#[derive(Deserialize)]
pub struct Entry {
    pub name: String,
    pub metadata: BTreeMap<String, Json>,
    tensors: Vec<TensorEntry>,
    #[serde(default)]
    pub adapter: Vec<AdapterEntry>,
}

#[derive(Deserialize)]
pub struct TensorEntry {
    pub name: String,
    shape: Vec<u64>,
    r#type: String,
    values: Option<Vec<f32>>,
}

#[derive(Deserialize)]
pub struct AdapterEntry {
    pub name: String,
    pub shape: [usize; 2],
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
    pub fn read() -> (Self, Vec<f32>) {
        let logits = LOGITS.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
        (serde_json::from_str(INDEX).expect("an index"), logits)
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

    pub fn file(&self, entry: &Entry) -> Gguf {
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
}
