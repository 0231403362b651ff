use crate::{
    session::Base,
    support::{Gguf, Quantisation, Value, tiny},
};

fn check(damage: impl FnOnce(&mut Gguf), expected: &str) {
    let mut file = tiny(Quantisation::Q8_0);
    damage(&mut file);
    let error = Base::load(&file.bytes()).err().expect(expected);
    assert!(error.to_string().contains(expected), "{error} does not contain {expected:?}");
}

#[test]
fn what_is_loaded_is_told() {
    let file = tiny(Quantisation::Q4_0).bytes();
    let base = Base::load(&file).expect("a sound model");
    let info = base.model.info();
    assert_eq!((info.name.as_str(), info.quantisation.as_str(), info.vocabulary), ("Tiny", "Q4_0", 262));
    assert_eq!(info.size_bytes, file.len() as u64);
    assert_eq!(info.sha256.len(), 64);
    assert!(base.template.is_some());
}

#[test]
fn what_is_not_known_is_refused_by_name() {
    check(|file| file.set("general.architecture", Value::Text("rwkv7".into())), "\"rwkv7\"");
    check(|file| file.set("llama.rope.scaling.type", Value::Text("yarn".into())), "llama.rope.scaling.type");
    check(|file| file.set("llama.expert_count", Value::U32(8)), "llama.expert_count");
    check(|file| file.tensors[1].name = "blk.0.attn_qkv.weight".into(), "\"blk.0.attn_q.weight\" is missing");
    check(
        |file| {
            let tensor = file.tensor("blk.0.attn_q.weight");
            (tensor.type_id, tensor.bytes) = (9, vec![0; 64 * 64 / 32 * 36]);
        },
        "is Q8_1, which is not supported",
    );
    check(
        |file| file.tensor("blk.0.attn_q.weight").shape = vec![32, 128],
        "has the shape [32, 128], expected [64, 64]",
    );
    check(|file| file.tensor("token_embd.weight").shape = vec![262, 64], "no whole number");
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    check(|file| file.set("llama.embedding_length", Value::U32(0)), "llama.embedding_length");
    check(|file| file.set("llama.attention.head_count_kv", Value::U32(3)), "llama.attention.head_count_kv");
    check(|file| file.set("llama.attention.head_count", Value::U32(5)), "head_count");
    check(|file| file.set("llama.rope.dimension_count", Value::U32(24)), "llama.rope.dimension_count");
    check(|file| file.set("llama.block_count", Value::U32(u32::MAX)), "llama.block_count");
    check(|file| file.set("llama.block_count", Value::U32(3)), "\"blk.2.attn_k.weight\" is missing");
    check(|file| file.remove("llama.context_length"), "llama.context_length");
    check(|file| file.set("llama.attention.layer_norm_rms_epsilon", Value::F32(f32::NAN)), "a finite number");
}
