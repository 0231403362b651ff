use protocol::{AdapterUse, Chat, DEFAULT_CONTEXT_LENGTH, EngineKind, OwnTemplate, Sampling, Source};

use super::*;
use crate::state::{AdapterChoice, BaseChoice, Place, testing::model_info as model};

fn catalogue() -> Catalogue {
    let beside = |path: &str| Place::Beside(path.to_owned());
    Catalogue {
        base: BaseChoice {
            name: "m".into(),
            size_bytes: 9,
            sha256: "aaaaaaaaaaaaaaaa".into(),
            files: vec![beside("m.gguf")],
            context_length: DEFAULT_CONTEXT_LENGTH,
        },
        adapters: vec![AdapterChoice {
            id: "t".into(),
            name: "T".into(),
            sha256: "bbbbbbbbbbbbbbbb".into(),
            config: Some(Place::Stored("cccc".into())),
            weights: Place::Stored("bbbbbbbbbbbbbbbb".into()),
            is_offered: true,
        }],
    }
}

fn lane(lane_id: LaneId, adapter: Option<&str>) -> Generate {
    Generate {
        run_id: 1,
        lane_id,
        messages: vec![],
        chat: Chat::default(),
        adapter: adapter.map(|id| AdapterUse { adapter_id: id.into(), scale: 1.0 }),
        sampling: Sampling::default(),
    }
}

fn ready() -> Event {
    Event::Ready(EngineInfo { kind: EngineKind::Reference, threads: 1, build: "b".into() })
}

fn adapter(sha256: &str) -> AdapterInfo {
    AdapterInfo {
        adapter_id: "t".into(),
        rank: 8,
        alpha: 16.0,
        parameters: 1,
        matrices: 1,
        memory_bytes: 1,
        sha256: sha256.into(),
    }
}

fn next(state: &mut EngineState) -> Vec<Request> {
    state.next_requests(&catalogue(), |path| format!("http://here/{path}"))
}

#[test]
fn a_run_asks_for_the_model_then_the_adapter_then_the_lane() {
    let mut state = EngineState::default();
    state.enqueue([lane(1, None), lane(2, Some("t"))]);
    assert_eq!(next(&mut state), [], "the worker has not started");
    state.apply(&ready(), &catalogue());
    let url = Source::Url("http://here/m.gguf".into());
    assert_eq!(
        next(&mut state),
        [Request::LoadModel { load_id: 1, files: vec![url], context_length: DEFAULT_CONTEXT_LENGTH }]
    );
    assert_eq!(next(&mut state), [], "it is on its way");
    state.apply(&Event::ModelLoaded { load_id: 1, model: model("aaaaaaaaaaaaaaaa") }, &catalogue());
    let requests = next(&mut state);
    assert_eq!(requests[0], Request::Generate(lane(1, None)));
    assert!(matches!(&requests[1], Request::LoadAdapter { load_id: 2, adapter_id, .. } if adapter_id == "t"));
    state.apply(&Event::AdapterLoaded { load_id: 2, adapter: adapter("bbbbbbbbbbbbbbbb") }, &catalogue());
    assert_eq!(next(&mut state), [Request::Generate(lane(2, Some("t")))]);
    state.enqueue([lane(3, Some("t"))]);
    assert_eq!(
        next(&mut state),
        [Request::Generate(lane(3, Some("t")))],
        "what is there is not asked for again"
    );
}

#[test]
fn a_model_that_does_not_come_fails_every_waiting_lane_and_is_asked_for_again() {
    let mut state = EngineState::default();
    state.apply(&ready(), &catalogue());
    state.enqueue([lane(1, None), lane(2, Some("t"))]);
    next(&mut state);
    let error = WireError::new(ErrorKind::Network, "gone");
    let failed = state.apply(&Event::LoadFailed { load_id: 1, error: error.clone() }, &catalogue());
    assert_eq!(failed, [(1, error.clone()), (2, error)]);
    state.enqueue([lane(1, None)]);
    assert!(matches!(next(&mut state)[..], [Request::LoadModel { load_id: 2, .. }]));
}

#[test]
fn other_bytes_than_the_card_promises_are_refused() {
    let mut state = EngineState::default();
    state.apply(&ready(), &catalogue());
    state.enqueue([lane(1, None)]);
    next(&mut state);
    let failed =
        state.apply(&Event::ModelLoaded { load_id: 1, model: model("cccccccccccccccc") }, &catalogue());
    assert_eq!(failed[0].1.kind, ErrorKind::InvalidModel);
    assert_eq!(state.model.name(), "failed");
}

