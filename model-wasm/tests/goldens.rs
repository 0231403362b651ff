//! Agreement with transformers and PEFT on the default model, from the files that `recipe/goldens.py` writes.
//!
//! The goldens are computed in single precision on the weights dequantised from the very files
//! that the page loads. So there are two comparisons, each of them of both engines: with a file of the same dequantised
//! weights, where only the order of sums and the last bits of `exp` differ; and with the file itself, where
//! activations are 8-bit integers. `GOLDENS` and `MODELS` in the environment name other folders.
#![cfg(not(target_arch = "wasm32"))]

#[path = "support/single_precision.rs"]
mod single_precision;

use std::{path::PathBuf, sync::Arc};

use model_wasm::{
    adapter::Adapter,
    engine::{AnyEngine, Choice, Engine, Weights},
    model::Model,
    sampling::largest,
    session::Base,
};
use protocol::Message;
use serde::Deserialize;
use single_precision::in_single_precision;

/// The plain engine, and the one that the page runs.
const ENGINES: [Choice; 2] = [Choice::Reference, Choice::Best];

/// Single precision on the same weights. Logits reach 15 in size, and each passes through some
/// thousand additions. Measured: 2.6e-5 at most.
const EXACT_TOLERANCE: f32 = 2e-3;

/// 8-bit activations. Each is off by up to 1/254 of its block's largest, evenly spread, so by
/// 0.23 % of it in the mean square; through the 37 products in the chain of six layers these add up like
/// a random walk to about 1.5 % of the logits' spread of 3.3, 0.05, and the largest of 60,000 such
/// errors is five to seven times that. The fast engine also keeps keys as integers of thirteen bits, which adds nothing to
/// that, and values as bytes, which adds a twentieth. Measured: 0.34 at most, 0.048 in the mean.
const QUANTISED_TOLERANCE: f32 = 0.4;
const QUANTISED_MEAN_TOLERANCE: f32 = 0.05;

#[derive(Deserialize)]
struct Index {
    vocab_size: usize,
    end_token: u32,
    adapter: AdapterFiles,
    prompts: Vec<Prompt>,
    setups: Vec<Setup>,
}

#[derive(Deserialize)]
struct AdapterFiles {
    folder: String,
}

#[derive(Deserialize)]
struct Prompt {
    tokens: Vec<u32>,
}

#[derive(Deserialize)]
struct Setup {
    name: String,
    model: String,
    model_sha256: String,
    adapter_scale: Option<f32>,
    file: String,
    last_position: Vec<Place>,
    all_positions: Place,
    #[serde(default)]
    greedy: Vec<Vec<u32>>,
}

#[derive(Deserialize)]
struct Place {
    prompt: usize,
    offset_bytes: usize,
    #[serde(default)]
    positions: usize,
}

fn folder(variable: &str, default: &str) -> PathBuf {
    let in_repository = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(default);
    std::env::var_os(variable).map_or_else(in_repository, PathBuf::from)
}

