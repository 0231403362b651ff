use super::Format;
use crate::{
    gguf::WEIGHT_TYPES,
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

#[test]
fn the_types_that_messages_list_are_those_that_weights_can_have() {
    let listed: Vec<&str> =
        WEIGHT_TYPES.split([',', ' ']).filter(|word| !["", "and"].contains(word)).collect();
    let known: Vec<String> = Format::ALL.iter().map(|format| format.tensor_type().to_string()).collect();
    let sorted = |mut names: Vec<&str>| {
        names.sort_unstable();
        names.join(" ")
    };
    assert_eq!(sorted(listed), sorted(known.iter().map(String::as_str).collect()));
}

#[test]
fn positions_are_divided_by_whatever_names_a_factor() {
    let stretch = |settings: &[(&str, Value)]| {
        let mut file = tiny(Quantisation::Q8_0);
        for (name, value) in settings {
            file.set(&format!("llama.rope.{name}"), value.clone());
        }
        Base::load(&file.bytes()).expect("a sound model").model.config.rope.stretch
    };
    let (factor, old) = (("scaling.factor", Value::F32(4.0)), ("scale_linear", Value::F32(2.0)));
    let of_type = |name: &str| ("scaling.type", Value::Text(name.to_owned()));
    assert_eq!(stretch(&[]).to_bits(), 1.0_f32.to_bits());
    assert_eq!(stretch(&[of_type("linear"), factor.clone()]).to_bits(), 4.0_f32.to_bits());
    assert_eq!(stretch(std::slice::from_ref(&factor)).to_bits(), 4.0_f32.to_bits());
    assert_eq!(stretch(std::slice::from_ref(&old)).to_bits(), 2.0_f32.to_bits());
    assert_eq!(stretch(&[old, factor.clone()]).to_bits(), 4.0_f32.to_bits());
    assert_eq!(stretch(&[of_type("none"), factor]).to_bits(), 1.0_f32.to_bits());
    check(|file| file.set("llama.rope.scale_linear", Value::F32(0.0)), "llama.rope.scale_linear");
}
