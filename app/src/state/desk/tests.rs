mod context;

use std::sync::LazyLock;

use comparison::{Corner, Input, PromptVariant};
use protocol::{
    ChatFormat, EngineInfo, EngineKind, ErrorKind, FinishReason, LaneMetrics, ModelInfo, OwnTemplate,
};

use super::*;
use crate::state::{
    FormatChoice,
    testing::{model_info, stored_item},
};

static SCENARIO: LazyLock<Scenario> = LazyLock::new(|| {
    let prompt = PromptVariant { template: "{{input}}".into(), ..PromptVariant::default() };
    let adapter = Weights::Adapter { id: "t".into(), scale: 1.0 };
    Scenario {
        id: "s".into(),
        title: String::new(),
        lesson: String::new(),
        suite: String::new(),
        inputs: vec![Input { title: String::new(), input: "one".into(), expected: Some("1".into()) }],
        sampling: Sampling::default(),
        lanes: vec![
            Lane { name: "a".into(), corner: Corner::Naive, prompt: prompt.clone(), weights: Weights::Base },
            Lane { name: "b".into(), corner: Corner::Tuning, prompt, weights: adapter },
        ],
        recorded: Vec::new(),
    }
});

/// Runs `steps` on a desk of its own.
fn with_desk(steps: impl FnOnce(Desk)) {
    let owner = Owner::new();
    owner.with(|| steps(Desk::new(&SCENARIO)));
}

fn names(desk: Desk) -> Vec<String> {
    untrack(|| desk.comparison()).lanes.into_iter().map(|lane| lane.name).collect()
}

fn phases(desk: Desk) -> Vec<Phase> {
    desk.lanes.get_untracked().iter().map(|slot| slot.state.get_untracked().phase).collect()
}

fn finished(run_id: RunId, lane_id: LaneId) -> Event {
    let metrics = LaneMetrics {
        prompt_tokens: 1,
        output_tokens: 0,
        first_token_ms: 1.0,
        elapsed_ms: 1.0,
        tokens_per_second: 0.0,
    };
    Event::Finished { run_id, lane_id, reason: FinishReason::EndOfTurn, metrics }
}

#[test]
fn lanes_are_added_copied_moved_and_removed() {
    with_desk(|desk| {
        desk.duplicate(1);
        assert_eq!(names(desk), ["a", "a (copy)", "b"]);
        desk.move_lane(1, true);
        desk.move_lane(1, false);
        desk.move_lane(1, false);
        assert_eq!(names(desk), ["a", "a (copy)", "b"]);
        desk.remove(3);
        desk.add_lane();
        assert_eq!(names(desk), ["a", "b", "New lane"]);
    });
}

#[test]
fn the_same_prompt_on_the_adapter_changes_nothing_but_the_weights() {
    with_desk(|desk| {
        let id =
            desk.same_prompt_on(1, Weights::Adapter { id: "t".into(), scale: 1.0 }).expect("there is room");
        let (old, new) = (desk.slot(1).expect("there"), desk.slot(id).expect("there"));
        let (old, new) = (old.lane.get_untracked(), new.lane.get_untracked());
        assert_eq!((old.prompt, new.corner, new.weights.id()), (new.prompt, Corner::Tuning, "t"));
        let id = desk.new_prompt_on_same(id).expect("there is room");
        assert_eq!(desk.slot(id).expect("there").lane.get_untracked().weights.id(), "t");
    });
}

#[test]
fn the_last_lane_stays() {
    with_desk(|desk| {
        desk.remove(1);
        desk.remove(2);
        assert_eq!(names(desk), ["b"]);
    });
}

#[test]
fn events_of_an_earlier_run_change_nothing() {
    with_desk(|desk| {
        desk.run(None);
        desk.run(Some(1));
        assert_eq!(phases(desk), [Phase::Waiting, Phase::Waiting]);
        desk.apply(&finished(1, 1));
        assert_eq!(phases(desk), [Phase::Waiting, Phase::Waiting]);
        desk.apply(&finished(2, 1));
        desk.apply(&finished(1, 2));
        assert_eq!(phases(desk), [Phase::Done, Phase::Done]);
        assert_eq!(desk.announcement.get_untracked(), "2 of 2 lanes done.");
    });
}

