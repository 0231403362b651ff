//! Tokenizers in the metadata of a model file.

use model_wasm::{gguf::Header, tokenizer::Tokenizer};

use super::{
    Case, check,
    support::{Gguf, Quantisation, Value, tiny},
};

/// The small model's metadata, damaged, and nothing else.
fn file(damage: impl FnOnce(&mut Gguf)) -> Vec<u8> {
    let mut file = tiny(Quantisation::F32);
    file.tensors.clear();
    file.entries.retain(|(key, _)| key.starts_with("tokenizer.ggml."));
    damage(&mut file);
    file.bytes()
}

/// A small vocabulary of pieces with scores, damaged.
fn pieces(damage: impl FnOnce(&mut Gguf)) -> Vec<u8> {
    file(|file| {
        let texts = ["<unk>", "a", "b", "ab", "▁", "▁ab"].map(str::to_owned);
        file.entries.clear();
        for (key, value) in [
            ("model", Value::Text("llama".to_owned())),
            ("tokens", Value::Texts(texts.into())),
            ("token_type", Value::I32s(vec![2, 1, 1, 1, 1, 1])),
            ("scores", Value::F32s(vec![0.0, -3.0, -4.0, -1.0, -5.0, -2.0])),
        ] {
            file.set(&format!("tokenizer.ggml.{key}"), value);
        }
        damage(file);
    })
}

#[test]
fn hostile_tokenizers_are_refused_by_name() {
    let text = |text: &str| Value::Text(text.to_owned());
    let texts = |texts: &[&str]| Value::Texts(texts.iter().map(|text| (*text).to_owned()).collect());
    let with = |key: &str, value: Value| file(|file| file.set(&format!("tokenizer.ggml.{key}"), value));
    let without = |key: &str| file(|file| file.remove(&format!("tokenizer.ggml.{key}")));
    let cases: Vec<Case> = vec![
        ("sound", file(|_| ()), ""),
        ("no-model", without("model"), "tokenizer.ggml.model"),
        ("unknown-model", with("model", text("rwkv")), "\"rwkv\""),
        ("model-is-a-number", with("model", Value::U32(1)), "tokenizer.ggml.model"),
        ("unknown-pre-tokenizer", with("pre", text("guess-me")), "\"guess-me\""),
        ("no-tokens", without("tokens"), "tokenizer.ggml.tokens"),
        ("no-merges", without("merges"), "tokenizer.ggml.merges"),
        ("tokens-are-numbers", with("tokens", Value::I32s(vec![1; 8])), "tokenizer.ggml.tokens"),
        ("token-twice", with("tokens", texts(&["a", "a"])), "damaged"),
        ("types-too-few", with("token_type", Value::I32s(vec![1])), "1 token types"),
        (
            "longest-control-token",
            file(|file| {
                if let Some((_, Value::Texts(texts))) =
                    file.entries.iter_mut().find(|(key, _)| key == "tokenizer.ggml.tokens")
                {
                    texts[0] = "<".repeat(513);
                }
            }),
            "token 0 has 513 bytes",
        ),
        ("merge-of-nothing", with("merges", texts(&["he"])), "has no space"),
        ("merge-of-strangers", with("merges", texts(&["zzz yyy"])), "damaged"),
        ("end-beyond-the-vocabulary", with("eos_token_id", Value::U32(u32::MAX)), "beyond the vocabulary"),
        ("bos-beyond-the-vocabulary", with("bos_token_id", Value::U32(262)), "beyond the vocabulary"),
        ("pieces", pieces(|_| ()), ""),
        ("pieces-without-scores", pieces(|file| file.remove("tokenizer.ggml.scores")), "no list of scores"),
        (
            "pieces-with-few-scores",
            pieces(|file| file.set("tokenizer.ggml.scores", Value::F32s(vec![0.0]))),
            "6 tokens but 1 scores",
        ),
        (
            "pieces-with-a-score-that-is-none",
            pieces(|file| file.set("tokenizer.ggml.scores", Value::F32s(vec![f32::NAN; 6]))),
            "a score is no number",
        ),
        (
            "pieces-with-an-unknown-beyond",
            pieces(|file| file.set("tokenizer.ggml.unknown_token_id", Value::U32(6))),
            "beyond the vocabulary",
        ),
    ];
    check("tokenizer", cases, |bytes| -> Result<Tokenizer, String> {
        let header = Header::parse(bytes).map_err(|error| error.to_string())?;
        Tokenizer::new(&header.metadata).map_err(|error| error.to_string())
    });
}
