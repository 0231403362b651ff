//! A tokenizer out of a model file's metadata, and a text through it and back.
#![no_main]

use fuzz::bounded;
use libfuzzer_sys::fuzz_target;
use model_wasm::{gguf::Header, tokenizer::Tokenizer};

const TEXT: &str = "Order A-4821, caf\u{e9} \u{1f642}\n\n  <|im_end|> 007";

fn there_and_back(file: &[u8]) {
    let Ok(header) = Header::parse(file) else { return };
    let Ok(tokenizer) = Tokenizer::new(&header.metadata) else { return };
    for encoded in [tokenizer.encode(TEXT), tokenizer.encode_special(TEXT)] {
        let Ok(ids) = encoded else { continue };
        assert!(ids.iter().all(|id| (*id as usize) < tokenizer.vocabulary()));
        tokenizer.decode(&ids);
    }
}

fuzz_target!(|file: &[u8]| bounded(file, || there_and_back(file)));
