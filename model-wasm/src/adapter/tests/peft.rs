//! `adapter_config.json` and `adapter_model.safetensors` as PEFT writes them.

use super::*;

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
    assert_eq!(scale("alpha_pattern", json!({"(q|v)_proj": 2}), Slot::Value), 1.0);
    assert_eq!(scale("alpha_pattern", json!({"(q|v)_proj": 2}), Slot::Key), 4.0);
    assert_eq!(scale("alpha_pattern", json!({"^self_attn.q_proj": 2}), Slot::Query), 4.0);
    assert_eq!(scale("alpha_pattern", json!({"^model.layers.1.*q_proj": 2}), Slot::Query), 1.0);
    // The first that matches, not the longest nor the first in the alphabet.
    assert_eq!(scale("alpha_pattern", json!({"q_proj": 6, "1.self_attn.q_proj": 2}), Slot::Query), 3.0);
    assert_eq!(scale("alpha_pattern", json!({"q_proj": 6, "(a|q)_proj": 2}), Slot::Query), 3.0);
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
        ("init_lora_weights", json!("eva")),
        ("init_lora_weights", json!("pissa_niter_16")),
        ("eva_config", json!({"rho": 2.0})),
        ("corda_config", json!({"corda_method": "ipm"})),
        ("ensure_weight_tying", json!(true)),
        ("rank_pattern", json!({"(q|k": 4})),
        ("rank_pattern", json!({"q)|(k": 4})),
        ("rank_pattern", json!({"(?=q)q_proj": 4})),
        ("alpha_pattern", json!({"": 4})),
        ("alpha_pattern", json!({"(((a{100}){100}){100}){100}": 4})),
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
        ("r", json!(1_u64 << 40)),
        ("lora_alpha", json!(-1e39)),
        ("alpha_pattern", json!([1])),
        ("alpha_pattern", json!({"q_proj": 1e39})),
        ("fan_in_fan_out", json!("no")),
        ("target_modules", json!(7)),
        ("target_modules", json!(["q_proj", 7])),
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
        ("base_model.model.model.layers.0.self_attn.q_proj.lora_magnitude_vector", "DoRA"),
        ("model.layers.0.self_attn.q_proj.lora_A.weight", "is called neither"),
        ("base_model.model.model.layers.0.self_attn.q_proj.bias", "is called neither"),
    ] {
        let other = name.replace("lora_A", "lora_B");
        let refused = with_tensors(|tensors| {
            tensors[0].0 = name.to_owned();
            if other != name {
                tensors[1].0 = other;
            }
        });
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
fn target_modules_must_name_what_is_there() {
    let all = json!(["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]);
    for targets in [
        all,
        json!("all-linear"),
        json!(r".*\.(self_attn|mlp)\.\w+_proj"),
        json!(r"(?:.*?(?:self_attn|mlp).*?(?:_proj).*?)|(?:\bmodel\.layers\.[\d]{1,}\.x)"),
        Value::Null,
        // No expression that is known here: the weights decide.
        json!("(?!x).*"),
    ] {
        assert!(with_field("target_modules", targets.clone()).is_ok(), "{targets}");
    }
    for targets in [json!([]), json!(["q_proj", "roj"]), json!(r".*\.q_proj"), json!("self_attn")] {
        assert_says(with_field("target_modules", targets), "target_modules does not name its module");
    }
}

#[test]
fn embeddings_and_the_output_matrix_must_fit() {
    let vocabulary = crate::support::tokens().len();
    let width = crate::support::WIDTH;
    let embedding = [
        ("base_model.model.model.embed_tokens.lora_embedding_A".to_owned(), [2, vocabulary]),
        ("base_model.model.model.embed_tokens.lora_embedding_B".to_owned(), [width, 2]),
    ];
    let output = [
        ("base_model.model.lm_head.lora_A.weight".to_owned(), [2, width]),
        ("base_model.model.lm_head.lora_B.weight".to_owned(), [vocabulary, 2]),
    ];
    for tensors in [embedding, output] {
        let with_sides = |change: fn(&mut [usize; 2])| {
            with_tensors(|all| {
                for (name, mut shape) in tensors.clone() {
                    change(&mut shape);
                    all.push((name, shape, vec![0.5; shape[0] * shape[1]]));
                }
            })
        };
        assert!(with_sides(|_| {}).is_ok());
        assert_says(with_sides(|shape| shape[1] += 1), "side is");
        assert_says(with_sides(|shape| shape[0] += 1), "side is");
    }
}

#[test]
fn a_copy_of_a_matrix_of_the_base_must_have_its_shape() {
    let vocabulary = crate::support::tokens().len();
    let width = crate::support::WIDTH;
    let with_copy = |module: &str, [rows, columns]: [usize; 2]| {
        with_tensors(|all| {
            let name = format!("base_model.model.{module}.base_layer.weight");
            all.push((name, [rows, columns], vec![0.5; rows * columns]));
        })
    };
    assert!(with_copy("model.embed_tokens", [vocabulary, width]).is_ok());
    assert!(with_copy("lm_head", [vocabulary, width]).is_ok());
    assert_says(with_copy("model.embed_tokens", [vocabulary + 1, width]), "its token side is");
    assert_says(with_copy("lm_head", [vocabulary, width + 1]), "its width side is");
    assert_says(with_copy("model.layers.0.mlp.up_proj", [96, width]), "does not have");
}

#[test]
fn a_matrix_that_is_changed_twice_is_refused() {
    let twice = with_tensors(|tensors| {
        tensors[2].0 = format!("{Q}.lora_embedding_A");
        tensors[3].0 = format!("{Q}.lora_embedding_B");
    });
    assert_says(twice, "occurs twice");
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
