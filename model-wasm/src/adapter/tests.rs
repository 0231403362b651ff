// Every scale here is exact in single precision.
#![allow(clippy::float_cmp)]

use super::*;
use crate::{
    session::Base,
    support::{AdapterTensor, Quantisation, adapter_tensors, safetensors, tiny, tiny_adapter, with_header},
};
use serde_json::{Value, json};

fn base() -> Base {
    Base::load(&tiny(Quantisation::Q8_0).bytes()).expect("a sound model")
}

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

const Q: &str = "base_model.model.model.layers.0.self_attn.q_proj";

#[test]
fn what_is_loaded_is_told() {
    let (config, weights) = tiny_adapter(2);
    let adapter = Adapter::load(config.as_bytes(), &weights, &base().model).expect("a sound adapter");
    let info = adapter.info("triage");
    assert_eq!((info.adapter_id.as_str(), info.rank, info.matrices), ("triage", 2, 14));
    let parameters: usize = adapter_tensors(2).iter().map(|(_, _, values)| values.len()).sum();
    assert_eq!(info.parameters, parameters as u64);
    assert_eq!(info.sha256, crate::hex(&Sha256::digest(&weights)));
    assert_eq!(inspect("triage", config.as_bytes(), &weights), Ok(info));
}

#[test]
fn scales() {
    let scale = |field: &str, value: Value, slot| {
        with_field(field, value).expect("a sound adapter").low_rank(1, slot).expect("every matrix").scale
    };
    assert_eq!(scale("use_rslora", json!(false), Slot::Query), 4.0);
    assert_eq!(scale("use_rslora", json!(true), Slot::Query), 8.0 / 2.0_f32.sqrt());
    assert_eq!(scale("alpha_pattern", json!({"q_proj": 2}), Slot::Query), 1.0);
    assert_eq!(scale("alpha_pattern", json!({"q_proj": 2}), Slot::Key), 4.0);
    assert_eq!(scale("alpha_pattern", json!({"layers.1.self_attn.q_proj": 6}), Slot::Query), 3.0);
    assert_eq!(scale("alpha_pattern", json!({"0.self_attn.q_proj": 6}), Slot::Query), 4.0);
    assert_eq!(scale("alpha_pattern", json!({"_proj": 6}), Slot::Query), 4.0);
    // The base is stored by rows of outputs whatever this says.
    assert_eq!(scale("fan_in_fan_out", json!(true), Slot::Query), 4.0);
}

#[test]
fn a_rank_pattern_changes_one_matrix() {
    let mut config = config();
    config["rank_pattern"] = json!({"q_proj": 4});
    let mut tensors = adapter_tensors(2);
    for (name, shape, values) in tensors.iter_mut().chain(&mut adapter_tensors(4)) {
        if name.contains("q_proj") {
            *shape = shape.map(|side| if side == 2 { 4 } else { side });
            values.resize(shape[0] * shape[1], 0.5);
        }
    }
    let adapter = load(&config, &safetensors(&tensors)).expect("a sound adapter");
    let query = adapter.low_rank(0, Slot::Query).expect("every matrix");
    assert_eq!((query.rank, query.scale), (4, 2.0));
    assert_says(load(&config, &tiny_adapter(2).1), "its rank side is 2, expected 4");
}

#[test]
fn rows_of_queries_and_keys_change_places() {
    let rows: Vec<f32> = (0..8).flat_map(|row| [row as f32, row as f32 + 0.5]).collect();
    let firsts: Vec<f32> = side_by_side(&rows, 2, 2).chunks(2).map(|row| row[0]).collect();
    assert_eq!(firsts, [0.0, 2.0, 1.0, 3.0, 4.0, 6.0, 5.0, 7.0]);
}

