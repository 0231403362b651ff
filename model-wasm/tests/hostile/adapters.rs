//! Adapters: a configuration and, after a zero byte, weights; or a GGUF file.

use model_wasm::{adapter::Adapter, session::Base};

use super::{
    Case,
    adapter_seed::files,
    check,
    support::{Gguf, Quantisation, Tensor, Value, WIDTH, safetensors, tiny, tiny_adapter, with_header},
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

const MLX_CONFIG: &str = r#"{"fine_tune_type": "lora", "lora_parameters": {"rank": 2, "scale": 2.0}}"#;

/// What mlx-lm writes of the small model's first output projection, with other names for the halves where asked.
fn mlx(config: &str, halves: &[&str]) -> Vec<u8> {
    let shapes = [[WIDTH, 2], [2, WIDTH]];
    let tensor = |(half, shape): (&&str, [usize; 2])| {
        let name = format!("model.layers.0.self_attn.o_proj.{half}");
        (name, shape, vec![0.25; shape[0] * shape[1]])
    };
    joined(config, &safetensors(&halves.iter().zip(shapes).map(tensor).collect::<Vec<_>>()))
}

/// What llama.cpp's converter writes of the same matrix.
fn gguf(damage: impl FnOnce(&mut Gguf)) -> Vec<u8> {
    let mut file = Gguf { version: 3, entries: Vec::new(), tensors: Vec::new() };
    for (key, value) in
        [("general.type", "adapter"), ("general.architecture", "llama"), ("adapter.type", "lora")]
    {
        file.set(key, Value::Text(value.to_owned()));
    }
    file.set("adapter.lora.alpha", Value::F32(4.0));
    for (half, shape) in [("a", [WIDTH as u64, 2]), ("b", [2, WIDTH as u64])] {
        let name = format!("blk.0.attn_output.weight.lora_{half}");
        let bytes = [0.25_f32; 2 * WIDTH].iter().flat_map(|value| value.to_le_bytes()).collect();
        file.tensors.push(Tensor { name, shape: shape.to_vec(), type_id: 0, bytes, offset: None });
    }
    damage(&mut file);
    file.bytes()
}

fn fitting() -> [(&'static str, Vec<u8>); 3] {
    let (config, weights) = tiny_adapter(1);
    [
        ("peft-that-fits", joined(&config, &weights)),
        ("mlx-that-fits", mlx(MLX_CONFIG, &["lora_a", "lora_b"])),
        ("gguf-that-fits", gguf(|_| ())),
    ]
}

#[test]
fn what_is_meant_to_fit_fits_and_other_shapes_do_not() {
    let base = Base::load(&tiny(Quantisation::Q4_0).bytes()).expect("a sound model");
    for (name, bytes) in fitting() {
        assert!(Adapter::from_files(files(&bytes), &base.model).is_ok(), "{name}");
    }
    let strangers = gguf(|file| file.set("general.architecture", Value::Text("qwen2".to_owned())));
    for bytes in [with_config(CONFIG), strangers] {
        assert!(Adapter::from_files(files(&bytes), &base.model).is_err());
    }
}

#[test]
fn hostile_adapters_are_refused_by_name() {
    let entry = |dtype: &str, shape: &str, offsets: &str| {
        with_entries(&format!(r#"{{"{A}":{{"dtype":"{dtype}","shape":{shape},"data_offsets":{offsets}}}}}"#))
    };
    let nan = safetensors(&[tensor(A, f32::NAN), tensor(B, 0.5)]);
    let endless = safetensors(&[tensor(A, 0.5), tensor(B, f32::INFINITY)]);
    let longest = [u64::MAX.to_le_bytes().to_vec(), b"{}".to_vec()].concat();
    let mut cases: Vec<Case> = vec![
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
        ("mlx-dora", mlx(r#"{"fine_tune_type": "dora"}"#, &["lora_a", "lora_b"]), "fine_tune_type"),
        ("mlx-half", mlx(MLX_CONFIG, &["lora_a"]), "its other half is there"),
        ("gguf-half", gguf(|file| drop(file.tensors.pop())), "its other half is there"),
        ("gguf-without-alpha", gguf(|file| file.remove("adapter.lora.alpha")), "adapter.lora.alpha"),
        ("gguf-model", gguf(|file| file.remove("general.type")), "general.type"),
        ("gguf-outside", gguf(|file| file.tensors[1].offset = Some(1 << 20)), "outside the file"),
        ("gguf-integers", gguf(|file| file.tensors[0].type_id = 26), "blk.0.attn_output.weight.lora_a"),
    ];
    cases.extend(fitting().map(|(name, bytes)| (name, bytes, "")));
    check("adapter", cases, |bytes| files(bytes).info("hostile"));
}