#[test]
fn stop_ends_what_waits_for_the_model() {
    with_desk(|desk| {
        desk.run(None);
        assert_eq!(desk.stop(None), []);
        assert_eq!(phases(desk), [Phase::Stopped, Phase::Stopped]);
    });
}

#[test]
fn a_crash_fails_what_is_pending_and_keeps_the_comparison() {
    with_desk(|desk| {
        desk.run(None);
        desk.apply(&finished(1, 2));
        let before = untrack(|| desk.comparison());
        desk.crash(&WireError::new(ErrorKind::Internal, "The engine stopped."));
        assert_eq!(phases(desk), [Phase::Failed, Phase::Done]);
        assert_eq!(desk.notice.get_untracked().expect("a notice").kind, "internal");
        assert_eq!(untrack(|| desk.comparison()), before);
    });
}

#[test]
fn what_was_put_aside_can_be_brought_back() {
    with_desk(|desk| {
        desk.input.set("mine".into());
        desk.add_lane();
        let mine = untrack(|| desk.comparison());
        desk.replace(Comparison::of(&SCENARIO), Vec::new(), Instead::Scenario);
        assert_eq!(names(desk), ["a", "b"]);
        desk.bring_back();
        assert_eq!(untrack(|| desk.comparison()), mine);
        assert_eq!(desk.put_aside.get_untracked(), []);
    });
}

#[test]
fn a_link_that_nobody_touched_pushes_nothing_aside() {
    with_desk(|desk| {
        let link = |input: &str| Comparison { input: input.into(), ..Comparison::of(&SCENARIO) };
        let open = |input: &str| drop(desk.replace(link(input), Vec::new(), Instead::Link));
        let back = || {
            desk.bring_back();
            (desk.input.get_untracked(), desk.put_aside.with_untracked(Vec::len))
        };
        desk.input.set("mine".into());
        open("first");
        open("second");
        desk.replace(Comparison::of(&SCENARIO), Vec::new(), Instead::Scenario);
        assert_eq!(back(), ("mine".to_owned(), 0));
        open("third");
        desk.input.set("third, edited".into());
        open("fourth");
        assert_eq!(back(), ("third, edited".to_owned(), 1), "that was somebody's work too");
        assert_eq!(back(), ("mine".to_owned(), 0));
        for number in 0..9 {
            desk.input.set(number.to_string());
            open("another");
        }
        assert_eq!(desk.put_aside.with_untracked(Vec::len), 4);
    });
}

#[test]
fn names_stay_as_long_as_names_may_be() {
    with_desk(|desk| {
        let lane = desk.slot(1).expect("there").lane;
        lane.update(|lane| lane.name = "é".repeat(crate::state::MAX_NAME));
        desk.duplicate(1);
        desk.same_prompt_on(1, Weights::Adapter { id: "t".into(), scale: 1.0 });
        let comparison = untrack(|| desk.comparison());
        assert_eq!(comparison.clone().clamped(), comparison);
    });
}

const BASE: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A desk whose own base is stored, with the worker started.
fn with_own_base(steps: impl FnOnce(Desk)) {
    with_desk(|desk| {
        let base = stored_item(BASE, protocol::ItemKind::Model);
        desk.library.update(|library| library.chosen.base = Some(base));
        let info = EngineInfo { kind: EngineKind::Reference, threads: 1, build: String::new() };
        desk.apply(&Event::Ready(info));
        steps(desk);
    });
}

fn loaded(load_id: protocol::LoadId, chat: OwnTemplate) -> Event {
    let model = ModelInfo { chat, ..model_info(BASE) };
    Event::ModelLoaded { load_id, model }
}

fn generated(desk: Desk) -> Vec<Option<ChatFormat>> {
    let requests = desk.next_requests(str::to_owned);
    let format = |request: &Request| match request {
        Request::Generate(lane) => Some(lane.chat.format),
        _ => None,
    };
    requests.iter().filter_map(format).collect()
}