#[test]
fn what_would_change_the_result_is_refused_by_name() {
    for (field, value) in [
        ("peft_type", json!("LOHA")),
        ("peft_type", Value::Null),
        ("bias", json!("all")),
        ("bias", json!("lora_only")),
        ("modules_to_save", json!(["lm_head"])),
        ("layer_replication", json!([[0, 2]])),
        ("trainable_token_indices", json!([5])),
        ("use_dora", json!(true)),
        ("use_qalora", json!(true)),
        ("lora_bias", json!(true)),
        ("alora_invocation_tokens", json!([1])),
        ("loftq_config", json!({"loftq_bits": 4})),
        ("init_lora_weights", json!("pissa")),
        ("init_lora_weights", json!("pissa_niter_4")),
        ("init_lora_weights", json!("olora")),
        ("init_lora_weights", json!("corda")),
        ("init_lora_weights", json!("loftq")),
        ("rank_pattern", json!({"(q|k)_proj": 4})),
    ] {
        let error = with_field(field, value.clone()).expect_err(field);
        assert!(matches!(error, AdapterError::UnsupportedField { .. }), "{field}: {error}");
        assert!(error.to_string().contains(field), "{error}");
    }
    for (field, value) in [("init_lora_weights", json!("gaussian")), ("modules_to_save", json!([]))] {
        assert!(with_field(field, value).is_ok(), "{field}");
    }
}

#[test]
fn fields_that_make_no_sense_are_refused_by_name() {
    for (field, value) in [
        ("r", json!(0)),
        ("r", json!(-1)),
        ("r", json!("8")),
        ("r", Value::Null),
        ("lora_alpha", json!("16")),
        ("lora_alpha", Value::Null),
        ("lora_alpha", json!(1e300)),
        ("use_rslora", json!("yes")),
        ("rank_pattern", json!({"q_proj": 0})),
        ("alpha_pattern", json!([1])),
    ] {
        let error = with_field(field, value).expect_err(field);
        assert!(matches!(error, AdapterError::BadField { .. }), "{field}: {error}");
        assert!(error.to_string().contains(field), "{error}");
    }
    let weights = tiny_adapter(2).1;
    for config in ["", "[]", "null", "{\"r\": NaN}", "<!doctype html>"] {
        let error = Adapter::load(config.as_bytes(), &weights, &base().model).expect_err(config);
        assert!(matches!(error, AdapterError::DamagedConfig(_)), "{error}");
    }
}

#[test]
fn tensors_that_do_not_fit_are_refused_by_name() {
    assert_says(with_tensors(|tensors| drop(tensors.remove(0))), &format!("{Q}.lora_A.weight\" is missing"));
    assert_says(with_tensors(|tensors| drop(tensors.remove(1))), &format!("{Q}.lora_B.weight\" is missing"));
    assert_says(with_tensors(Vec::clear), "no LoRA matrices");
    assert_says(with_tensors(|tensors| tensors[0].1 = [4, 32]), "its rank side is 4, expected 2");
    assert_says(
        with_tensors(|tensors| {
            tensors[0].1 = [2, 32];
            tensors[0].2.truncate(64);
        }),
        "its input side is 32, expected 64",
    );
    assert_says(
        with_tensors(|tensors| {
            tensors[1].1 = [32, 2];
            tensors[1].2.truncate(64);
        }),
        "its output side is 32, expected 64",
    );
    for (name, expected) in [
        ("base_model.model.model.layers.2.self_attn.q_proj.lora_A.weight", "does not have"),
        ("base_model.model.model.layers.00.self_attn.q_proj.lora_A.weight", "does not have"),
        ("base_model.model.model.layers.0.self_attn.qkv_proj.lora_A.weight", "does not have"),
        ("base_model.model.lm_head.lora_A.weight", "does not have"),
        ("base_model.model.model.embed_tokens.lora_embedding_A", "an embedding's LoRA"),
        ("base_model.model.model.layers.0.self_attn.q_proj.lora_magnitude_vector", "DoRA"),
        ("model.layers.0.self_attn.q_proj.lora_A.weight", "is called neither"),
        ("base_model.model.model.layers.0.self_attn.q_proj.bias", "is called neither"),
    ] {
        let refused = with_tensors(|tensors| tensors[0].0 = name.to_owned());
        assert_says(refused, expected);
    }
    for value in [f32::NAN, f32::INFINITY] {
        assert_says(with_tensors(|tensors| tensors[3].2[5] = value), "holds a weight that is no number");
    }
}

