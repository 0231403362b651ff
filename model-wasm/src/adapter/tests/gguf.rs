//! Adapters as GGUF files.

use super::*;

fn with_file(change: impl FnOnce(&mut Gguf)) -> Result<Adapter, AdapterError> {
    let mut file = gguf_adapter(2);
    change(&mut file);
    Adapter::from_files(Files { config: None, weights: &file.bytes() }, &base().model)
}

fn text(text: &str) -> Written {
    Written::Text(text.to_owned())
}

#[test]
fn the_scale_is_alpha_over_the_rank_or_none() {
    let scale = |alpha: f32| {
        let adapter = with_file(|file| file.set("adapter.lora.alpha", Written::F32(alpha)));
        adapter.expect("a sound adapter").low_rank(0, Slot::Down).expect("every matrix").scale
    };
    assert_eq!(scale(16.0), 8.0);
    assert_eq!(scale(1.0), 0.5);
    assert_eq!(scale(0.0), 1.0);
}

#[test]
fn a_rank_of_its_own_is_taken_from_b() {
    let adapter = with_file(|file| {
        *file.tensor("blk.0.ffn_up.weight.lora_a") =
            gguf_tensor("blk.0.ffn_up.weight.lora_a", [4, 64], &[0.25; 256]);
        *file.tensor("blk.0.ffn_up.weight.lora_b") =
            gguf_tensor("blk.0.ffn_up.weight.lora_b", [96, 4], &[0.5; 384]);
    });
    let adapter = adapter.expect("a sound adapter");
    let up = adapter.low_rank(0, Slot::Up).expect("it is there");
    assert_eq!((up.rank, up.scale), (4, 1.0));
}

#[test]
fn half_precisions_are_read() {
    for (type_id, one) in [(1, 0x3c00_u16), (30, 0x3f80)] {
        let adapter = with_file(|file| {
            for tensor in &mut file.tensors {
                tensor.type_id = type_id;
                tensor.bytes = one.to_le_bytes().repeat(tensor.bytes.len() / 4);
            }
        });
        let adapter = adapter.expect("a sound adapter");
        let low_rank = adapter.low_rank(1, Slot::Key).expect("it is there");
        assert!(low_rank.a.iter().chain(&low_rank.b).all(|&value| value == 1.0));
    }
}

#[test]
fn settings_that_are_not_known_are_refused_by_name() {
    for (key, value, expected) in [
        ("general.type", Some(text("model")), "general.type = \"model\" is not supported"),
        ("general.type", None, "general.type = \"nothing\""),
        ("adapter.type", Some(text("dora")), "adapter.type = \"dora\" is not supported"),
        ("adapter.type", Some(Written::U32(1)), "\"adapter.type\" is not a text"),
        ("adapter.alora.invocation_tokens", Some(Written::I32s(vec![1])), "invocation_tokens"),
        ("general.architecture", Some(text("qwen2")), "architecture \"qwen2\", the loaded base is \"llama\""),
        ("general.architecture", None, "\"general.architecture\" is missing"),
        ("adapter.lora.alpha", None, "\"adapter.lora.alpha\" is missing"),
        ("adapter.lora.alpha", Some(Written::F32(f32::NAN)), "\"adapter.lora.alpha\" is not a finite number"),
        ("adapter.lora.alpha", Some(Written::U32(16)), "\"adapter.lora.alpha\" is not a finite number"),
    ] {
        let refused = with_file(|file| {
            file.remove(key);
            file.entries.extend(value.map(|value| (key.to_owned(), value)));
        });
        assert_says(refused, expected);
    }
    let model = tiny(Quantisation::Q8_0).bytes();
    let model = Adapter::from_files(Files { config: None, weights: &model }, &base().model);
    assert_says(model, "general.type = \"nothing\"");
}