#[test]
fn a_model_without_a_template_asks_once_and_then_runs() {
    with_own_base(|desk| {
        desk.run(Some(1));
        assert_eq!(generated(desk), [], "the model is on its way");
        desk.apply(&loaded(1, OwnTemplate::Missing));
        assert_eq!(generated(desk), [], "nothing is guessed");
        assert!(untrack(|| desk.asks_for_format()));
        desk.choose_format(Some(ChatFormat::Gemma));
        assert_eq!(generated(desk), [Some(ChatFormat::Gemma)]);
        assert!(!untrack(|| desk.asks_for_format()));
        desk.apply(&finished(1, 1));
        let shown = desk.slot(1).expect("there").shown;
        assert!(!untrack(|| shown.get()).is_stale, "it ran in the format that was chosen");
        desk.choose_format(Some(ChatFormat::Plain));
        assert!(untrack(|| shown.get()).is_stale, "another format makes another prompt");
        desk.run(Some(1));
        assert_eq!(generated(desk), [Some(ChatFormat::Plain)]);
    });
}

#[test]
fn what_is_known_of_a_model_outlives_the_worker() {
    with_own_base(|desk| {
        desk.run(Some(1));
        generated(desk);
        desk.apply(&loaded(1, OwnTemplate::Broken { reason: "no end".into() }));
        desk.crash(&WireError::new(ErrorKind::Internal, "gone"));
        assert!(untrack(|| desk.asks_for_format()));
        desk.library.update(|library| library.chosen.base = None);
        assert!(!untrack(|| desk.asks_for_format()), "that was of another base");
    });
}

#[test]
fn a_links_format_comes_first_for_its_model_and_for_no_other() {
    with_own_base(|desk| {
        desk.choose_format(Some(ChatFormat::Chatml));
        let sent = |model: &str| {
            let format = Some(FormatChoice { model: model.into(), format: ChatFormat::Gemma });
            desk.replace(Comparison { format, ..Comparison::of(&SCENARIO) }, Vec::new(), Instead::Link);
            untrack(|| desk.chat_format())
        };
        assert_eq!(sent(&"0".repeat(64)), Some(ChatFormat::Chatml));
        assert_eq!(sent(BASE), Some(ChatFormat::Gemma));
        let link = untrack(|| desk.comparison_to_send("https://hub.co"));
        assert_eq!(link.format, Some(FormatChoice { model: BASE.into(), format: ChatFormat::Gemma }));
        desk.bring_back();
        desk.choose_format(Some(ChatFormat::Plain));
        assert_eq!(untrack(|| desk.chat_format()), Some(ChatFormat::Plain));
        desk.choose_format(None);
        assert_eq!(untrack(|| desk.chat_format()), None);
    });
}

#[test]
fn a_link_says_what_it_was_made_with() {
    with_own_base(|desk| {
        let made_with = untrack(|| desk.comparison_to_send("https://hub.co")).made_with.expect("it says so");
        assert!(made_with.base.as_ref().is_some_and(|base| BASE.starts_with(base)), "{made_with:?}");
        let comparison = Comparison { made_with: Some(made_with.clone()), ..Comparison::of(&SCENARIO) };
        desk.replace(comparison, Vec::new(), Instead::Link);
        assert_eq!(untrack(|| desk.comparison()).made_with, Some(made_with));
        desk.replace(Comparison::of(&SCENARIO), Vec::new(), Instead::Scenario);
        assert_eq!(untrack(|| desk.comparison()).made_with, None);
    });
}

/// What the first lane shows, an answer that is current, once it has run on a base that was loaded for it.
fn shown_after_a_run(desk: Desk, thinks: bool) -> Memo<Shown> {
    desk.run(Some(1));
    generated(desk);
    desk.apply(&loaded(1, OwnTemplate::Works { thinks, reads_date: false }));
    generated(desk);
    desk.apply(&finished(1, 1));
    let shown = desk.slot(1).expect("there").shown;
    assert!(!untrack(|| shown.get()).is_stale);
    shown
}