#[test]
fn an_adapter_of_another_base_is_refused() {
    let header = |sha256: &str| {
        format!(
            r#"{{"__metadata__":{{"base_sha256":"{sha256}"}},"{Q}.lora_A.weight":{{"dtype":"F32","shape":[2,64],"data_offsets":[0,512]}},"{Q}.lora_B.weight":{{"dtype":"F32","shape":[64,2],"data_offsets":[512,1024]}}}}"#
        )
    };
    let ours = base().model.info().sha256.clone();
    assert!(load(&config(), &with_header(&header(&ours), vec![0; 1024])).is_ok());
    assert_says(load(&config(), &with_header(&header("abc"), vec![0; 1024])), "SHA-256 abc");
}

#[test]
fn half_precisions_are_read() {
    for (dtype, one) in [("F16", 0x3c00_u16), ("BF16", 0x3f80)] {
        let header = format!(
            r#"{{"{Q}.lora_A.weight":{{"dtype":"{dtype}","shape":[2,64],"data_offsets":[0,256]}},"{Q}.lora_B.weight":{{"dtype":"{dtype}","shape":[64,2],"data_offsets":[256,512]}}}}"#
        );
        let data = one.to_le_bytes().repeat(256);
        let adapter = load(&config(), &with_header(&header, data)).expect("a sound adapter");
        let low_rank = adapter.low_rank(0, Slot::Query).expect("it is there");
        assert!(low_rank.a.iter().chain(&low_rank.b).all(|&value| value == 1.0));
        assert!(adapter.low_rank(1, Slot::Query).is_none());
    }
}

#[test]
fn damaged_files_are_refused_and_none_panics() {
    let file = tiny_adapter(2).1;
    for length in (0..file.len()).step_by(101).chain(0..64) {
        let error = load(&config(), &file[..length]).expect_err("cut short");
        assert!(matches!(error, AdapterError::DamagedWeights(_)), "{length} bytes: {error}");
    }
    let mut claims = file.clone();
    claims[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    assert_says(load(&config(), &claims), "beyond the limit");
    assert_says(load(&config(), &[file, vec![0]].concat()), "the file has");
    let entry = |entry: &str| with_header(&format!(r#"{{"t":{entry}}}"#), vec![0; 16]);
    for (text, expected) in [
        (r#"{"dtype":"F32","shape":[4],"data_offsets":[0,20]}"#, "outside the file"),
        (r#"{"dtype":"F32","shape":[4],"data_offsets":[16,0]}"#, "outside the file"),
        (r#"{"dtype":"F32","shape":[3],"data_offsets":[0,16]}"#, "its shape asks for 12"),
        (
            r#"{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,16]}"#,
            "more bytes than 64 bits",
        ),
        (r#"{"dtype":"F32","shape":[-4],"data_offsets":[0,16]}"#, "no count"),
        (r#"{"dtype":"F8","shape":[16],"data_offsets":[0,16]}"#, "unknown type"),
        (r#"{"dtype":"F32","data_offsets":[0,16]}"#, "no shape"),
        (r#"{"dtype":"F32","shape":[4]}"#, "no data_offsets"),
        (r#"{"dtype":"F32","shape":[4],"data_offsets":[0]}"#, "no two data_offsets"),
        (r#"{"dtype":"F32","shape":[3],"data_offsets":[4,16]}"#, "a gap"),
        (r#"{"dtype":"I32","shape":[4],"data_offsets":[0,16]}"#, "its type is I32"),
        ("7", "unknown type"),
    ] {
        assert_says(load(&config(), &entry(text)), expected);
    }
    let deep = with_header(&"[".repeat(100_000), Vec::new());
    assert!(matches!(load(&config(), &deep), Err(AdapterError::DamagedWeights(_))));
    let overlap = r#"{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"b":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}"#;
    assert_says(load(&config(), &with_header(overlap, vec![0; 16])), "overlaps");
}
