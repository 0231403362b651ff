//! Which files make an adapter.

use super::*;

#[test]
fn the_files_of_an_adapter_are_found_by_their_names() {
    let places = |config, weights| Ok(Places { config, weights });
    for (names, expected) in [
        (&["adapter_config.json", "adapter_model.safetensors"][..], places(Some(0), 1)),
        (&["adapters.safetensors", "adapter_config.json"], places(Some(1), 0)),
        (&["Adapter_Model.SAFETENSORS", "Adapter_Config.json"], places(Some(1), 0)),
        (&["triage-lora.gguf"], places(None, 0)),
        (&["triage-lora.gguf", "README.md", "adapter_config.json"], places(None, 0)),
        // Renamed by a browser.
        (&["adapter_model (1).safetensors", "adapter_config (1).json"], places(Some(1), 0)),
        // What a folder of PEFT's and one of mlx-lm's hold besides.
        (
            &[
                "README.md",
                "tokenizer.json",
                "adapter_model.safetensors",
                "training_args.bin",
                "adapter_config.json",
            ],
            places(Some(4), 2),
        ),
        (
            &["0000100_adapters.safetensors", "adapters.safetensors", "adapter_config.json"],
            places(Some(2), 1),
        ),
    ] {
        assert_eq!(choose(names), expected, "{names:?}");
    }
}

#[test]
fn what_is_missing_is_told() {
    for (names, expected) in [
        (&[][..], "no adapter is among these files"),
        (&["README.md", "tokenizer.json"], "no adapter is among these files"),
        (&["adapter_config.json"], "adapter_config.json is here, adapter_model.safetensors is missing"),
        (&["adapter_model.safetensors"], "adapter_model.safetensors is here, adapter_config.json is missing"),
        (&["adapters.safetensors"], "adapters.safetensors is here, adapter_config.json is missing"),
        (
            &["adapter_model.safetensors", "a.json", "b.json"],
            "adapter_model.safetensors is here, adapter_config.json is missing",
        ),
        (&["adapter_config.json", "adapter_model.bin"], "a pickle can run programs"),
        (&["adapter_config.json", "adapters.npz"], "a newer mlx-lm"),
        (&["a.gguf", "b.gguf"], "several adapters (a.gguf, b.gguf)"),
        (&["a.safetensors", "b.safetensors", "adapter_config.json"], "several adapters"),
        (&["a.gguf", "adapter_model.safetensors", "adapter_config.json"], "several adapters"),
        (&["adapters.safetensors", "adapter_model.safetensors", "adapter_config.json"], "several adapters"),
    ] {
        assert_says(choose(names), expected);
    }
}

#[test]
fn files_are_told_apart_by_what_they_hold() {
    let base = base();
    let (config, weights) = tiny_adapter(2);
    let gguf = gguf_adapter(2).bytes();
    let load = |config: Option<&str>, weights: &[u8]| {
        Adapter::from_files(Files { config: config.map(str::as_bytes), weights }, &base.model)
    };
    assert!(load(Some(&config), &weights).is_ok());
    assert!(load(None, &gguf).is_ok());
    assert!(load(Some(&config), &gguf).is_ok());
    assert_says(load(None, &weights), "adapter_config.json is missing");
    assert_says(load(Some("{}"), &weights), "peft_type = null is not supported");
    assert_says(load(Some(r#"{"fine_tune_type": "lora"}"#), &weights), "is called neither ….lora_a");
    assert_says(
        load(Some(&config), &safetensors(&mlx_tensors(2))),
        "is called neither base_model.model.….lora_A.weight nor base_model.model.….lora_B.weight",
    );
}
