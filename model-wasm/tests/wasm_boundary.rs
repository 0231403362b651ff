//! What crosses the worker's boundary, and that the module computes in a browser what it computes natively.
#![cfg(target_arch = "wasm32")]

#[path = "support/architectures.rs"]
mod architectures;
#[path = "support/random.rs"]
mod random;
#[path = "support/mod.rs"]
mod support;

use model_wasm::{
    adapter::Adapter,
    chat::ChatTemplate,
    engine::{
        Engine, Weights,
        cpu::{Cpu, Processor},
        reference::Reference,
    },
    model::Model,
    session::Base,
    worker::{event_to_js, request_from_js},
};
use protocol::{
    AdapterInfo, AdapterUse, Chat, ChatFormat, ErrorKind, Event, FinishReason, Generate, LaneMetrics,
    LoadProgress, LoadStage, Message, Proof, Request, Role, Sampling, Source, WireError,
};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use support::{Quantisation, tiny};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

include!("bit_identity/expected.rs");

wasm_bindgen_test_configure!(run_in_dedicated_worker);

fn requests(seed: u64) -> Vec<Request> {
    let messages = vec![
        Message { role: Role::System, content: String::new() },
        Message { role: Role::User, content: "ü漢🙂\u{0}".into() },
    ];
    let sampling = Sampling { seed, temperature: 0.7, stop: vec!["\n".into()], ..Sampling::default() };
    let adapter = Some(AdapterUse { adapter_id: "a".into(), scale: 1.0 });
    vec![
        Request::LoadModel {
            load_id: 1,
            files: vec![Source::Url("http://localhost/m.gguf".into())],
            context_length: 4_096,
        },
        Request::LoadModel {
            load_id: 2,
            files: vec![Source::Stored("ab".into()), Source::File(0)],
            context_length: u32::MAX,
        },
        Request::CancelLoad { load_id: 2 },
        Request::LoadAdapter {
            load_id: u32::MAX,
            adapter_id: "a".into(),
            config: Some(Source::Url("c".into())),
            weights: Source::Url("w".into()),
        },
        Request::UnloadAdapter { adapter_id: "a".into() },
        Request::Generate(Generate {
            run_id: 1,
            lane_id: 2,
            messages: messages.clone(),
            chat: Chat::default(),
            adapter,
            sampling: sampling.clone(),
        }),
        Request::Generate(Generate {
            run_id: 1,
            lane_id: 2,
            messages,
            chat: Chat { format: Some(ChatFormat::Llama3), thinking: true },
            adapter: None,
            sampling,
        }),
        Request::Stop { run_id: 1, lane_id: None },
        Request::Stop { run_id: 1, lane_id: Some(0) },
    ]
}

#[wasm_bindgen_test]
fn requests_arrive_as_they_were_sent() {
    for request in requests((1 << 53) - 1) {
        let sent = request.serialize(&Serializer::json_compatible()).expect("as the page writes it");
        assert_eq!(request_from_js(sent).expect("a request"), request);
    }
}

#[wasm_bindgen_test]
fn seeds_of_64_bits_arrive_as_big_integers() {
    for request in requests(u64::MAX) {
        let serializer = Serializer::json_compatible().serialize_large_number_types_as_bigints(true);
        let sent = request.serialize(&serializer).expect("as a page may write it");
        assert_eq!(request_from_js(sent).expect("a request"), request);
    }
}

#[wasm_bindgen_test]
fn what_is_no_request_is_a_typed_error() {
    for text in [
        r#""hello""#,
        "7",
        "null",
        "{}",
        r#"{"type":"fly"}"#,
        r#"{"type":"stop"}"#,
        r#"{"type":"stop","run_id":-1}"#,
    ] {
        let message = js_sys::JSON::parse(text).expect("JSON");
        let error = request_from_js(message).expect_err(text);
        assert_eq!(error.kind, ErrorKind::InvalidRequest, "{}", error.message);
    }
}

#[wasm_bindgen_test]
fn events_arrive_as_they_were_sent() {
    let progress = |total_bytes| LoadProgress {
        load_id: 1,
        stage: LoadStage::Downloading,
        done_bytes: 1 << 40,
        total_bytes,
    };
    let error = || WireError::new(ErrorKind::OutOfMemory, "no room");
    let base = Base::load(&tiny(Quantisation::Q8_0).bytes()).expect("a sound model");
    let adapter = AdapterInfo {
        adapter_id: "a".into(),
        rank: 8,
        alpha: 16.0,
        parameters: 1 << 33,
        matrices: 7,
        memory_bytes: 1 << 34,
        sha256: "cd".into(),
    };
    let metrics = LaneMetrics {
        prompt_tokens: 1,
        output_tokens: 2,
        first_token_ms: 0.125,
        elapsed_ms: 1e9,
        tokens_per_second: 0.0,
    };
    for event in [
        Event::Ready(Reference::described()),
        Event::Progress(progress(Some(1 << 41))),
        Event::Progress(progress(None)),
        Event::ModelLoaded { load_id: 1, model: base.model.info().clone() },
        Event::AdapterLoaded { load_id: 2, adapter },
        Event::LoadFailed { load_id: 3, error: error() },
        Event::LoadCancelled { load_id: u32::MAX },
        Event::Started {
            run_id: 1,
            lane_id: 2,
            prompt_tokens: 3,
            reused_tokens: 0,
            system_folded: true,
            begins_thinking: false,
            proof: Proof { weights_sha256: "ab".into(), adapter_sha256: None, scale: 0.25 },
        },
        Event::PromptRead { run_id: 1, lane_id: 2, read_tokens: 3, prompt_tokens: 4, elapsed_ms: 0.5 },
        Event::Token { run_id: 1, lane_id: 2, token: 3, text: "ü漢🙂".into() },
        Event::Finished { run_id: 1, lane_id: 2, reason: FinishReason::ContextFull, metrics },
        Event::LaneFailed { run_id: 1, lane_id: 2, error: error() },
        Event::MemoryGrown { memory_bytes: 1 << 32 },
        Event::Crashed(error()),
    ] {
        let sent = event_to_js(&event).expect("plain data");
        assert_eq!(serde_wasm_bindgen::from_value::<Event>(sent).expect("an event"), event);
    }
}

/// A browser's stack is smaller than a process's.
#[wasm_bindgen_test]
fn what_a_template_nests_is_dropped_without_a_trap() {
    let template = include_str!("../../tests/hostile/template/nested-by-a-loop");
    let template = ChatTemplate::new(template).expect("it compiles");
    let base = Base::load(&tiny(Quantisation::F32).bytes()).expect("a sound model");
    let messages = [Message { role: Role::User, content: "Hi".to_owned() }];
    let error = template.prompt(&messages, false, &base.tokenizer).expect_err("it burns all fuel");
    assert!(error.to_string().contains("fuel"), "{error}");
}

#[wasm_bindgen_test]
async fn the_module_computes_the_same_bits_in_a_browser() {
    assert_eq!(fingerprints(Reference::new, &REFERENCE).await, REFERENCE);
    assert!(Processor::all().contains(&Processor::Relaxed), "to be compiled with the feature relaxed-simd");
    for processor in Processor::all() {
        assert_eq!(fingerprints(|model| Cpu::on(processor, model), &CPU).await, CPU, "{processor:?}");
    }
}

#[wasm_bindgen_test]
async fn every_architecture_and_tensor_type_agrees_with_transformers_in_a_browser() {
    for processor in Processor::all() {
        assert_eq!(architectures::check(processor).await, architectures::FINGERPRINT, "{processor:?}");
    }
}