#[test]
fn tensors_that_do_not_fit_are_refused_by_name() {
    let q = "blk.0.attn_q.weight.lora";
    let remove = |name: String| with_file(move |file| file.tensors.retain(|tensor| tensor.name != name));
    assert_says(remove(format!("{q}_a")), "attn_q.weight.lora_a\" is missing");
    assert_says(remove(format!("{q}_b")), "attn_q.weight.lora_b\" is missing");
    assert_says(with_file(|file| file.tensors.clear()), "no LoRA matrices");
    let shaped = |half: &str, shape: [u64; 2]| {
        with_file(|file| file.tensor(&format!("{q}_{half}")).shape = shape.to_vec())
    };
    assert_says(shaped("a", [32, 4]), "its rank side is 4, expected 2");
    assert_says(shaped("b", [4, 32]), "its rank side is 2, expected 4");
    assert_says(
        with_file(|file| {
            file.tensor(&format!("{q}_a")).shape = vec![32, 2];
            file.tensor(&format!("{q}_a")).bytes.truncate(32 * 2 * 4);
        }),
        "its input side is 32, expected 64",
    );
    assert_says(
        with_file(|file| {
            file.tensor(&format!("{q}_b")).shape = vec![2, 32];
            file.tensor(&format!("{q}_b")).bytes.truncate(32 * 2 * 4);
        }),
        "its output side is 32, expected 64",
    );
    let renamed = |to: &str| {
        with_file(|file| {
            for half in ["a", "b"] {
                file.tensor(&format!("{q}_{half}")).name = format!("{to}.weight.lora_{half}");
            }
        })
    };
    assert_says(renamed("blk.2.attn_q"), "does not have");
    assert_says(renamed("blk.00.attn_q"), "does not have");
    assert_says(renamed("blk.0.attn_qkv"), "does not have");
    assert_says(renamed("blk.0.ffn_up"), "occurs twice");
    assert_says(
        with_file(|file| file.tensors.push(gguf_tensor("blk.0.attn_norm.weight", [1, 64], &[1.0; 64]))),
        "is called neither ….weight.lora_a nor ….weight.lora_b",
    );
    assert_says(
        with_file(|file| {
            let tensor = file.tensor(&format!("{q}_a"));
            tensor.type_id = 8;
            tensor.bytes = vec![0; 34 * 4];
        }),
        "its type is Q8_0",
    );
    let not_finite = with_file(|file| {
        file.tensor(&format!("{q}_a")).bytes[..4].copy_from_slice(&f32::NAN.to_le_bytes());
    });
    assert_says(not_finite, "holds a weight that is no number");
}

#[test]
fn a_of_the_embeddings_lies_transposed() {
    let (vocabulary, width) = (crate::support::tokens().len(), crate::support::WIDTH);
    let a: Vec<f32> = (0..vocabulary * 2).map(|i| i as f32).collect();
    let with_a = |shape: [usize; 2]| {
        let mut file = gguf_adapter(2);
        file.tensors.push(gguf_tensor("token_embd.weight.lora_a", shape, &a));
        file.tensors.push(gguf_tensor("token_embd.weight.lora_b", [width, 2], &vec![0.5; width * 2]));
        file.tensors.push(gguf_tensor("output.weight.lora_a", [2, width], &vec![0.5; width * 2]));
        file.tensors.push(gguf_tensor("output.weight.lora_b", [vocabulary, 2], &a));
        file.bytes()
    };
    let base = base();
    let file = with_a([vocabulary, 2]);
    let files = Files { config: None, weights: &file };
    let adapter = fit::fit(files.read().expect("sound"), &base.model, String::new()).expect("it fits");
    let embedding = adapter.embedding().expect("it is there");
    assert_eq!(embedding.a, transposed(&a, vocabulary, 2));
    assert_eq!((embedding.rank, embedding.scale), (2, 2.0));
    assert_eq!(adapter.output().expect("it is there").b, a);
    let file = with_a([2, vocabulary]);
    let flat = Adapter::from_files(Files { config: None, weights: &file }, &base.model);
    assert_says(flat, "token_embd.weight.lora_a\": its rank side is 262, expected 2");
}

#[test]
fn a_header_alone_tells_an_adapter_and_what_it_takes() {
    use crate::session::{Judge, Verdict};

    let judge = |file: &Gguf| -> Result<Option<Verdict>, crate::session::SessionError> {
        let bytes = file.bytes();
        let mut judge = Judge::new(1, u64::MAX);
        judge.begin_file(Some(bytes.len() as u64));
        judge.push(&bytes)
    };
    let mut file = gguf_adapter(2);
    let verdict = judge(&file).expect("a sound adapter").expect("the header is whole");
    let loaded = with_file(|_| {}).expect("a sound adapter").info("a");
    assert_eq!((verdict.kind, verdict.facts.architecture.as_str()), (protocol::ItemKind::Adapter, "llama"));
    assert_eq!(verdict.facts.memory_bytes, loaded.memory_bytes);
    file.set("adapter.type", text("dora"));
    let error = judge(&file).expect_err("no such adapter runs");
    assert!(error.to_string().contains("dora"), "{error}");
}
