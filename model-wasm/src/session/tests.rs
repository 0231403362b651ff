mod pace;

use std::{cell::Cell, rc::Rc};

use protocol::{Chat, ChatFormat, ErrorKind, Message, Role, Sampling};

use super::*;
use crate::{
    engine::reference::Reference,
    support::{Quantisation, tiny, tiny_adapter},
};

type Testing = Session<Reference>;

fn now<T>(future: impl Future<Output = T>) -> T {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("this engine never waits"),
    }
}

/// A session with the small model and the adapters `a` and `b`.
fn session() -> Testing {
    session_with_clock().0
}

/// The same, with its clock, which ticks once a look.
fn session_with_clock() -> (Testing, Rc<Cell<f64>>) {
    let clock = Rc::new(Cell::new(0.0));
    let mut session = Testing::new(Reference::new, {
        let clock = Rc::clone(&clock);
        move || {
            clock.set(clock.get() + 1.0);
            clock.get()
        }
    });
    session.load_model(Base::load(&tiny(Quantisation::Q8_0).bytes()).expect("a sound model"));
    assert!(matches!(session.take_events()[..], [Event::Tuned(_)]));
    for (name, rank) in [("a", 2), ("b", 4)] {
        let (config, weights) = tiny_adapter(rank);
        session
            .load_adapter(name, Files { config: Some(config.as_bytes()), weights: &weights })
            .expect("a sound adapter");
    }
    (session, clock)
}

fn lane(lane_id: LaneId, prompt: &str) -> Generate {
    Generate {
        run_id: 1,
        lane_id,
        messages: vec![Message { role: Role::User, content: prompt.into() }],
        chat: Chat::default(),
        adapter: None,
        sampling: Sampling { max_tokens: 12, temperature: 1.0, ..Sampling::default() },
    }
}

fn on(adapter_id: &str, scale: f32, lane: Generate) -> Generate {
    Generate { adapter: Some(AdapterUse { adapter_id: adapter_id.into(), scale }), ..lane }
}

fn finish(session: &mut Testing) -> Vec<Event> {
    let mut events = session.take_events();
    while session.is_busy() {
        now(session.turn());
        events.extend(session.take_events());
    }
    events
}

fn run(session: &mut Testing, lanes: &[Generate]) -> Vec<Event> {
    for lane in lanes {
        session.start(lane.clone());
    }
    finish(session)
}

fn tokens(events: &[Event], wanted: LaneId) -> Vec<u32> {
    let token = |event: &Event| match event {
        Event::Token { lane_id, token, .. } if *lane_id == wanted => Some(*token),
        _ => None,
    };
    events.iter().filter_map(token).collect()
}

fn text(events: &[Event], wanted: LaneId) -> String {
    let text = |event: &Event| match event {
        Event::Token { lane_id, text, .. } if *lane_id == wanted => Some(text.clone()),
        _ => None,
    };
    events.iter().filter_map(text).collect()
}

fn reason(events: &[Event], wanted: LaneId) -> Option<FinishReason> {
    events.iter().find_map(|event| match event {
        Event::Finished { lane_id, reason, .. } if *lane_id == wanted => Some(*reason),
        _ => None,
    })
}

fn failure(events: &[Event]) -> Option<WireError> {
    events.iter().find_map(|event| match event {
        Event::LaneFailed { error, .. } => Some(error.clone()),
        _ => None,
    })
}

fn reused(events: &[Event]) -> Vec<u32> {
    let reused = |event: &Event| match event {
        Event::Started { reused_tokens, .. } => Some(*reused_tokens),
        _ => None,
    };
    events.iter().filter_map(reused).collect()
}

#[test]
fn a_lane_alone_and_in_company_gives_the_same_tokens() {
    let lanes = [
        lane(0, "hello"),
        on("a", 1.0, lane(1, "hello")),
        on(
            "a",
            0.5,
            lane(
                2,
                "a much longer prompt that takes several chunks to read, so that others decode meanwhile",
            ),
        ),
        on("b", 1.0, lane(3, "hello")),
        on("b", 0.0, lane(4, "hello")),
    ];
    let together = run(&mut session(), &lanes);
    for lane in &lanes {
        let alone = run(&mut session(), std::slice::from_ref(lane));
        assert_eq!(tokens(&alone, lane.lane_id), tokens(&together, lane.lane_id), "lane {}", lane.lane_id);
    }
    assert_ne!(tokens(&together, 0), tokens(&together, 1), "an adapter changes the answer");
    assert_eq!(tokens(&together, 0), tokens(&together, 4), "scale 0 is the base");
}