#[test]
fn thinking_is_asked_for_and_makes_older_answers_stale() {
    with_own_base(|desk| {
        let shown = shown_after_a_run(desk, true);
        desk.chat_state.update(|chat| chat.thinking = true);
        assert!(untrack(|| shown.get()).is_stale);
        desk.run(Some(1));
        let requests = desk.next_requests(str::to_owned);
        assert!(matches!(&requests[..], [Request::Generate(lane)] if lane.chat.thinking), "{requests:?}");
    });
}

fn stored(id: &str, kind: protocol::ItemKind) -> protocol::StoredItem {
    let file = |name: &str| protocol::StoredFile {
        name: name.into(),
        sha256: id.into(),
        size_bytes: 1,
        address: None,
    };
    protocol::StoredItem { files: vec![file("x.gguf")], ..stored_item(id, kind) }
}

/// The load that the desk asks for now, and the stored file it begins with.
fn asks_for(desk: Desk) -> (protocol::LoadId, String) {
    let stored = |source: &protocol::Source| match source {
        protocol::Source::Stored(sha256) => sha256.clone(),
        other => panic!("{other:?} is not stored"),
    };
    match &desk.next_requests(str::to_owned)[..] {
        [Request::LoadModel { load_id, files, .. }] => (*load_id, stored(&files[0])),
        [Request::LoadAdapter { load_id, weights, .. }] => (*load_id, stored(weights)),
        other => panic!("{other:?} is not one load"),
    }
}

fn start(desk: Desk) {
    let info =
        protocol::EngineInfo { kind: protocol::EngineKind::Reference, threads: 1, build: String::new() };
    desk.apply(&Event::Ready(info));
}

fn base_of(desk: Desk) -> String {
    untrack(|| desk.catalogue()).expect("a base").base.sha256
}

/// Runs on a base that was loaded.
fn load_base(desk: Desk, id: &str) {
    desk.use_base(Some(stored(id, protocol::ItemKind::Model)));
    let (load_id, asked) = asks_for(desk);
    assert_eq!(asked, id);
    desk.apply(&Event::ModelLoaded { load_id, model: model_info(id) });
}

#[test]
fn a_refused_base_gives_way_to_the_one_before_it_and_a_network_fault_does_not() {
    with_desk(|desk| {
        start(desk);
        load_base(desk, "good");
        desk.use_base(Some(stored("bad", protocol::ItemKind::Model)));
        let (load_id, _) = asks_for(desk);
        let error = WireError::new(ErrorKind::Network, "the cable");
        desk.apply(&Event::LoadFailed { load_id, error });
        assert_eq!(base_of(desk), "bad", "it may come the next time");
        desk.run(None);
        let (load_id, asked) = asks_for(desk);
        assert_eq!(asked, "bad");
        let error = WireError::new(ErrorKind::UnsupportedModel, "mamba is not supported");
        desk.apply(&Event::LoadFailed { load_id, error: error.clone() });
        assert_eq!(phases(desk), [Phase::Failed, Phase::Failed]);
        assert_eq!(asks_for(desk).1, "good");
        let library = desk.library.get_untracked();
        assert_eq!(library.chosen.refusal("bad", "good"), Some("mamba is not supported"));
        assert_eq!(library.problem, Some(error));
        assert_eq!(library.chosen.lasting().base.map(|base| base.id).as_deref(), Some("good"));
    });
}

#[test]
fn a_worker_that_dies_over_a_new_base_leaves_the_lanes_on_the_old_one() {
    with_desk(|desk| {
        start(desk);
        load_base(desk, "good");
        desk.use_base(Some(stored("bad", protocol::ItemKind::Model)));
        asks_for(desk);
        desk.crash(&WireError::new(ErrorKind::Internal, "out of memory"));
        assert_eq!(base_of(desk), "good");
        desk.crash(&WireError::new(ErrorKind::Internal, "again"));
        assert_eq!(base_of(desk), "good", "it was not being loaded, so it is not to blame");
    });
}

