//! Adapters: a configuration and, after a zero byte, weights.

use model_wasm::adapter;

use super::{
    Case, check,
    support::{safetensors, with_header},
};

const CONFIG: &str = r#"{"peft_type": "LORA", "r": 2, "lora_alpha": 4, "bias": "none"}"#;
const A: &str = "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight";
const B: &str = "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight";

fn joined(config: &str, weights: &[u8]) -> Vec<u8> {
    [config.as_bytes(), &[0], weights].concat()
}

/// Small weights that are sound, whatever the configuration.
fn with_config(config: &str) -> Vec<u8> {
    joined(config, &safetensors(&[tensor(A, 0.5), tensor(B, 0.5)]))
}

fn tensor(name: &str, value: f32) -> (String, [usize; 2], Vec<f32>) {
    (name.to_owned(), [2, 2], vec![value; 4])
}

/// A sound configuration, and a header with sixteen bytes of data.
fn with_entries(header: &str) -> Vec<u8> {
    joined(CONFIG, &with_header(header, vec![0; 16]))
}

fn with_field(field: &str) -> Vec<u8> {
    with_config(&format!("{}, {field}}}", &CONFIG[..CONFIG.len() - 1]))
}

#[test]
fn hostile_adapters_are_refused_by_name() {
    let entry = |dtype: &str, shape: &str, offsets: &str| {
        with_entries(&format!(r#"{{"{A}":{{"dtype":"{dtype}","shape":{shape},"data_offsets":{offsets}}}}}"#))
    };
    let nan = safetensors(&[tensor(A, f32::NAN), tensor(B, 0.5)]);
    let endless = safetensors(&[tensor(A, 0.5), tensor(B, f32::INFINITY)]);
    let longest = [u64::MAX.to_le_bytes().to_vec(), b"{}".to_vec()].concat();
    let cases: Vec<Case> = vec![
        ("sound", with_config(CONFIG), ""),
        ("empty", Vec::new(), "adapter_config.json"),
        ("config-is-no-json", with_config("{"), "adapter_config.json"),
        ("config-is-a-list", with_config("[]"), "adapter_config.json"),
        ("other-method", with_config(r#"{"peft_type": "IA3", "r": 2, "lora_alpha": 4}"#), "peft_type"),
        ("no-rank", with_config(r#"{"peft_type": "LORA", "lora_alpha": 4}"#), "r = "),
        ("rank-0", with_config(r#"{"peft_type": "LORA", "r": 0, "lora_alpha": 4}"#), "r = "),
        (
            "rank-2-63",
            with_config(r#"{"peft_type": "LORA", "r": 9223372036854775808, "lora_alpha": 4}"#),
            "r = ",
        ),
        ("alpha-endless", with_config(r#"{"peft_type": "LORA", "r": 2, "lora_alpha": 1e308}"#), "lora_alpha"),
        ("dora", with_field(r#""use_dora": true"#), "use_dora"),
        ("bias", with_config(r#"{"peft_type": "LORA", "r": 2, "lora_alpha": 4, "bias": "all"}"#), "bias"),
        ("other-modules", with_field(r#""modules_to_save": ["lm_head"]"#), "modules_to_save"),
        ("layers-twice", with_field(r#""layer_replication": [[0, 2], [1, 3]]"#), "layer_replication"),
        ("trained-tokens", with_field(r#""trainable_token_indices": [1]"#), "trainable_token_indices"),
        ("pissa", with_field(r#""init_lora_weights": "pissa""#), "init_lora_weights"),
        ("no-weights", joined(CONFIG, &[]), "safetensors"),
        ("longest-header", joined(CONFIG, &longest), "safetensors"),
        ("header-is-no-json", with_entries("}{"), "safetensors"),
        ("outside", entry("F32", "[2,2]", "[16,32]"), "safetensors"),
        ("backwards", entry("F32", "[2,2]", "[16,0]"), "safetensors"),
        ("shape-wraps", entry("F32", "[4294967296,4294967296]", "[0,16]"), "safetensors"),
        ("other-size", entry("F32", "[3,2]", "[0,16]"), "safetensors"),
        ("integers", entry("I32", "[2,2]", "[0,16]"), "I32"),
        ("nan", joined(CONFIG, &nan), "holds a weight that is no number"),
        ("endless", joined(CONFIG, &endless), "holds a weight that is no number"),
    ];
    check("adapter", cases, |bytes| {
        let at = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        let (config, weights) = bytes.split_at(at);
        adapter::inspect("hostile", config, weights.get(1..).unwrap_or_default())
    });
}
