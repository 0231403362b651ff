use comparison::{Corner, Example, Input, PromptVariant, Weights};
use proptest::prelude::*;

use super::*;

fn scenario() -> Scenario {
    let lane = |name: &str, corner, system: &str, weights| Lane {
        name: name.into(),
        corner,
        prompt: PromptVariant {
            system: system.into(),
            template: "Triage this ticket.\n\n{{input}}".into(),
            examples: Vec::new(),
        },
        weights,
    };
    let table = "Queue codes:\nbilling: AAA-1\ndelivery: BBB-2\nreturns: CCC-3\nAnswer with JSON only.";
    let adapter = Weights::Adapter { id: "triage-10000".into(), scale: 1.0 };
    Scenario {
        id: "triage".into(),
        title: "t".into(),
        lesson: "l".into(),
        suite: "s".into(),
        inputs: ["first ticket", "second ticket"]
            .map(|input| Input { title: input.into(), input: input.into(), expected: None })
            .into(),
        sampling: Sampling::default(),
        lanes: vec![
            lane("Naive prompt", Corner::Naive, "", Weights::Base),
            lane("Engineered prompt", Corner::Prompt, table, Weights::Base),
            lane("With examples", Corner::Prompt, table, Weights::Base),
            lane("Tuned", Corner::Tuning, "", adapter.clone()),
            lane("Both", Corner::Both, table, adapter),
        ],
        recorded: Vec::new(),
    }
}

fn unchanged() -> Shared {
    Shared { comparison: Comparison::of(&scenario()), outputs: Vec::new() }
}

fn encoded(shared: &Shared) -> String {
    encode(shared, &scenario()).expect("there is room")
}

fn round_trip(shared: &Shared) -> Shared {
    decode(&encoded(shared), &scenario()).expect("a link").expect("a sound one")
}

/// The fragment that carries `json`.
fn link_of(json: &str) -> String {
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::best());
    deflate.write_all(json.as_bytes()).expect("memory");
    format!("#v1.{}", URL_SAFE_NO_PAD.encode(deflate.finish().expect("memory")))
}

#[test]
fn an_ordinary_link_is_short() {
    let mut shared = unchanged();
    shared.comparison.input = "My lamp of order B-1234 is broken. Please help!".into();
    shared.comparison.lanes[0].prompt.template = "What is this about? {{input}}".into();
    shared.comparison.sampling.seed = 7;
    let link = encoded(&shared);
    assert!(link.len() < 300, "{} characters", link.len());
    assert_eq!(round_trip(&shared), shared);
}

#[test]
fn five_edited_lanes_fit_into_a_message() {
    let mut shared = unchanged();
    for (number, lane) in shared.comparison.lanes.iter_mut().enumerate() {
        lane.name = format!("Variant {number}");
        lane.prompt.system = format!(
            "You sort tickets for a shop that sells lamps, variant {number}. Think of the customer's mood, \
             name the queue and the priority, and never add a word of your own to the answer."
        );
        lane.prompt.examples = vec![Example {
            input: format!("Where is parcel {number}?"),
            output: "{\"queue\":\"BBB-2\"}".into(),
        }];
    }
    let link = encoded(&shared);
    assert!(link.len() < 1200, "{} characters", link.len());
    assert_eq!(round_trip(&shared), shared);
}

#[test]
fn lanes_can_be_moved_removed_and_added() {
    let mut shared = unchanged();
    shared.comparison.lanes.swap(0, 4);
    shared.comparison.lanes.remove(2);
    shared.comparison.lanes[1].weights = Weights::Adapter { id: "triage-50".into(), scale: 0.5 };
    shared.comparison.lanes[1].corner = Corner::Both;
    shared.comparison.input = "second ticket".into();
    shared.outputs = vec![Some("{}".into()), None, None, Some(String::new())];
    assert_eq!(round_trip(&shared), shared);
}