#[test]
fn answers_of_another_base_are_not_current() {
    with_own_base(|desk| {
        let shown = shown_after_a_run(desk, false);
        desk.use_base(Some(stored_item("cd", protocol::ItemKind::Model)));
        let other = untrack(|| shown.get());
        assert!(other.is_stale && other.is_of_another_base && other.against.is_none());
        desk.use_base(Some(stored_item(BASE, protocol::ItemKind::Model)));
        assert!(!untrack(|| shown.get()).is_stale, "it is that base's answer still");
    });
}

#[test]
fn an_adapter_that_is_deleted_leaves_the_worker() {
    with_desk(|desk| {
        start(desk);
        load_base(desk, "one");
        let adapter = stored("abcdefabcdef", protocol::ItemKind::Adapter);
        let adapter_id = crate::state::adapter_id(&adapter.id);
        let unload = || untrack(|| desk.unload_deleted_adapters());
        let kept = vec![stored("one", protocol::ItemKind::Model)];
        let delete = || {
            let shelf = protocol::Shelf { items: kept.clone(), ..protocol::Shelf::default() };
            desk.library.update(|library| drop(library.apply(protocol::DownloadEvent::Shelf(shelf))));
        };
        desk.use_adapter(adapter.clone());
        let (load_id, _) = asks_for(desk);
        assert_eq!(unload(), []);
        delete();
        let cancel = Request::CancelLoad { load_id };
        assert_eq!(unload(), [cancel, Request::UnloadAdapter { adapter_id: adapter_id.clone() }]);

        desk.use_adapter(adapter);
        let (load_id, _) = asks_for(desk);
        let info = protocol::AdapterInfo {
            adapter_id: adapter_id.clone(),
            rank: 1,
            alpha: 1.0,
            parameters: 1,
            matrices: 1,
            memory_bytes: 1,
            sha256: "abcdefabcdef".into(),
        };
        desk.apply(&Event::AdapterLoaded { load_id, adapter: info });
        assert_eq!(unload(), []);
        delete();
        assert_eq!(unload(), [Request::UnloadAdapter { adapter_id }]);
        assert!(desk.engine.with_untracked(|engine| engine.adapters.is_empty()));
        assert_eq!(unload(), []);
    });
}

#[test]
fn an_adapter_is_offered_only_where_it_was_loaded() {
    with_desk(|desk| {
        start(desk);
        load_base(desk, "one");
        let offered = || {
            let catalogue = untrack(|| desk.catalogue()).expect("a base");
            catalogue.offered().map(|adapter| adapter.sha256.clone()).collect::<Vec<_>>()
        };
        let adapter = stored("abcdefabcdef", protocol::ItemKind::Adapter);
        desk.use_adapter(adapter.clone());
        let (load_id, _) = asks_for(desk);
        let info = protocol::AdapterInfo {
            adapter_id: crate::state::adapter_id(&adapter.id),
            rank: 1,
            alpha: 1.0,
            parameters: 1,
            matrices: 1,
            memory_bytes: 1,
            sha256: "abcdefabcdef".into(),
        };
        desk.apply(&Event::AdapterLoaded { load_id, adapter: info });
        assert_eq!(offered(), ["abcdefabcdef"]);
        load_base(desk, "two");
        assert!(offered().is_empty(), "nobody knows whether it fits");
        desk.use_adapter(adapter);
        assert_eq!(offered(), ["abcdefabcdef"], "it is being tried");
        let (load_id, _) = asks_for(desk);
        let error = WireError::new(ErrorKind::AdapterMismatch, "another shape");
        desk.apply(&Event::LoadFailed { load_id, error });
        assert!(offered().is_empty());
        let why = desk
            .library
            .with_untracked(|library| library.chosen.refusal("abcdefabcdef", "two").map(str::to_owned));
        assert_eq!(why.as_deref(), Some("another shape"));
        load_base(desk, "one");
        assert_eq!(offered(), ["abcdefabcdef"]);
    });
}
