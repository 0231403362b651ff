//! Chat templates in the manner of every family, rendered as transformers renders them: see `recipe/templates.py`.

mod support;

use model_wasm::{chat::ChatTemplate, gguf::Header, tokenizer::Tokenizer};
use protocol::Message;
use serde::Deserialize;
use support::{Quantisation, Value, tiny};

#[derive(Deserialize)]
struct Goldens {
    bos: String,
    eos: String,
    conversations: Vec<Vec<Message>>,
    templates: Vec<Template>,
}

#[derive(Deserialize)]
struct Template {
    name: String,
    source: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    conversation: usize,
    thinking: bool,
    /// What transformers writes.
    text: Option<String>,
    /// Why the template refuses the conversation.
    refused: Option<String>,
}

fn tokenizer() -> Tokenizer {
    let mut file = tiny(Quantisation::F32);
    file.set("tokenizer.ggml.bos_token_id", Value::U32(0));
    let header = Header::parse(&file.bytes()).expect("a sound file");
    Tokenizer::new(&header.metadata).expect("a known tokenizer")
}

#[test]
fn templates_render_as_in_transformers() {
    let goldens: Goldens =
        serde_json::from_str(include_str!("../../tests/goldens/templates/cases.json")).expect("as written");
    let tokenizer = tokenizer();
    let text_of = |id: Option<u32>| id.and_then(|id| tokenizer.token_text(id));
    assert_eq!((text_of(tokenizer.bos()), text_of(tokenizer.eos())), (Some(goldens.bos), Some(goldens.eos)));
    let (mut rendered, mut refused) = (0, 0);
    for Template { name, source, cases } in goldens.templates {
        let template = ChatTemplate::new(&source).expect(&name);
        assert_eq!(template.thinks(), source.contains("enable_thinking"), "{name}");
        for case in cases {
            let messages = &goldens.conversations[case.conversation];
            let own = template.render(messages, true, case.thinking, &tokenizer);
            match (own, case.text, case.refused) {
                (Ok(own), Some(text), None) => {
                    assert_eq!(own, text, "{name}, conversation {}", case.conversation);
                    rendered += 1;
                }
                (Err(error), None, Some(reason)) => {
                    assert!(error.to_string().contains(&reason), "{name}: {error} is not {reason}");
                    refused += 1;
                }
                (own, text, reason) => panic!("{name}: {own:?} instead of {text:?}, {reason:?}"),
            }
        }
    }
    assert!(rendered >= 70 && refused >= 2, "{rendered} rendered, {refused} refused");
}
