// Every scale here is exact in single precision.
#![allow(clippy::float_cmp)]

mod files;
mod formats;
mod gguf;
mod hostile;
mod mlx;
mod peft;

use super::{fit::side_by_side, *};
use crate::{
    session::Base,
    support::{
        AdapterTensor, Gguf, Quantisation, Tensor, Value as Written, adapter_tensors, safetensors, tiny,
        tiny_adapter, with_header,
    },
};
use serde_json::{Value, json};

fn base() -> Base {
    Base::load(&tiny(Quantisation::Q8_0).bytes()).expect("a sound model")
}

/// PEFT's configuration.
fn config() -> Value {
    json!({"peft_type": "LORA", "r": 2, "lora_alpha": 8, "bias": "none", "use_rslora": false})
}

fn load(config: &Value, weights: &[u8]) -> Result<Adapter, AdapterError> {
    Adapter::load(config.to_string().as_bytes(), weights, &base().model)
}

/// An adapter whose configuration has one field changed.
fn with_field(field: &str, value: Value) -> Result<Adapter, AdapterError> {
    let mut config = config();
    config[field] = value;
    load(&config, &tiny_adapter(2).1)
}

fn with_tensors(change: impl FnOnce(&mut Vec<AdapterTensor>)) -> Result<Adapter, AdapterError> {
    let mut tensors = adapter_tensors(2);
    change(&mut tensors);
    load(&config(), &safetensors(&tensors))
}

fn assert_says<T>(result: Result<T, AdapterError>, expected: &str) {
    let error = result.err().expect(expected);
    assert!(error.to_string().contains(expected), "{error} does not contain {expected:?}");
}

/// The first module of PEFT's.
const Q: &str = "base_model.model.model.layers.0.self_attn.q_proj";

/// The same tensors as mlx-lm would save them.
fn mlx_tensors(rank: usize) -> Vec<AdapterTensor> {
    adapter_tensors(rank)
        .into_iter()
        .map(|(name, [rows, columns], values)| {
            let name = name.replace("base_model.model.", "").replace(".weight", "");
            let name = name.replace("lora_A", "lora_a").replace("lora_B", "lora_b");
            (name, [columns, rows], transposed(&values, rows, columns))
        })
        .collect()
}

fn transposed(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    (0..columns).flat_map(|column| (0..rows).map(move |row| values[row * columns + column])).collect()
}

/// The same tensors as a converter would write them, alpha twice the rank.
fn gguf_adapter(rank: usize) -> Gguf {
    let mut file = Gguf { version: 3, entries: Vec::new(), tensors: Vec::new() };
    for (key, value) in [
        ("general.type", Written::Text("adapter".into())),
        ("adapter.type", Written::Text("lora".into())),
        ("general.architecture", Written::Text("llama".into())),
        ("adapter.lora.alpha", Written::F32(2.0 * rank as f32)),
    ] {
        file.set(key, value);
    }
    for (name, [rows, columns], mut values) in adapter_tensors(rank) {
        let stem = name.replace("base_model.model.model.layers", "blk").replace(".weight", "");
        let (module, half) = stem.split_once(".lora_").expect("a half");
        let (layer, module) = module.split_at("blk.0.".len());
        let slot = Slot::ALL.into_iter().find(|slot| slot.module_name() == module).expect("a slot");
        match slot {
            Slot::Query if half == "B" => values = side_by_side(&values, crate::support::N_HEADS, rank),
            Slot::Key if half == "B" => values = side_by_side(&values, crate::support::N_KV_HEADS, rank),
            _ => {}
        }
        let name = format!("{layer}{}.weight.lora_{}", slot.gguf_name(), half.to_lowercase());
        file.tensors.push(gguf_tensor(&name, [rows, columns], &values));
    }
    file
}

fn gguf_tensor(name: &str, [rows, columns]: [usize; 2], values: &[f32]) -> Tensor {
    let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    let shape = vec![columns as u64, rows as u64];
    Tensor { name: name.to_owned(), shape, type_id: 0, bytes, offset: None }
}
