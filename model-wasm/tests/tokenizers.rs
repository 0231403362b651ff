//! Agreement with the Hugging Face tokenizers on every kind, from the file that `recipe/tokenizer_kinds.py` writes.
#![cfg(not(target_arch = "wasm32"))]

#[path = "support/mod.rs"]
mod support;

use std::path::PathBuf;

use model_wasm::{gguf::Header, tokenizer::Tokenizer};
use serde::Deserialize;
use support::{Gguf, Value};

#[derive(Deserialize)]
struct Index {
    fragments: Vec<String>,
    count: usize,
    group: usize,
    control: Vec<String>,
    kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    name: String,
    file: File,
    /// A hash of each group's ids.
    groups: Vec<String>,
    /// Ids of the first texts.
    shown: Vec<Vec<u32>>,
}

#[derive(Deserialize)]
struct File {
    model: String,
    pre: Option<String>,
    tokens: Vec<String>,
    types: Vec<i32>,
    merges: Option<Vec<String>>,
    scores: Option<Vec<f32>>,
    add_space_prefix: Option<bool>,
}

impl File {
    fn tokenizer(&self) -> Tokenizer {
        let mut file = Gguf { version: 3, entries: Vec::new(), tensors: Vec::new() };
        let mut set = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                file.set(&format!("tokenizer.ggml.{key}"), value);
            }
        };
        set("model", Some(Value::Text(self.model.clone())));
        set("pre", self.pre.clone().map(Value::Text));
        set("tokens", Some(Value::Texts(self.tokens.clone())));
        set("token_type", Some(Value::I32s(self.types.clone())));
        set("merges", self.merges.clone().map(Value::Texts));
        set("scores", self.scores.clone().map(Value::F32s));
        set("add_space_prefix", self.add_space_prefix.map(Value::Bool));
        let header = Header::parse(&file.bytes()).expect("a sound file");
        Tokenizer::new(&header.metadata).expect("a known tokenizer")
    }
}

/// The generator of Park and Miller.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0 * 48_271 % 0x7fff_ffff;
        (self.0 % limit as u64) as usize
    }
}

impl Index {
    fn read() -> Self {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/goldens/tokenizers/index.json");
        serde_json::from_slice(&std::fs::read(path).expect("the file")).expect("an index")
    }

    fn texts(&self) -> Vec<String> {
        let mut dice = Dice(20_261_123);
        let mut text = || -> String {
            let n = 1 + dice.below(6);
            (0..n).map(|_| self.fragments[dice.below(self.fragments.len())].as_str()).collect()
        };
        (0..self.count).map(|_| text()).collect()
    }
}

/// FNV-1a over the ids of several texts, each ended by a number that is no id.
fn fingerprint<'a>(lists: impl IntoIterator<Item = &'a Vec<u32>>) -> String {
    let numbers = lists.into_iter().flat_map(|ids| ids.iter().copied().chain([u32::MAX]));
    let bytes = numbers.flat_map(u32::to_le_bytes);
    let hash = bytes
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    format!("{hash:016x}")
}

#[test]
fn every_kind_agrees_with_hugging_face_and_gives_texts_back() {
    let index = Index::read();
    let texts = index.texts();
    assert!(texts.len() >= 5_000);
    for Kind { name, file, groups, shown } in &index.kinds {
        let tokenizer = file.tokenizer();
        let control: Vec<u32> = tokenizer.control_tokens().map(|(_, id)| id).collect();
        assert!(control.len() >= index.control.len());
        let lists: Vec<Vec<u32>> =
            texts.iter().map(|text| tokenizer.encode(text).expect("every text can be spelt")).collect();
        for ((text, got), expected) in texts.iter().zip(&lists).zip(shown) {
            assert_eq!(got, expected, "{name}: {text:?}");
        }
        for (number, (lists, expected)) in lists.chunks(index.group).zip(groups).enumerate() {
            assert_eq!(&fingerprint(lists), expected, "{name}: group {number}");
        }
        for (text, ids) in texts.iter().zip(&lists) {
            assert!(!ids.iter().any(|id| control.contains(id)), "{name}: a control token in {text:?}");
            // That rule composes characters, so it gives back equal ones.
            if name != "qwen2" {
                // SentencePiece writes spaces as that character and cannot tell them apart.
                let expected = if name.starts_with("llama") && name != "llama-bpe" {
                    text.replace('▁', " ")
                } else {
                    text.clone()
                };
                assert_eq!(tokenizer.decode(ids), expected, "{name}");
            }
        }
    }
}