#[test]
fn thinking_and_the_chat_format_travel() {
    let mut shared = unchanged();
    shared.comparison.thinking = true;
    let model = "0123456789abcdef".repeat(4);
    shared.comparison.format = Some(FormatChoice { model, format: protocol::ChatFormat::Llama3 });
    let link = encoded(&shared);
    assert!(link.len() < 300, "{} characters", link.len());
    assert_eq!(round_trip(&shared), shared);
    let nobody = decode(&link_of(r#"{"s":"triage","c":{"model":"../x","format":"gemma"}}"#), &scenario());
    assert_eq!(nobody.expect("a link").expect("a sound one").comparison.format, None);
    let unknown = decode(&link_of(r#"{"s":"triage","c":{"model":"ab","format":"alpaca"}}"#), &scenario());
    assert!(matches!(unknown, Some(Err(LinkError::NoComparison(_)))));
}

#[test]
fn every_released_link_opens_for_ever() {
    let fixtures: Vec<Value> =
        serde_json::from_str(include_str!("../../../tests/links/v1.json")).expect("the fixture is JSON");
    assert!(!fixtures.is_empty());
    for fixture in fixtures {
        let link = fixture["link"].as_str().expect("a link");
        let shared = decode(link, &scenario()).expect("a link").expect("a sound one");
        let decoded = serde_json::json!({ "comparison": shared.comparison, "outputs": shared.outputs });
        assert_eq!(decoded, fixture["decoded"], "{link}");
    }
}

#[test]
fn values_are_clamped_on_decoding() {
    let link = link_of(r#"{"s":"triage","g":{"temperature":1e9,"max_tokens":4000000}}"#);
    let sampling = decode(&link, &scenario()).expect("a link").expect("a sound one").comparison.sampling;
    assert_eq!((sampling.temperature, sampling.max_tokens), (2.0, 1024));
    let link = link_of(
        r#"{"s":"triage","g":{"temperature":1e300,"max_tokens":-5,"top_k":1e12,"seed":99999999999999999999}}"#,
    );
    let sampling = decode(&link, &scenario()).expect("a link").expect("a sound one").comparison.sampling;
    assert_eq!((sampling.temperature, sampling.max_tokens, sampling.top_k), (2.0, 1, 1_000));
    assert_eq!(sampling.seed, (1 << 53) - 1);
    let link = link_of(r#"{"s":"triage","l":[{"b":3,"d":{"weights":{"scale":-1e300}}}]}"#);
    let lanes = decode(&link, &scenario()).expect("a link").expect("a sound one").comparison.lanes;
    assert_eq!(lanes[0].weights, Weights::Adapter { id: "triage-10000".into(), scale: 0.0 });
}

/// Text that does not get much shorter.
fn noise(length: usize) -> String {
    let next = |state: &u32| Some(state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    let states = std::iter::successors(Some(1_u32), next);
    states.map(|state| char::from(b'!' + (state >> 24) as u8 % 90)).take(length).collect()
}

#[test]
fn what_nobody_could_open_is_not_sent() {
    let mut shared = unchanged();
    shared.comparison.input = noise(70_000);
    let link = encoded(&shared);
    assert!(link.len() > 64 * 1024, "{} letters are more than bytes", link.len());
    assert_eq!(round_trip(&shared), shared);
    shared.comparison.input = noise(90_000);
    assert_eq!(encode(&shared, &scenario()), Err(LinkError::TooLong));
    let text = "a".repeat(crate::state::MAX_TEXT);
    for lane in &mut shared.comparison.lanes {
        lane.prompt.examples = vec![Example { input: text.clone(), output: text.clone() }; 2];
    }
    assert_eq!(encode(&shared, &scenario()), Err(LinkError::TooLarge));
}

#[test]
fn what_it_was_made_with_travels() {
    let mut shared = unchanged();
    let adapters = [("triage-10000".to_owned(), "0123456789ab".to_owned())].into();
    let made_with = MadeWith {
        scenario: "0123456789abcdef".into(),
        base: Some("169e8618f69d".into()),
        adapters,
        outside: Vec::new(),
    };
    shared.comparison.made_with = Some(made_with);
    let link = encoded(&shared);
    assert!(link.len() < 200, "{} characters", link.len());
    assert_eq!(round_trip(&shared), shared);
    let nobody = decode(&link_of(r#"{"s":"triage","m":{"s":"../x"}}"#), &scenario());
    assert_eq!(nobody.expect("a link").expect("a sound one").comparison.made_with, None);
}

#[test]
fn a_link_names_outside_files_by_hash_and_by_places_that_everybody_may_reach() {
    let opened = |from: &str| {
        let sha256 = "ab".repeat(32);
        let file = format!(r#"{{"n":"m.gguf","h":"{sha256}","s":7,"a":"{from}"}}"#);
        let outside = format!(r#"{{"k":"model","n":"m","f":[{file}]}}"#);
        let link = link_of(&format!(r#"{{"s":"triage","m":{{"s":"0a","b":"abab","o":[{outside}]}}}}"#));
        decode(&link, &scenario()).expect("a link")
    };
    let shared = opened("https://h.co/m.gguf").expect("a public host");
    let made_with = shared.comparison.made_with.as_ref().expect("it says so");
    assert_eq!(made_with.outside[0].hosts("https://hub.co"), Some(vec!["h.co".to_owned()]));
    assert_eq!(round_trip(&shared), shared);
    for from in ["http://127.0.0.1:1/m.gguf", "https://nas.local/m.gguf", "https://me@h.co/m", "m.gguf"] {
        assert!(matches!(opened(from), Err(LinkError::Address(_))), "{from}");
    }
}

#[test]
fn damage_is_named() {
    let error = |link: &str| decode(link, &scenario()).expect("it claims to be a link").expect_err("damaged");
    let sound = encoded(&unchanged());
    assert_eq!(error("#v1.%%%%"), LinkError::Damaged);
    assert_eq!(error(&sound[..sound.len() - 6]), LinkError::Damaged);
    assert_eq!(error("#v999.abc"), LinkError::UnknownVersion("v999".into()));
    assert_eq!(error(&format!("#v1.{}", "A".repeat(MAX_ENCODED + 1))), LinkError::TooLong);
    assert_eq!(error(&link_of(r#"{"s":"other"}"#)), LinkError::UnknownScenario("other".into()));
    assert!(matches!(error(&link_of(r#"{"s":"triage","l":[{"b":99}]}"#)), LinkError::NoComparison(_)));
    assert!(matches!(error(&link_of(r#"{"s":"triage","x":1}"#)), LinkError::NoComparison(_)));
    let bomb = format!(r#"{{"s":"{}"}}"#, " ".repeat(2 << 20));
    assert_eq!(error(&link_of(&bomb)), LinkError::TooLarge);
}

#[test]
fn an_ordinary_fragment_is_no_link() {
    for fragment in ["", "#", "#lanes", "#version.two"] {
        assert_eq!(decode(fragment, &scenario()), None, "{fragment}");
    }
}

proptest! {
    #[test]
    fn any_text_survives(input in ".{0,200}", system in ".{0,200}", seed in 0_u64..(1 << 53)) {
        let mut shared = unchanged();
        shared.comparison.input = input;
        shared.comparison.lanes[1].prompt.system = system;
        shared.comparison.sampling.seed = seed;
        prop_assert_eq!(round_trip(&shared), shared);
    }

    #[test]
    fn any_bytes_give_an_error_and_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = decode(&format!("#v1.{}", URL_SAFE_NO_PAD.encode(bytes)), &scenario());
    }
}
