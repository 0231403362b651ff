//! `adapter_config.json` and `adapters.safetensors` as mlx-lm writes them.

use super::*;

fn mlx_config() -> Value {
    json!({
        "model": "somebody/something", "batch_size": 4, "seed": 0, "fine_tune_type": "lora", "num_layers": 16,
        "lora_parameters": {"rank": 2, "scale": 10.0, "dropout": 0.0},
    })
}

fn with_mlx(
    change_config: impl FnOnce(&mut Value),
    change: impl FnOnce(&mut Vec<AdapterTensor>),
) -> Result<Adapter, AdapterError> {
    let (mut config, mut tensors) = (mlx_config(), mlx_tensors(2));
    change_config(&mut config);
    change(&mut tensors);
    load(&config, &safetensors(&tensors))
}

#[test]
fn the_scale_multiplies_as_it_is() {
    let scale = |change: fn(&mut Value)| {
        let adapter = with_mlx(change, |_| {}).expect("a sound adapter");
        adapter.low_rank(0, Slot::Up).expect("every matrix").scale
    };
    assert_eq!(scale(|_| {}), 10.0);
    assert_eq!(scale(|config| config["lora_parameters"]["scale"] = json!(-0.5)), -0.5);
    // mlx-lm's own defaults, and a rank that the tensors name.
    assert_eq!(scale(|config| config["lora_parameters"] = json!({})), 20.0);
    assert_eq!(scale(|config| config["lora_parameters"] = Value::Null), 20.0);
    // Before `fine_tune_type`.
    let old = json!({"lora_layers": 16, "use_dora": false, "lora_parameters": {"rank": 2, "scale": 3.0}});
    let adapter = load(&old, &safetensors(&mlx_tensors(2))).expect("a sound adapter");
    assert_eq!(adapter.low_rank(0, Slot::Up).expect("every matrix").scale, 3.0);
}

#[test]
fn other_ways_of_training_are_refused_by_name() {
    let refuse = |change: fn(&mut Value), expected| assert_says(with_mlx(change, |_| {}), expected);
    refuse(|config| config["fine_tune_type"] = json!("dora"), "fine_tune_type = \"dora\"");
    refuse(|config| config["fine_tune_type"] = json!("full"), "fine_tune_type = \"full\"");
    refuse(|config| config["fine_tune_type"] = Value::Null, "fine_tune_type = null");
    refuse(|config| config["use_dora"] = json!(true), "use_dora = true");
    refuse(|config| config["lora_parameters"] = json!([8]), "lora_parameters = [8]");
    refuse(|config| config["lora_parameters"]["alpha"] = json!(16), "lora_parameters.alpha = 16");
    refuse(|config| config["lora_parameters"]["scale"] = json!("20"), "lora_parameters.scale");
    refuse(|config| config["lora_parameters"]["scale"] = json!(1e39), "lora_parameters.scale");
    refuse(|config| config["lora_parameters"]["rank"] = json!(0), "lora_parameters.rank = 0");
}

#[test]
fn tensors_that_do_not_fit_are_refused_by_name() {
    let refuse =
        |change: fn(&mut Vec<AdapterTensor>), expected| assert_says(with_mlx(|_| {}, change), expected);
    refuse(|tensors| drop(tensors.remove(0)), "self_attn.q_proj.lora_a\" is missing");
    refuse(|tensors| drop(tensors.remove(1)), "self_attn.q_proj.lora_b\" is missing");
    refuse(Vec::clear, "no LoRA matrices");
    refuse(|tensors| tensors[0].1 = [32, 4], "its rank side is 4, expected 2");
    refuse(|tensors| tensors[1].1 = [4, 32], "its output side is 32, expected 64");
    refuse(
        |tensors| tensors.push(("model.layers.0.self_attn.q_proj.m".into(), [1, 64], vec![1.0; 64])),
        "DoRA",
    );
    refuse(
        |tensors| tensors.push(("model.layers.0.mlp.gate.weight".into(), [1, 1], vec![1.0])),
        "is called neither ….lora_a nor ….lora_b",
    );
    let ends = |module: &str, [a, b]: [[usize; 2]; 2]| {
        with_mlx(
            |_| {},
            |tensors| {
                for (half, shape) in [("a", a), ("b", b)] {
                    tensors.push((format!("{module}.lora_{half}"), shape, vec![0.5; shape[0] * shape[1]]));
                }
            },
        )
    };
    let (vocabulary, width) = (crate::support::tokens().len(), crate::support::WIDTH);
    assert!(ends("model.embed_tokens", [[vocabulary, 2], [2, width]]).is_ok());
    assert!(ends("lm_head", [[width, 2], [2, vocabulary]]).is_ok());
    assert_says(ends("lm_head", [[width, 2], [2, width]]), "its output side is");
    assert_says(ends("model.layers.2.mlp.up_proj", [[width, 2], [2, 96]]), "does not have");
    // A rank that nothing names and that is nothing.
    let config = |config: &mut Value| config["lora_parameters"] = json!({});
    let empty = with_mlx(config, |tensors| {
        tensors[0] = (tensors[0].0.clone(), [64, 0], Vec::new());
        tensors[1] = (tensors[1].0.clone(), [0, 64], Vec::new());
    });
    assert_says(empty, "rank of \"model.layers.0.self_attn.q_proj\" = 0 makes no sense");
}