#[test]
fn a_reused_prefix_gives_the_same_tokens_as_a_fresh_one() {
    let mut warm = session();
    let first = run(
        &mut warm,
        &[lane(0, "the same beginning, one end"), on("a", 1.0, lane(1, "the same beginning"))],
    );
    assert_eq!(reused(&first), [0, 0]);
    for next in [
        lane(2, "the same beginning, another end"),
        on("a", 1.0, lane(3, "the same beginning and more")),
        lane(4, "the same beginning, one end"),
        on("a", 0.0, lane(5, "the same beginning")),
    ] {
        let events = run(&mut warm, std::slice::from_ref(&next));
        assert!(reused(&events)[0] > 10, "{:?}", reused(&events));
        let fresh = run(&mut session(), std::slice::from_ref(&next));
        assert_eq!(tokens(&events, next.lane_id), tokens(&fresh, next.lane_id));
    }
    let other = run(
        &mut warm,
        &[on("b", 1.0, lane(6, "the same beginning")), on("a", 0.7, lane(7, "the same beginning"))],
    );
    assert_eq!(reused(&other), [0, 0], "other weights share nothing");
}

#[test]
fn lanes_that_start_together_share_what_they_read() {
    let alike = "a beginning that several lanes have in common, and that is longer than a chunk, ";
    let lanes = [
        lane(0, &format!("{alike}one end")),
        on("a", 1.0, lane(1, &format!("{alike}one end"))),
        lane(2, &format!("{alike}another end")),
        on("a", 1.0, lane(3, &format!("{alike}another end"))),
        lane(4, &format!("{alike}one end")),
    ];
    let together = run(&mut session(), &lanes);
    let reused = reused(&together);
    assert_eq!(reused[..2], [0, 0], "nobody has read it before");
    assert!(reused[2..].iter().all(|&reused| reused as usize > alike.len()), "{reused:?}");
    for lane in &lanes {
        let alone = run(&mut session(), std::slice::from_ref(lane));
        assert_eq!(tokens(&alone, lane.lane_id), tokens(&together, lane.lane_id), "lane {}", lane.lane_id);
    }
}

#[test]
fn the_proof_is_what_ran() {
    let mut session = session();
    let weights = session.model().expect("it is loaded").sha256.clone();
    let events = run(&mut session, &[lane(0, "x"), on("a", 0.5, lane(1, "x")), on("a", 0.0, lane(2, "x"))]);
    let proofs: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::Started { proof, .. } => Some(proof.clone()),
            _ => None,
        })
        .collect();
    assert!(proofs.iter().all(|proof| proof.weights_sha256 == weights));
    assert_eq!(
        proofs.iter().map(|proof| proof.adapter_sha256.is_some()).collect::<Vec<_>>(),
        [false, true, false]
    );
    assert_eq!(proofs.iter().map(|proof| proof.scale).collect::<Vec<_>>(), [0.0, 0.5, 0.0]);
}

#[test]
fn stop_texts_end_the_answer_and_are_not_part_of_it() {
    let free = run(&mut session(), &[lane(0, "hello")]);
    let answer = text(&free, 0);
    let stop: String = answer.chars().skip(3).take(2).collect();
    let mut stopped = lane(0, "hello");
    stopped.sampling.stop = vec![stop.clone()];
    let events = run(&mut session(), &[stopped]);
    let expected = answer.split(&stop).next().unwrap_or("");
    assert_eq!((text(&events, 0).as_str(), reason(&events, 0)), (expected, Some(FinishReason::StopText)));
    assert!(tokens(&free, 0).starts_with(&tokens(&events, 0)));
}