fn goldens(file: &str) -> Vec<u8> {
    let path = folder("GOLDENS", "tests/goldens").join(file);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn models(file: &str) -> Vec<u8> {
    let path = folder("MODELS", "public/models").join(file);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn index() -> Index {
    serde_json::from_slice(&goldens("index.json")).expect("the index is as goldens.py writes it")
}

fn base(file: &str) -> Base {
    Base::load(&models(file)).expect("the default model loads")
}

fn now<T>(future: impl Future<Output = T>) -> T {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("this engine never waits"),
    }
}

fn weights(index: &Index, setup: &Setup, model: &Model) -> Weights {
    let Some(scale) = setup.adapter_scale else { return Weights::base() };
    let file = |name: &str| models(&format!("{}/{name}", index.adapter.folder));
    let adapter = Adapter::load(&file("adapter_config.json"), &file("adapter_model.safetensors"), model);
    Weights::adapter(Arc::new(adapter.expect("the adapter loads")), scale)
}

/// A set-up's model on an engine: from the very file, or from one of the same weights in single precision.
fn engine(setup: &Setup, choice: Choice, is_single: bool) -> AnyEngine {
    let file = models(&setup.model);
    let file = if is_single { in_single_precision(&file) } else { file };
    choice.engine(Base::load_as(&file, choice.layout()).expect("the default model loads").model)
}

/// The largest and the mean difference over everything that a set-up's file holds.
fn differences(index: &Index, setup: &Setup, engine: &mut impl Engine) -> (f32, f32) {
    let data = goldens(&setup.file);
    let weights = weights(index, setup, engine.model());
    // The logits of every position but the first `skipped` ones.
    let mut logits = |prompt: usize, skipped: usize| {
        let sequence = engine.open(weights.clone());
        let (before, wanted) = index.prompts[prompt].tokens.split_at(skipped);
        now(engine.prefill(sequence, before)).expect("it fits");
        let logits = now(engine.score(sequence, wanted)).expect("it fits").concat();
        engine.close(sequence);
        logits
    };
    let expected = |offset_bytes: usize, n: usize| -> Vec<f32> {
        let bytes = &data[offset_bytes..][..n * 4];
        bytes.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect()
    };
    let mut found = Vec::new();
    let mut compare = |got: &[f32], expected: &[f32]| {
        assert_eq!(got.len(), expected.len());
        found.extend(got.iter().zip(expected).map(|(got, expected)| (got - expected).abs()));
    };
    for place in &setup.last_position {
        let last = index.prompts[place.prompt].tokens.len() - 1;
        compare(&logits(place.prompt, last), &expected(place.offset_bytes, index.vocab_size));
    }
    // Its first positions, of which there may be more.
    let Place { prompt, offset_bytes, positions } = setup.all_positions;
    let n = positions * index.vocab_size;
    compare(&logits(prompt, 0)[..n], &expected(offset_bytes, n));
    assert!(found.iter().all(|difference| difference.is_finite()));
    let largest = found.iter().copied().fold(0.0, f32::max);
    (largest, found.iter().sum::<f32>() / found.len() as f32)
}

#[test]
fn the_goldens_are_of_the_served_files() {
    let index = index();
    assert_eq!((index.prompts.len(), index.setups.len()), (20, 4));
    for setup in &index.setups {
        assert_eq!(base(&setup.model).model.info().sha256, setup.model_sha256, "{}", setup.name);
        assert_eq!(setup.last_position.len(), index.prompts.len());
    }
}

#[test]
fn dequantised_weights_agree_with_transformers() {
    let index = index();
    for setup in &index.setups {
        for choice in ENGINES {
            let (largest, mean) = differences(&index, setup, &mut engine(setup, choice, true));
            eprintln!("{}, {choice:?}: largest {largest}, mean {mean}", setup.name);
            assert!(largest <= EXACT_TOLERANCE, "{}, {choice:?}: off by {largest}", setup.name);
        }
    }
}

#[test]
fn quantised_activations_stay_near_transformers() {
    let index = index();
    for setup in &index.setups {
        for choice in ENGINES {
            let (largest, mean) = differences(&index, setup, &mut engine(setup, choice, false));
            eprintln!("{}, {choice:?}: largest {largest}, mean {mean}", setup.name);
            assert!(largest <= QUANTISED_TOLERANCE, "{}, {choice:?}: off by {largest}", setup.name);
            assert!(
                mean <= QUANTISED_MEAN_TOLERANCE,
                "{}, {choice:?}: off by {mean} in the mean",
                setup.name
            );
        }
    }
}

#[test]
fn greedy_text_is_that_of_transformers() {
    let index = index();
    let mut compared = 0;
    for setup in index.setups.iter().filter(|setup| !setup.greedy.is_empty()) {
        for choice in ENGINES {
            let mut engine = engine(setup, choice, true);
            let weights = weights(&index, setup, engine.model());
            for (prompt, expected) in index.prompts.iter().zip(&setup.greedy) {
                let sequence = engine.open(weights.clone());
                let (&last, before) = prompt.tokens.split_last().expect("no prompt is empty");
                now(engine.prefill(sequence, before)).expect("it fits");
                let mut got = Vec::new();
                let mut next = last;
                while got.len() < expected.len() && got.last() != Some(&index.end_token) {
                    next = largest(&now(engine.step(&[(sequence, next)])).expect("it fits")[0]);
                    got.push(next);
                }
                assert_eq!(&got, expected, "{}, {choice:?}", setup.name);
                compared += 1;
                engine.close(sequence);
            }
        }
    }
    // Two set-ups, both engines, twenty prompts.
    assert_eq!(compared, 80);
}

#[test]
fn the_tokenizer_is_that_of_transformers() {
    #[derive(Deserialize)]
    struct Case {
        text: String,
        ids: Vec<u32>,
        ids_special: Vec<u32>,
    }
    let cases: Vec<Case> =
        serde_json::from_slice(&goldens("tokenizer-cases.json")).expect("as goldens.py writes it");
    assert!(cases.len() >= 200);
    let tokenizer = base("base-Q8_0.gguf").tokenizer;
    for Case { text, ids, ids_special } in cases {
        assert_eq!(tokenizer.encode(&text).expect("every byte is known"), ids, "{text:?}");
        assert_eq!(tokenizer.encode_special(&text).expect("every byte is known"), ids_special, "{text:?}");
        assert_eq!(tokenizer.decode(&ids), text);
    }
}

#[test]
fn the_chat_template_renders_as_in_transformers() {
    #[derive(Deserialize)]
    struct Case {
        messages: Vec<Message>,
        rendered: String,
        rendered_with_prompt: String,
    }
    let cases: Vec<Case> =
        serde_json::from_slice(&goldens("chat-cases.json")).expect("as goldens.py writes it");
    assert!(cases.len() >= 8);
    let base = base("base-Q8_0.gguf");
    let template = base.template.expect("the default model has one");
    for Case { messages, rendered, rendered_with_prompt } in cases {
        assert_eq!(template.render(&messages, false, false, &base.tokenizer).expect("it renders"), rendered);
        let prompt = template.prompt(&messages, false, &base.tokenizer).expect("it renders");
        assert_eq!(prompt.text, rendered_with_prompt);
        assert_eq!(base.tokenizer.decode(&prompt.tokens), rendered_with_prompt);
        let ends = prompt.tokens.iter().filter(|token| base.tokenizer.end_of_turn().contains(token)).count();
        assert_eq!(ends, messages.len(), "an end of turn for each message and none for what looks like one");
    }
}
