use std::sync::LazyLock;

use comparison::{Corner, Input, PromptVariant};
use protocol::{ErrorKind, FinishReason, LaneMetrics};

use super::*;

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
        assert_eq!(desk.put_aside.get_untracked(), None);
    });
}
