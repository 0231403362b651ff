//! The answers that a scenario shows before anybody runs it are what the engine of the page gives today: every input,
//! all lanes side by side, as `lab record` has written them.
#![cfg(not(target_arch = "wasm32"))]

use std::{
    fs,
    path::{Path, PathBuf},
};

use comparison::{Recorded, Scenario, Weights};
use model_wasm::{
    adapter::Files,
    engine::{AnyEngine, Choice},
    session::{Base, Session},
};
use protocol::{AdapterUse, Chat, Event, Generate, LaneMetrics, Proof};

/// The file of the default base.
const BASE: &str = "base-Q8_0.gguf";

fn public(path: impl AsRef<Path>) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../public").join(path)
}

fn read(path: impl AsRef<Path>) -> Vec<u8> {
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.as_ref().display()))
}

fn now<T>(future: impl Future<Output = T>) -> T {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("this engine never waits"),
    }
}

/// What a lane came to.
#[derive(Default)]
struct Answer {
    output: String,
    tokens: Vec<u32>,
    proof: Option<Proof>,
    metrics: Option<LaneMetrics>,
}

/// All lanes of one input, side by side.
fn answers(session: &mut Session<AnyEngine>, scenario: &Scenario, input: usize) -> Vec<Answer> {
    for (lane_id, lane) in (0..).zip(&scenario.lanes) {
        let adapter = match &lane.weights {
            Weights::Base => None,
            Weights::Adapter { id, scale } => Some(AdapterUse { adapter_id: id.clone(), scale: *scale }),
        };
        session.start(Generate {
            run_id: input as u32,
            lane_id,
            messages: lane.prompt.messages(&scenario.inputs[input].input),
            chat: Chat::default(),
            adapter,
            sampling: scenario.sampling.clone(),
        });
    }
    let mut answers: Vec<Answer> = scenario.lanes.iter().map(|_| Answer::default()).collect();
    while session.is_busy() {
        now(session.turn());
        for event in session.take_events() {
            match event {
                Event::Started { lane_id, proof, .. } => answers[lane_id as usize].proof = Some(proof),
                Event::Token { lane_id, token, text, .. } => {
                    answers[lane_id as usize].output.push_str(&text);
                    answers[lane_id as usize].tokens.push(token);
                }
                Event::Finished { lane_id, metrics, .. } => answers[lane_id as usize].metrics = Some(metrics),
                Event::LaneFailed { error, .. } => panic!("{}", error.message),
                _ => {}
            }
        }
    }
    answers
}

#[test]
fn every_recorded_answer_is_what_the_engine_gives_today() {
    let scenario: Scenario =
        serde_json::from_slice(&read(public("scenarios/triage.json"))).expect("a scenario");
    let (n_inputs, n_lanes) = (scenario.inputs.len(), scenario.lanes.len());
    let places: Vec<_> = scenario.recorded.iter().map(|recorded| (recorded.input, recorded.lane)).collect();
    let all: Vec<_> = (0..n_inputs).flat_map(|input| (0..n_lanes).map(move |lane| (input, lane))).collect();
    assert_eq!((places, all.len()), (all, 40));

    let choice = Choice::Best;
    let mut session = Session::new(move |model| choice.engine(model), || 0.0);
    let base = Base::load_as(&read(public("models").join(BASE)), choice.layout()).expect("the default model");
    session.load_model(base);
    for lane in &scenario.lanes {
        let Weights::Adapter { id, .. } = &lane.weights else { continue };
        let folder = public("models/adapters").join(id);
        let config = read(folder.join("adapter_config.json"));
        let weights = read(folder.join("adapter_model.safetensors"));
        session.load_adapter(id, Files { config: Some(&config), weights: &weights }).expect("an adapter");
    }
    for (input, recorded) in scenario.recorded.chunks(n_lanes).enumerate() {
        let answers = answers(&mut session, &scenario, input);
        for (answer, Recorded { lane, output, tokens, metrics, proof, .. }) in answers.iter().zip(recorded) {
            let what = format!("input {input}, lane {lane}");
            assert_eq!((&answer.output, &answer.tokens), (output, tokens), "{what}");
            assert_eq!(answer.proof.as_ref(), Some(proof), "{what}");
            let counts = |metrics: &LaneMetrics| (metrics.prompt_tokens, metrics.output_tokens);
            assert_eq!(answer.metrics.as_ref().map(counts), Some(counts(metrics)), "{what}");
        }
    }
}
