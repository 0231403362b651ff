use comparison::{Corner, Input, PromptVariant};

use super::*;

const BASE: &str = "abcdef";

fn lane() -> Lane {
    let prompt = PromptVariant { template: "{{input}}".into(), ..PromptVariant::default() };
    Lane { name: "a".into(), corner: Corner::Naive, prompt, weights: Weights::Base }
}

fn metrics() -> LaneMetrics {
    LaneMetrics {
        prompt_tokens: 4,
        output_tokens: 2,
        first_token_ms: 10.0,
        elapsed_ms: 20.0,
        tokens_per_second: 100.0,
    }
}

fn proof() -> Proof {
    Proof { weights_sha256: BASE.into(), adapter_sha256: None, scale: 0.0 }
}

fn question(input: &str) -> Question {
    Question::new(&lane(), input, &Sampling::default(), Chat::default(), Some(BASE.into()))
}

fn scenario() -> Scenario {
    Scenario {
        id: "s".into(),
        title: String::new(),
        lesson: String::new(),
        suite: String::new(),
        inputs: vec![Input { title: String::new(), input: "one".into(), expected: None }],
        sampling: Sampling::default(),
        lanes: vec![lane()],
        recorded: vec![Recorded {
            input: 0,
            lane: 0,
            output: "ok".into(),
            tokens: vec![5, 6],
            metrics: metrics(),
            proof: proof(),
        }],
    }
}

fn started() -> Event {
    Event::Started {
        run_id: 1,
        lane_id: 1,
        prompt_tokens: 4,
        reused_tokens: 0,
        system_folded: false,
        begins_thinking: false,
        proof: proof(),
    }
}

fn token(token: u32, text: &str) -> Event {
    Event::Token { run_id: 1, lane_id: 1, token, text: text.into() }
}

fn finished(reason: FinishReason) -> Event {
    Event::Finished { run_id: 1, lane_id: 1, reason, metrics: metrics() }
}

fn ran(tokens: &[u32]) -> LaneState {
    let mut state = LaneState::waiting(question("one"));
    state.apply(&started());
    for &id in tokens {
        state.apply(&token(id, "x"));
    }
    state.apply(&finished(FinishReason::EndOfTurn));
    state
}

#[test]
fn a_lane_waits_runs_and_is_done() {
    let mut state = LaneState::waiting(question("one"));
    assert_eq!(state.phase, Phase::Waiting);
    state.apply(&started());
    state.apply(&token(5, "o"));
    assert_eq!((state.phase, state.output.as_str()), (Phase::Running, "o"));
    state.apply(&finished(FinishReason::EndOfTurn));
    assert_eq!((state.phase, state.prompt_tokens), (Phase::Done, Some(4)));
}

#[test]
fn a_lane_says_how_far_it_is_with_a_prompt_that_takes_long() {
    let read = |read_tokens, elapsed_ms| Event::PromptRead {
        run_id: 1,
        lane_id: 1,
        read_tokens,
        prompt_tokens: 3500,
        elapsed_ms,
    };
    let mut state = LaneState::waiting(question("one"));
    state.apply(&started());
    state.apply(&read(32, 499.0));
    assert_eq!(state.reading, None);
    state.apply(&read(512, 900.0));
    assert_eq!(state.reading, Some(Reading { read_tokens: 512, prompt_tokens: 3500 }));
    state.apply(&token(5, "o"));
    assert_eq!((state.reading, state.phase), (None, Phase::Running));
}

#[test]
fn thoughts_are_no_part_of_the_answer() {
    let mut state = LaneState::waiting(question("one"));
    state.apply(&started());
    for (id, text) in [(7, "<think>"), (8, "\nWell."), (9, "\n</think>"), (5, "\n\n"), (6, "{\"a\":1}")] {
        assert_eq!(state.output, "");
        state.apply(&token(id, text));
    }
    state.apply(&finished(FinishReason::EndOfTurn));
    let thought = Thought { text: "Well.".into(), tokens: 3, is_open: false };
    assert_eq!((state.thought.as_ref(), state.output.as_str()), (Some(&thought), "{\"a\":1}"));
    assert_eq!((Shown::busy(&state).answer().as_str(), state.tokens.len()), ("{\n  \"a\": 1\n}", 5));
}

