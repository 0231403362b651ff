//! One adapter in three formats, on bases of several kinds.

use std::sync::Arc;

use super::*;
use crate::kernels::rope::Pairs;

#[test]
fn the_same_adapter_is_the_same_in_every_format() {
    let base = base();
    for rank in [1, 2, 3] {
        let (config, weights) = tiny_adapter(rank);
        let peft = Adapter::load(config.as_bytes(), &weights, &base.model).expect("PEFT");
        let config = json!({"fine_tune_type": "lora", "lora_parameters": {"rank": rank, "scale": 2.0}});
        let mlx = safetensors(&mlx_tensors(rank));
        let mlx = Adapter::load(config.to_string().as_bytes(), &mlx, &base.model).expect("mlx-lm");
        let gguf = gguf_adapter(rank).bytes();
        let files = Files { config: None, weights: &gguf };
        assert_eq!(files.info("a"), Adapter::from_files(files, &base.model).map(|adapter| adapter.info("a")));
        let gguf = Adapter::from_files(Files { config: None, weights: &gguf }, &base.model).expect("GGUF");
        let facts = |adapter: &Adapter| {
            let info = adapter.info("a");
            (info.rank, info.alpha, info.parameters, info.matrices)
        };
        for other in [&mlx, &gguf] {
            assert_eq!(other.layers, peft.layers);
            assert_eq!(facts(other), facts(&peft));
        }
    }
}

/// A base whose rows are as in transformers.
fn unpermuted(fused: bool) -> Base {
    let mut base = base();
    let model = Arc::get_mut(&mut base.model).expect("nobody else has it");
    model.config.rope.pairs = Pairs::Halves;
    model.config.fused = fused;
    base
}

#[test]
fn rows_stay_where_the_base_has_them_as_transformers_does() {
    let base = unpermuted(false);
    let (config, weights) = tiny_adapter(2);
    let adapter = Adapter::load(config.as_bytes(), &weights, &base.model).expect("a sound adapter");
    for (name, _, values) in adapter_tensors(2).into_iter().filter(|(name, ..)| name.contains("lora_B")) {
        let slot = Slot::ALL.into_iter().find(|slot| name.contains(slot.module_name())).expect("a slot");
        let layer = usize::from(name.contains("layers.1."));
        assert_eq!(adapter.low_rank(layer, slot).expect("it is there").b, values, "{name}");
    }
}

#[test]
fn modules_of_several_matrices_are_taken_apart() {
    let base = unpermuted(true);
    let numbers = |n: usize| (0..n).map(|i| i as f32).collect::<Vec<_>>();
    let tensors = |names: [&str; 2], rows: usize| {
        [(names[0].to_owned(), [2, 64], numbers(128)), (names[1].to_owned(), [rows, 2], numbers(rows * 2))]
    };
    let peft = |rows: usize| {
        let module = "base_model.model.model.layers.1.self_attn.qkv_proj";
        let names = ["A", "B"].map(|half| format!("{module}.lora_{half}.weight"));
        let weights = safetensors(&tensors([&names[0], &names[1]], rows));
        Adapter::load(config().to_string().as_bytes(), &weights, &base.model)
    };
    let gguf = |rows: usize, module: &str| {
        let mut file = gguf_adapter(2);
        let names = ["a", "b"].map(|half| format!("blk.1.{module}.weight.lora_{half}"));
        file.tensors = tensors([&names[0], &names[1]], rows)
            .iter()
            .map(|(name, shape, values)| gguf_tensor(name, *shape, values))
            .collect();
        Adapter::from_files(Files { config: None, weights: &file.bytes() }, &base.model)
    };
    // 64 rows of queries, 32 of keys, 32 of values.
    for adapter in [peft(128), gguf(128, "attn_qkv")] {
        let adapter = adapter.expect("a sound adapter");
        let b = |slot| adapter.low_rank(1, slot).expect("it is there").b.clone();
        let all = [Slot::Query, Slot::Key, Slot::Value].map(b);
        assert_eq!(all.each_ref().map(Vec::len), [128, 64, 64]);
        assert_eq!(all.concat(), numbers(256));
        assert_eq!(adapter.low_rank(1, Slot::Key).expect("it is there").a, numbers(128));
        assert!(adapter.low_rank(1, Slot::Gate).is_none() && adapter.low_rank(0, Slot::Query).is_none());
    }
    let adapter = gguf(192, "ffn_up").expect("a sound adapter");
    assert_eq!(adapter.low_rank(1, Slot::Up).expect("it is there").b, numbers(384)[192..]);
    assert_says(peft(127), "its output side is 127, expected 128");
    assert_says(gguf(126, "attn_qkv"), "its output side is 126, expected 128");
    for module in ["attn_q", "ffn_gate"] {
        assert_says(gguf(64, module), "does not have");
    }
}