#[test]
fn what_was_withheld_comes_out_at_the_end_with_a_token_to_carry_it() {
    let free = run(&mut session(), &[lane(0, "hello")]);
    let mut waiting = lane(0, "hello");
    waiting.sampling.stop = vec![format!("{} and more", text(&free, 0))];
    let events = run(&mut session(), &[waiting]);
    assert_eq!((text(&events, 0), tokens(&events, 0)), (text(&free, 0), tokens(&free, 0)));
}

#[test]
fn an_answer_has_a_length_and_the_context_an_end() {
    let events = run(&mut session(), &[lane(0, "hello")]);
    let ended = matches!(reason(&events, 0), Some(FinishReason::Length | FinishReason::EndOfTurn));
    assert!(ended && tokens(&events, 0).len() <= 12);
    let mut long = lane(0, &"x".repeat(150));
    long.sampling.max_tokens = 10_000;
    long.sampling.temperature = 0.0;
    let events = run(&mut session(), &[long]);
    if reason(&events, 0) == Some(FinishReason::ContextFull) {
        assert!(tokens(&events, 0).len() < 40);
    }
    let events = run(&mut session(), &[lane(0, &"x".repeat(300))]);
    assert_eq!(failure(&events).map(|error| error.kind), Some(ErrorKind::PromptTooLong));
}

#[test]
fn requests_that_make_no_sense_fail_by_name() {
    let check = |lane: Generate, expected: &str| {
        let error = failure(&run(&mut session(), &[lane])).expect(expected);
        assert!(error.message.contains(expected), "{}", error.message);
        assert_eq!(error.kind, ErrorKind::InvalidRequest);
    };
    check(on("c", 1.0, lane(0, "x")), "no adapter \"c\"");
    check(on("a", f32::NAN, lane(0, "x")), "scale");
    check(on("a", -1.0, lane(0, "x")), "scale");
    check(Generate { messages: Vec::new(), ..lane(0, "x") }, "no messages");
    let mut cold = lane(0, "x");
    cold.sampling.temperature = -1.0;
    check(cold, "temperature");
    let mut session = session();
    session.start(lane(0, "x"));
    session.start(lane(0, "x"));
    assert!(failure(&finish(&mut session)).is_some_and(|error| error.message.contains("running already")));
    let mut empty = Testing::new(Reference::new, || 0.0);
    empty.start(lane(0, "x"));
    assert!(failure(&finish(&mut empty)).is_some_and(|error| error.message == "no model is loaded"));
}

#[test]
fn unloading_fails_the_lanes_that_need_it_and_no_others() {
    let mut session = session();
    session.start(lane(0, "x"));
    session.start(on("a", 1.0, lane(1, "x")));
    session.unload_adapter("a");
    let events = finish(&mut session);
    assert!(failure(&events).is_some_and(|error| error.message.contains("unloaded")));
    assert!(reason(&events, 0).is_some() && reason(&events, 1).is_none());
    let events = run(&mut session, &[on("a", 1.0, lane(1, "x"))]);
    assert!(failure(&events).is_some_and(|error| error.message.contains("no adapter")));
}

#[test]
fn an_unloaded_adapter_leaves_memory_after_lanes_have_run_on_it() {
    let mut session = session();
    let loaded = session.loaded.as_ref().expect("a base");
    let (gone, stays) = (Arc::downgrade(&loaded.adapters["a"]), Arc::downgrade(&loaded.adapters["b"]));
    for scale in [1.0, 0.5] {
        run(&mut session, &[on("a", scale, lane(1, "x")), on("b", scale, lane(2, "x")), lane(3, "x")]);
    }
    session.start(on("a", 1.0, lane(4, "x")));
    now(session.turn());
    session.unload_adapter("a");
    assert_eq!((gone.strong_count(), stays.strong_count() > 0), (0, true));
    let (config, weights) = tiny_adapter(2);
    session
        .load_adapter("b", Files { config: Some(config.as_bytes()), weights: &weights })
        .expect("a sound adapter");
    assert_eq!(stays.strong_count(), 0, "another came under its name");
}

