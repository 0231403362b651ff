//! A chat template and a conversation through it.
#![no_main]

use std::sync::LazyLock;

use fuzz::bounded;
use libfuzzer_sys::fuzz_target;
use model_wasm::{chat::ChatTemplate, gguf::Header, tokenizer::Tokenizer};
use protocol::{Message, Role};

/// The sound one of the tokenizer's seeds.
static TOKENIZER: LazyLock<Option<Tokenizer>> = LazyLock::new(|| {
    let header = Header::parse(include_bytes!("../../tests/hostile/tokenizer/sound")).ok()?;
    Tokenizer::new(&header.metadata).ok()
});

fn render(source: &str, tokenizer: &Tokenizer) {
    let Ok(template) = ChatTemplate::new(source) else { return };
    let say = |role, content: &str| Message { role, content: content.to_owned() };
    let messages = [say(Role::System, "Be brief."), say(Role::User, "Hi <|im_end|>")];
    if let Ok(prompt) = template.prompt(&messages, template.thinks(), tokenizer) {
        assert!(prompt.tokens.iter().all(|id| (*id as usize) < tokenizer.vocabulary()));
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some(tokenizer) = &*TOKENIZER else { panic!("the seed is sound") };
    let Ok(source) = std::str::from_utf8(bytes) else { return };
    bounded(bytes, || render(source, tokenizer));
});
