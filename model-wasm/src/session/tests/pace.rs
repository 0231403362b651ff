//! How lanes share their time: what a turn does, what stops it, what guesses save, and what is measured.

use protocol::LaneMetrics;

use super::*;

/// Greedy, the small model soon repeats itself, and guesses are right.
fn repetitive() -> Generate {
    let mut lane = lane(1, "go round and round and round");
    lane.sampling = Sampling { max_tokens: 100, ..Sampling::default() };
    lane
}

fn metrics(events: &[Event], wanted: LaneId) -> LaneMetrics {
    let metrics = |event: &Event| match event {
        Event::Finished { lane_id, metrics, .. } if *lane_id == wanted => Some(*metrics),
        _ => None,
    };
    events.iter().find_map(metrics).expect("it finished")
}

#[test]
fn stop_comes_within_one_token_and_one_chunk() {
    let mut session = session();
    session.start(lane(0, "hello"));
    session.start(lane(1, &"long ".repeat(25)));
    now(session.turn());
    now(session.turn());
    session.stop(1, Some(0));
    let events = session.take_events();
    assert_eq!(reason(&events, 0), Some(FinishReason::Stopped));
    let shown = tokens(&events, 0).len();
    assert!((1..=2).contains(&shown), "{shown} tokens");
    session.stop(1, None);
    let events = finish(&mut session);
    assert_eq!((reason(&events, 1), tokens(&events, 1).len()), (Some(FinishReason::Stopped), 0));
    session.stop(1, None);
    assert!(session.take_events().is_empty(), "nothing runs any more");
}

#[test]
fn a_step_that_gives_several_tokens_hands_out_one_a_turn() {
    let (mut session, clock) = session_with_clock();
    session.start(repetitive());
    let (mut events, mut handed_out) = (Vec::new(), 0);
    // Only prompts and steps look at the clock: a turn that does not hands out what a step before it gave.
    while handed_out < 2 {
        let (shown, time) = (session.lanes[0].output_tokens, clock.get());
        now(session.turn());
        events.extend(session.take_events());
        assert!(session.lanes[0].output_tokens <= shown + 1, "two tokens in one turn");
        handed_out += u32::from(clock.get() <= time);
    }
    let shown = session.lanes[0].output_tokens;
    session.stop(1, None);
    events.extend(finish(&mut session));
    assert_eq!(reason(&events, 1), Some(FinishReason::Stopped));
    assert_eq!((tokens(&events, 1).len() as u32, metrics(&events, 1).output_tokens), (shown, shown));
    // The engine had read more than was shown; what comes next is none the worse for it.
    let again = run(&mut session, &[repetitive()]);
    assert_eq!(tokens(&again, 1), tokens(&run(&mut self::session(), &[repetitive()]), 1));
    assert!(tokens(&again, 1).starts_with(&tokens(&events, 1)));
}

#[test]
fn a_guess_changes_no_answer() {
    for temperature in [0.0, 0.3, 1.0] {
        let lanes: Vec<Generate> = (0..3)
            .map(|lane_id| {
                let mut lane = lane(lane_id, "copy copy copy this this and that");
                lane.sampling = Sampling { temperature, max_tokens: 60, ..Sampling::default() };
                if lane_id == 1 { on("a", 1.0, lane) } else { lane }
            })
            .collect();
        let tokens = |drafting: bool| -> Vec<(LaneId, u32)> {
            let mut session = session();
            session.set_drafting(drafting);
            let mut tokens: Vec<_> = run(&mut session, &lanes)
                .into_iter()
                .filter_map(|event| match event {
                    Event::Token { lane_id, token, .. } => Some((lane_id, token)),
                    _ => None,
                })
                .collect();
            tokens.sort_by_key(|(lane_id, _)| *lane_id);
            tokens
        };
        assert_eq!(tokens(true), tokens(false), "temperature {temperature}");
    }
}

#[test]
fn right_guesses_save_steps() {
    let speed = |drafting: bool| {
        let mut session = session();
        session.set_drafting(drafting);
        metrics(&run(&mut session, &[repetitive()]), 1).tokens_per_second
    };
    // By this clock a step takes a millisecond.
    assert!((speed(false) - 1000.0).abs() < 1e-6 && speed(true) > 1100.0, "{} with guesses", speed(true));
}

#[test]
fn every_piece_of_a_prompt_is_told() {
    let events = run(&mut session(), &[lane(0, &"long ".repeat(25))]);
    let told: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::PromptRead { read_tokens, prompt_tokens, elapsed_ms, .. } => {
                Some((*read_tokens as usize, *prompt_tokens, *elapsed_ms))
            }
            _ => None,
        })
        .collect();
    let all = metrics(&events, 0).prompt_tokens;
    let pieces = (all as usize - 1).div_ceil(PREFILL_CHUNK);
    let expected: Vec<_> = (1..=pieces)
        .map(|piece| ((piece * PREFILL_CHUNK).min(all as usize - 1), all, piece as f64))
        .collect();
    assert!(pieces > 2 && told == expected, "{told:?} instead of {expected:?}");
}

#[test]
fn metrics_count_tokens_and_time() {
    let events = run(&mut session(), &[lane(0, "hello")]);
    let Some(Event::Finished { metrics, .. }) = events.last() else { panic!("it finished") };
    assert_eq!(metrics.output_tokens as usize, tokens(&events, 0).len());
    let Some(Event::Started { prompt_tokens, .. }) = events.first() else { panic!("it started") };
    assert_eq!(metrics.prompt_tokens, *prompt_tokens);
    assert!(metrics.first_token_ms > 0.0 && metrics.elapsed_ms > metrics.first_token_ms);
}

#[test]
fn what_a_lane_measures_does_not_depend_on_its_place() {
    let lanes =
        [lane(0, &"a long prompt ".repeat(9)), on("a", 1.0, lane(1, "hello")), on("b", 1.0, lane(2, "hi"))];
    let measured = |order: [usize; 3]| {
        let events = run(&mut session(), &order.map(|place| lanes[place].clone()));
        [0, 1, 2].map(|lane_id| {
            let LaneMetrics { first_token_ms, tokens_per_second, .. } = metrics(&events, lane_id);
            (first_token_ms, tokens_per_second)
        })
    };
    let first = measured([0, 1, 2]);
    for order in [[2, 1, 0], [1, 0, 2]] {
        assert_eq!(measured(order), first, "{order:?}");
    }
    assert!(first[0].0 > first[1].0 && first[1].0 > 0.0, "{first:?}");
}