#[test]
fn an_unloaded_base_leaves_memory_before_another_comes() {
    let mut session = session();
    let loaded = session.loaded.as_ref().expect("a base");
    let (model, adapter) = (Arc::downgrade(&loaded.base.model), Arc::downgrade(&loaded.adapters["a"]));
    run(&mut session, &[lane(1, "x"), on("a", 1.0, lane(2, "x"))]);
    session.start(lane(3, "x"));
    now(session.turn());
    session.unload_model();
    assert_eq!((model.strong_count(), adapter.strong_count()), (0, 0));
    assert!(failure(&finish(&mut session)).is_some_and(|error| error.message.contains("replaced")));
    assert!(
        failure(&run(&mut session, &[lane(4, "x")]))
            .is_some_and(|error| error.message == "no model is loaded")
    );
    session.load_model(Base::load(&tiny(Quantisation::Q8_0).bytes()).expect("a sound model"));
    assert!(reason(&run(&mut session, &[lane(5, "x")]), 5).is_some(), "the next base runs as ever");
}

#[test]
fn a_damaged_file_leaves_everything_as_it_was() {
    let mut session = session();
    let before = run(&mut session, &[on("a", 1.0, lane(0, "x"))]);
    let file = tiny(Quantisation::Q4_0).bytes();
    let error: WireError = Base::load(&file[..file.len() / 2]).err().expect("cut short").into();
    assert_eq!(error.kind, ErrorKind::InvalidModel);
    let (config, weights) = tiny_adapter(2);
    let error: WireError = session
        .load_adapter("a", Files { config: Some(config.as_bytes()), weights: &weights[..weights.len() - 1] })
        .expect_err("cut short")
        .into();
    assert_eq!(error.kind, ErrorKind::InvalidAdapter);
    let after = run(&mut session, &[on("a", 1.0, lane(0, "x"))]);
    assert_eq!(tokens(&before, 0), tokens(&after, 0));

    session.start(lane(3, "x"));
    session.load_model(Base::load(&file).expect("a sound model"));
    assert!(failure(&finish(&mut session)).is_some_and(|error| error.message.contains("replaced")));
    assert!(failure(&run(&mut session, &[on("a", 1.0, lane(0, "x"))])).is_some(), "its adapters are gone");
}

/// A session with a model whose chat template is `template`, or that has none.
fn session_with(template: Option<&str>) -> Testing {
    let mut file = tiny(Quantisation::Q8_0);
    file.remove("tokenizer.chat_template");
    if let Some(template) = template {
        file.set("tokenizer.chat_template", crate::support::Value::Text(template.to_owned()));
    }
    let mut session = Testing::new(Reference::new, || 0.0);
    session.load_model(Base::load(&file.bytes()).expect("a sound model"));
    session.take_events();
    session
}

fn in_format(format: ChatFormat, lane: Generate) -> Generate {
    Generate { chat: Chat { format: Some(format), thinking: false }, ..lane }
}

#[test]
fn a_model_without_a_template_that_works_runs_in_a_chosen_format_only() {
    for (template, state, word) in
        [(None, "missing", "no chat template"), (Some("{% for %}"), "broken", "syntax error")]
    {
        let mut session = session_with(template);
        let chat = session.model().expect("a model").chat.clone();
        assert_eq!(serde_json::to_value(&chat).expect("plain data")["state"], state);
        assert!(chat.needs_format());
        let error = failure(&run(&mut session, &[lane(0, "hello")])).expect("nothing is guessed");
        assert_eq!(error.kind, ErrorKind::Template);
        assert!(error.message.contains(word), "{}", error.message);
        for format in ChatFormat::ALL {
            let events = run(&mut session, &[in_format(format, lane(0, "hello"))]);
            assert!(reason(&events, 0).is_some(), "{format:?} does not run: {events:?}");
        }
    }
}

#[test]
fn a_chosen_format_comes_before_a_template_of_the_models_own() {
    let mut session = session_with(Some(crate::support::TEMPLATE));
    let prompt_tokens = |events: &[Event]| match events.first() {
        Some(Event::Started { prompt_tokens, .. }) => *prompt_tokens,
        other => panic!("{other:?}"),
    };
    let own = prompt_tokens(&run(&mut session, &[lane(0, "hello")]));
    assert_eq!(prompt_tokens(&run(&mut session, &[in_format(ChatFormat::Chatml, lane(1, "hello"))])), own);
    assert_ne!(prompt_tokens(&run(&mut session, &[in_format(ChatFormat::Gemma, lane(2, "hello"))])), own);
}