#[test]
fn a_failed_adapter_fails_only_the_lanes_that_want_it() {
    let mut state = EngineState::default();
    state.apply(&ready(), &catalogue());
    state.enqueue([lane(1, Some("t"))]);
    next(&mut state);
    state.apply(&Event::ModelLoaded { load_id: 1, model: model("aaaaaaaaaaaaaaaa") }, &catalogue());
    next(&mut state);
    let error = WireError::new(ErrorKind::InvalidAdapter, "cut short");
    let failed = state.apply(&Event::LoadFailed { load_id: 2, error: error.clone() }, &catalogue());
    assert_eq!(failed, [(1, error)]);
    state.enqueue([lane(2, None)]);
    assert_eq!(next(&mut state), [Request::Generate(lane(2, None))]);
}

#[test]
fn a_crash_forgets_what_the_worker_held() {
    let mut state = EngineState::default();
    state.apply(&ready(), &catalogue());
    state.enqueue([lane(1, None)]);
    next(&mut state);
    let error = WireError::new(ErrorKind::Internal, "trap");
    assert_eq!(state.apply(&Event::Crashed(error.clone()), &catalogue()), [(1, error)]);
    assert_eq!((state.model.name(), state.info.is_none()), ("idle", true));
}

#[test]
fn a_download_that_nobody_waits_for_is_given_up() {
    let mut state = EngineState::default();
    state.apply(&ready(), &catalogue());
    state.enqueue([lane(1, None)]);
    next(&mut state);
    assert_eq!(state.cancel_unwanted_loads(), [], "a lane waits for it");
    state.withdraw(None);
    assert_eq!(state.cancel_unwanted_loads(), [Request::CancelLoad { load_id: 1 }]);
    assert_eq!(state.model.name(), "idle");
    state.apply(&Event::ModelLoaded { load_id: 1, model: model("aaaaaaaaaaaaaaaa") }, &catalogue());
    assert_eq!(state.model.name(), "idle", "it came too late");
}

#[test]
fn what_is_wanted_is_loaded_without_a_lane() {
    let mut state = EngineState::default();
    state.apply(&ready(), &catalogue());
    state.want_adapter("t");
    assert!(matches!(next(&mut state)[..], [Request::LoadModel { load_id: 1, .. }]));
    state.apply(&Event::ModelLoaded { load_id: 1, model: model("aaaaaaaaaaaaaaaa") }, &catalogue());
    let requests = next(&mut state);
    let weights = Source::Stored("bbbbbbbbbbbbbbbb".into());
    assert!(matches!(&requests[..], [Request::LoadAdapter { weights: from, .. }] if *from == weights));
    assert_eq!(next(&mut state), []);
    state.change_base();
    assert_eq!((state.model.name(), state.adapters.len()), ("idle", 0));
}

#[test]
fn lanes_with_an_unknown_adapter_are_refused_by_name() {
    let mut state = EngineState::default();
    state.enqueue([lane(1, Some("nobody")), lane(2, None)]);
    let refused = state.refuse_unknown_adapters(&catalogue());
    assert_eq!(refused[0].0, 1);
    assert!(refused[0].1.message.contains("nobody"));
    assert_eq!(state.withdraw(None), [2]);
}

#[test]
fn a_model_without_a_template_waits_for_a_format() {
    let mut state = EngineState::default();
    state.enqueue([lane(1, None), lane(2, None)]);
    state.apply(&ready(), &catalogue());
    next(&mut state);
    let model = ModelInfo { chat: OwnTemplate::Missing, ..model("aaaaaaaaaaaaaaaa") };
    state.apply(&Event::ModelLoaded { load_id: 1, model }, &catalogue());
    assert_eq!(next(&mut state), [], "nothing is guessed");
    assert_eq!(state.withdraw(Some(2)), [2], "it can be stopped while it waits");
    assert_eq!(state.set_format(ChatFormat::Gemma), [1]);
    let chat = Chat { format: Some(ChatFormat::Gemma), thinking: false };
    assert_eq!(next(&mut state), [Request::Generate(Generate { chat, ..lane(1, None) })]);
    let chat = Chat { format: Some(ChatFormat::Plain), thinking: true };
    state.enqueue([Generate { chat, ..lane(3, None) }]);
    assert_eq!(next(&mut state).len(), 1, "it brought its own");
}