#[test]
fn a_thought_that_was_cut_stays_open() {
    let mut state = LaneState::waiting(question("one"));
    state.apply(&Event::Started {
        run_id: 1,
        lane_id: 1,
        prompt_tokens: 4,
        reused_tokens: 0,
        system_folded: false,
        begins_thinking: true,
        proof: proof(),
    });
    state.apply(&token(7, "Well, </th"));
    assert_eq!(state.thought.as_ref().map(|thought| thought.text.as_str()), Some("Well, "));
    state.apply(&finished(FinishReason::Length));
    let thought = Thought { text: "Well, </th".into(), tokens: 1, is_open: true };
    assert_eq!((state.thought, state.output.as_str()), (Some(thought), ""));
}

#[test]
fn another_way_to_prompt_makes_an_answer_stale() {
    let thinking = Chat { thinking: true, ..Chat::default() };
    let question = Question { chat: thinking, ..question("one") };
    let shown = Shown::choose(&ran(&[5, 6]), &question, &scenario());
    assert!(shown.is_stale);
}

#[test]
fn nothing_changes_after_the_end() {
    let mut state = LaneState::waiting(question("one"));
    state.apply(&finished(FinishReason::Stopped));
    let before = state.clone();
    state.apply(&token(5, "late"));
    state.apply(&finished(FinishReason::EndOfTurn));
    assert_eq!(state, before);
    assert_eq!(state.phase, Phase::Stopped);
}

#[test]
fn a_recording_is_shown_until_the_lane_has_run() {
    let shown = Shown::choose(&LaneState::default(), &question("one"), &scenario());
    assert_eq!((shown.state.phase, shown.state.output.as_str()), (Phase::Recorded, "ok"));
    let shown = Shown::choose(&LaneState::default(), &question("two"), &scenario());
    assert_eq!(shown.state.phase, Phase::Empty);
}

#[test]
fn recordings_and_answers_are_of_their_base_alone() {
    let on = |base: Option<&str>| Question { base: base.map(str::to_owned), ..question("one") };
    let fresh = LaneState::default();
    for (base, phase) in [(None, Phase::Recorded), (Some(BASE), Phase::Recorded), (Some("cd"), Phase::Empty)]
    {
        assert_eq!(Shown::choose(&fresh, &on(base), &scenario()).state.phase, phase, "{base:?}");
    }
    let shown = Shown::choose(&ran(&[5, 7]), &on(Some("cd")), &scenario());
    assert_eq!((shown.state.phase, shown.against), (Phase::Done, None));
    assert!(shown.is_stale && shown.is_of_another_base);
    let edited = Shown::choose(&ran(&[5, 7]), &question("two"), &scenario());
    assert!(edited.is_stale && !edited.is_of_another_base);
}

#[test]
fn an_answer_belongs_to_the_base_that_gave_it() {
    let mut state = LaneState::waiting(Question { base: None, ..question("one") });
    state.apply(&started());
    assert_eq!(state.question.and_then(|question| question.base).as_deref(), Some(BASE));
}

#[test]
fn a_links_answer_is_of_the_base_that_the_link_names() {
    let sent = |base: &str| {
        let asked = Question { base: Some(base.into()), ..question("two") };
        Shown::choose(&LaneState::sent(asked, "yes".into()), &question("two"), &scenario())
    };
    assert!(!sent(&BASE[..3]).is_stale && sent("cd").is_of_another_base);
}

#[test]
fn an_answer_to_an_earlier_question_is_stale() {
    let shown = Shown::choose(&ran(&[5, 6]), &question("two"), &scenario());
    assert!(shown.is_stale);
    assert_eq!(shown.state.phase, Phase::Done);
}

#[test]
fn a_run_is_held_against_the_recording() {
    let against = |tokens: &[u32]| Shown::choose(&ran(tokens), &question("one"), &scenario()).against;
    assert_eq!(against(&[5, 6]), Some(Against::Reproduced));
    assert_eq!(against(&[5, 7]), Some(Against::DivergedAt(2)));
    assert_eq!(against(&[5]), Some(Against::DivergedAt(2)));
}
