//! `lab`, the engine on the command line: every verb on the default model and on a small random one, by the program
//! itself, as its users run it.
#![cfg(not(target_arch = "wasm32"))]

#[path = "support/random.rs"]
mod random;
#[path = "support/mod.rs"]
mod support;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use comparison::Scenario;
use protocol::Sampling;
use random::Index;
use serde_json::{Value, json};
use support::{Quantisation, Value as Entry, tiny, tiny_adapter};

/// `cargo test` builds the examples first, into a folder beside that of the tests. `cargo test --test lab` alone does
/// not: `cargo build --example lab` comes before it then.
fn lab() -> PathBuf {
    let test = std::env::current_exe().expect("the path of this test");
    let profile = test.parent().and_then(Path::parent).expect("PROFILE/deps/TEST");
    let lab = profile.join("examples").join(format!("lab{}", std::env::consts::EXE_SUFFIX));
    assert!(lab.exists(), "there is no {}: run `cargo build --example lab`", lab.display());
    lab
}

/// What the lab prints, and whether it calls that a success.
fn run(arguments: &[&str]) -> (bool, Value) {
    let output = Command::new(lab()).args(arguments).output().expect("the lab runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {text}"));
    match output.status.code() {
        Some(0) => (true, value),
        Some(2) => (false, value),
        other => panic!("{arguments:?} ends with {other:?}"),
    }
}

fn done(arguments: &[&str]) -> Value {
    let (is_success, value) = run(arguments);
    assert!(is_success, "{arguments:?}: {value}");
    value
}

/// The kind and the message of a failure.
fn refused(arguments: &[&str]) -> (String, String) {
    let (is_success, value) = run(arguments);
    assert!(!is_success, "{arguments:?}: {value}");
    let text = |name: &str| value["error"][name].as_str().expect("a text").to_owned();
    (text("kind"), text("message"))
}

fn served(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../public").join(path);
    path.to_str().expect("UTF-8").to_owned()
}

/// A file of this test, of which each has its own folder.
fn file(test: &str, name: &str, bytes: impl AsRef<[u8]>) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lab").join(test);
    fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join(name);
    fs::write(&path, bytes).expect("a file");
    path.to_str().expect("UTF-8").to_owned()
}

fn model(test: &str) -> String {
    file(test, "tiny.gguf", tiny(Quantisation::Q8_0).bytes())
}

fn numbers(value: &Value) -> Vec<f64> {
    let numbers = value.as_array().expect("numbers").iter();
    numbers.map(|number| number.as_f64().expect("a number")).collect()
}

/// A folder with the small model's adapter, as PEFT saves them.
fn adapter(test: &str) -> String {
    let (test, (config, weights)) = (&format!("{test}/adapter"), tiny_adapter(4));
    file(test, "adapter_config.json", config);
    let weights = file(test, "adapter_model.safetensors", weights);
    Path::new(&weights).parent().and_then(Path::to_str).expect("a folder").to_owned()
}

#[test]
fn inspect_tells_what_a_model_is() {
    let base = served("models/base-Q8_0.gguf");
    let facts = done(&["inspect", &base]);
    assert_eq!(facts["architecture"], "llama");
    assert_eq!(facts["quantisation"], "Q8_0");
    assert_eq!(facts["sha256"].as_str().map(str::len), Some(64));
    assert_eq!(facts["size_bytes"], fs::metadata(&base).expect("a file").len());
    let by_type = facts["weights_by_type"].as_object().expect("types");
    let sum: u64 = by_type.values().filter_map(Value::as_u64).sum();
    assert_eq!(facts["parameters"], sum);

    let facts = done(&["inspect", &model("inspect")]);
    assert_eq!((&facts["n_layers"], &facts["vocabulary"]), (&json!(2), &json!(262)));
    assert_eq!(facts["weights_by_type"].as_object().expect("types").len(), 2, "{facts}");
}

#[test]
fn inspect_tells_what_an_adapter_is_and_whether_it_fits() {
    let folder = served("models/adapters/triage-50");
    let facts = done(&["inspect", &folder]);
    assert_eq!(facts["rank"], 8, "{facts}");
    let base = served("models/base-Q8_0.gguf");
    assert_eq!(done(&["inspect", &folder, "--model", &base]), facts);
    assert_eq!(done(&["inspect", &format!("{folder}/adapter_model.safetensors")])["sha256"], facts["sha256"]);
    let other = model("inspect-adapter");
    assert_eq!(refused(&["inspect", &folder, "--model", &other]).0, "adapter-mismatch");
}

#[test]
fn a_split_model_is_found_by_any_of_its_parts() {
    let whole = tiny(Quantisation::Q8_0);
    let half = whole.tensors.len() / 2;
    let part = |number: u32, tensors: &[support::Tensor]| {
        let mut part = whole.clone();
        part.tensors = tensors.to_vec();
        part.set("split.no", Entry::U32(number));
        part.set("split.count", Entry::U32(2));
        file("split", &format!("tiny-0000{}-of-00002.gguf", number + 1), part.bytes())
    };
    let parts = [part(0, &whole.tensors[..half]), part(1, &whole.tensors[half..])];
    let tokens = ["--tokens", "5,42,79"];
    let expected = done(&[["logits", "--model", &model("split")].as_slice(), &tokens].concat());
    for part in &parts {
        assert_eq!(done(&[["logits", "--model", part].as_slice(), &tokens].concat()), expected);
    }
    let facts = done(&["inspect", &parts[1]]);
    assert_eq!(facts["parameters"], done(&["inspect", &model("split")])["parameters"]);
    fs::remove_file(&parts[1]).expect("a file");
    let (kind, message) = refused(&["inspect", &parts[0]]);
    assert_eq!(kind, "invalid-request");
    assert!(message.contains("tiny-00002-of-00002.gguf"), "{message}");
}

#[test]
fn tokenize_gives_texts_back_and_sees_control_tokens_where_asked() {
    let base = served("models/base-Q8_0.gguf");
    let text = "Order A-4821 <|im_end|>";
    let plain = done(&["tokenize", "--model", &base, "--text", text]);
    assert_eq!((&plain["decoded"], &plain["round_trip"]), (&json!(text), &json!(true)));
    let path = file("tokenize", "text.txt", text);
    assert_eq!(done(&["tokenize", "--model", &base, "--text-file", &path]), plain);
    let special = done(&["tokenize", "--model", &base, "--text", text, "--special"]);
    assert_eq!(special["ids"].as_array().expect("ids").last(), Some(&json!(2)));
    assert!(!plain["ids"].as_array().expect("ids").contains(&json!(2)));
}

#[test]
fn render_writes_the_prompt_and_says_where_the_system_text_went() {
    let messages = json!([{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]);
    let messages = file("render", "messages.json", messages.to_string());
    let prompt = ["--messages", &messages];
    let model = model("render");
    let own = done(&[["render", "--model", &model].as_slice(), &prompt].concat());
    let expected =
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n";
    assert_eq!(own["text"], expected);
    assert_eq!((&own["system_folded"], &own["begins_thinking"]), (&json!(false), &json!(false)));
    assert_eq!(own["tokens"][0], 1, "a control token");
    let gemma = ["--chat-format", "gemma"];
    let folded = done(&[["render", "--model", &model].as_slice(), &prompt, &gemma].concat());
    assert_eq!(folded["system_folded"], true);
    let unknown = ["--chat-format", "morse"];
    assert_eq!(
        refused(&[["render", "--model", &model].as_slice(), &prompt, &unknown].concat()).0,
        "invalid-request"
    );
}

#[test]
fn logits_are_those_of_the_last_position_or_of_all() {
    let (model, adapter) = (model("logits"), adapter("logits"));
    for engine in ["cpu", "cpu-simd", "reference"] {
        let common = ["logits", "--model", &model, "--tokens", "5,42,79", "--engine", engine];
        let last = done(&common);
        assert_eq!(numbers(&last["logits"]).len(), 262);
        let all = done(&[common.as_slice(), &["--all"]].concat());
        assert_eq!(all["logits"].as_array().map(Vec::len), Some(3));
        assert_eq!(all["logits"][2], last["logits"]);
        let with = |scale: &str| {
            let weights = format!("{adapter}{scale}");
            done(&[common.as_slice(), &["--adapter", &weights]].concat())
        };
        assert_eq!(with("@0"), last, "scale 0 is the base");
        assert_ne!(with("@0.5"), last);
        assert_eq!(with("@1"), with(""));
    }
}

#[test]
fn logits_of_every_architecture_are_those_of_transformers() {
    let (index, all) = Index::read();
    let mut goldens = all.chunks_exact(index.tokens.len() * 262);
    let tokens = index.tokens.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
    for entry in &index.models {
        let expected = goldens.next().expect("goldens for every model");
        // Those with an adapter are in single precision, and have two.
        if entry.adapter.is_empty() {
            continue;
        }
        goldens.next().expect("goldens with the adapter");
        let path = file("architectures", &format!("{}.gguf", entry.name), index.file(entry).bytes());
        let got = done(&["logits", "--model", &path, "--tokens", &tokens, "--engine", "reference", "--all"]);
        let got: Vec<f64> = got["logits"].as_array().expect("positions").iter().flat_map(numbers).collect();
        assert_eq!(got.len(), expected.len(), "{}", entry.name);
        let errors = got.iter().zip(expected).map(|(a, b)| (a - f64::from(*b)).abs());
        let worst = errors.fold(0.0, f64::max);
        assert!(worst <= 1e-3, "{}: off by {worst}", entry.name);
        fs::remove_file(path).expect("a file");
    }
}

#[test]
fn adapters_of_every_format_are_read_from_their_files() {
    let base = file("formats", "tiny.gguf", tiny(Quantisation::F32).bytes());
    let goldens = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/goldens/adapters");
    let logits = |name: &str| {
        let adapter = goldens.join(name).to_str().expect("UTF-8").to_owned();
        let common = ["logits", "--model", &base, "--tokens", "5,42,79", "--engine", "reference"];
        numbers(&done(&[common.as_slice(), &["--adapter", &adapter]].concat())["logits"])
    };
    for (formats, what) in
        [(&["plain-peft", "plain-mlx", "plain.gguf"][..], "plain"), (&["ends-peft", "ends.gguf"][..], "ends")]
    {
        let of_first = logits(formats[0]);
        for format in &formats[1..] {
            let errors = logits(format).into_iter().zip(&of_first).map(|(a, b)| (a - b).abs());
            assert!(errors.fold(0.0, f64::max) <= 2e-5, "{what}: {format} is not {}", formats[0]);
        }
    }
    assert_ne!(logits("plain.gguf"), logits("ends.gguf"));
}

#[test]
fn generate_runs_a_bare_prompt_like_any_lane() {
    let model = model("generate-bare");
    let common = ["generate", "--model", &model, "--prompt", "hello", "--max-tokens", "12"];
    let answer = done(&common);
    assert_eq!(answer["tokens"].as_array().map(Vec::len), Some(12), "{answer}");
    assert_eq!(answer["reason"], "length");
    assert_eq!((&answer["metrics"]["output_tokens"], &answer["thought"]), (&json!(12), &Value::Null));
    assert_eq!(answer["proof"]["weights_sha256"], done(&["inspect", &model])["sha256"]);
    assert_eq!(answer["proof"]["adapter_sha256"], Value::Null);
    let ids = done(&["tokenize", "--model", &model, "--text", "hello"]);
    let n_prompt = ids["ids"].as_array().map(Vec::len);
    assert_eq!(answer["metrics"]["prompt_tokens"].as_u64().map(|n| n as usize), n_prompt);

    let written = answer["output"].as_str().expect("a text");
    let stop = written.chars().rev().take(3).collect::<Vec<_>>().into_iter().rev().collect::<String>();
    let stopped = done(&[common.as_slice(), &["--stop", &stop]].concat());
    assert_eq!(stopped["reason"], "stop_text", "{stopped}");
    assert!(!stopped["output"].as_str().expect("a text").contains(&stop), "{stopped}");

    let adapter = adapter("generate-bare");
    let tuned = done(&[common.as_slice(), &["--adapter", &format!("{adapter}@0.5")]].concat());
    assert_eq!(tuned["proof"]["scale"], 0.5);
    assert_eq!(tuned["proof"]["adapter_sha256"], done(&["inspect", &adapter])["sha256"]);
    assert_eq!(refused(&["generate", "--model", &model, "--prompt", ""]).0, "invalid-request");
}

#[test]
fn generate_answers_a_conversation_alone_and_in_lanes() {
    let base = served("models/base-Q8_0.gguf");
    let adapter = served("models/adapters/triage-10000");
    let scenario = fs::read(served("scenarios/triage.json")).expect("a file");
    let scenario: Scenario = serde_json::from_slice(&scenario).expect("a scenario");
    // The short prompt on the adapter.
    let ticket = json!(scenario.lanes[3].prompt.messages(&scenario.inputs[0].input));
    let messages = file("generate", "messages.json", ticket.to_string());
    let common = ["generate", "--model", &base, "--max-tokens", "40"];
    let alone = |more: &[&str]| done(&[common.as_slice(), &["--messages", &messages], more].concat());
    let (plain, tuned) = (alone(&[]), alone(&["--adapter", &adapter]));
    assert_eq!(tuned["reason"], "end_of_turn");
    assert_eq!(tuned["output"], scenario.recorded[3].output);
    let sampling = Sampling { temperature: 0.9, seed: 7, max_tokens: 3, ..Sampling::default() };
    let lanes = file(
        "generate",
        "lanes.json",
        json!([{"messages": ticket}, {"messages": ticket, "adapter": adapter},
            {"messages": ticket, "sampling": sampling}])
        .to_string(),
    );
    let together = done(&[common.as_slice(), &["--lanes", &lanes, "--threads", "2"]].concat());
    let together = together["lanes"].as_array().expect("lanes");
    for (lane, alone) in together.iter().zip([plain, tuned]) {
        for fact in ["output", "tokens", "reason", "proof"] {
            assert_eq!(lane[fact], alone[fact], "{fact}");
        }
    }
    assert!(together[2]["tokens"].as_array().is_some_and(|tokens| tokens.len() <= 3), "{}", together[2]);
    let (_, message) = refused(&[common.as_slice(), &["--lanes", &lanes, "--adapter", &adapter]].concat());
    assert!(message.contains("--adapter"), "{message}");
    assert_eq!(refused(&common).0, "invalid-request");
    assert_eq!(
        refused(&[common.as_slice(), &["--messages", &messages, "--temperature", "-1"]].concat()).0,
        "invalid-request"
    );
}

#[test]
fn generate_tells_thoughts_from_the_answer() {
    let mut thinker = tiny(Quantisation::Q8_0);
    let template = "{% for message in messages %}{{ message['content'] }}{% endfor %}<think>\n";
    thinker.set("tokenizer.chat_template", Entry::Text(template.to_owned()));
    let model = file("thoughts", "thinker.gguf", thinker.bytes());
    let messages = file("thoughts", "messages.json", json!([{"role": "user", "content": "hi"}]).to_string());
    let common = ["--model", &model, "--messages", &messages];
    assert_eq!(done(&[["render"].as_slice(), &common].concat())["begins_thinking"], true);
    // Random weights never close the thought.
    let answer = done(&[["generate", "--max-tokens", "5"].as_slice(), &common].concat());
    assert_eq!(answer["output"], "", "{answer}");
    assert!(answer["thought"].is_string(), "{answer}");
}

#[test]
fn score_gives_the_logarithm_of_each_tokens_probability() {
    let model = model("score");
    let score = done(&["score", "--model", &model, "--prompt", "hello", "--completion", " he"]);
    let tokens = score["tokens"].as_array().expect("tokens");
    let sum: f64 = tokens.iter().map(|token| token["log_probability"].as_f64().expect("a number")).sum();
    assert!((sum - score["total"].as_f64().expect("a number")).abs() < 1e-9);
    let ids = |text: &str| -> Vec<Value> {
        done(&["tokenize", "--model", &model, "--text", text])["ids"].as_array().expect("ids").clone()
    };
    let (prompt, completion) = (ids("hello"), ids(" he"));
    assert_eq!(tokens.iter().map(|token| token["token"].clone()).collect::<Vec<_>>(), completion);
    // The first of them by hand, from the logits after the prompt.
    let prompt: Vec<String> = prompt.iter().map(Value::to_string).collect();
    let logits = numbers(&done(&["logits", "--model", &model, "--tokens", &prompt.join(",")])["logits"]);
    let of_first = logits[completion[0].as_u64().expect("an id") as usize];
    let expected = of_first - logits.iter().map(|logit| logit.exp()).sum::<f64>().ln();
    let got = tokens[0]["log_probability"].as_f64().expect("a number");
    assert!((got - expected).abs() < 1e-5, "{got} and not {expected}");
    assert_eq!(
        refused(&["score", "--model", &model, "--prompt", "hello", "--completion", ""]).0,
        "invalid-request"
    );
}

#[test]
fn bench_tells_how_fast_an_engine_is() {
    let sizes = ["--prompt-tokens", "16", "--generate-tokens", "4", "--lanes", "2"];
    let timed = done(&[["bench", "--model", &model("bench")].as_slice(), &sizes].concat());
    for rate in ["prefill_tokens_per_second", "decode_tokens_per_second", "decode_bytes_per_second"] {
        assert!(timed[rate].as_f64().is_some_and(|rate| rate > 0.0), "{timed}");
    }
    assert_eq!((&timed["lanes"], timed["engine"].is_object()), (&json!(2), true));
}

#[test]
fn measure_judges_a_scenarios_lanes_over_a_suite() {
    let (base, adapters) = (served("models/base-Q8_0.gguf"), served("models/adapters"));
    let (scenario, suite) = (served("scenarios/triage.json"), served("suites/triage-test.csv"));
    let of_tuned = ["--scenario", &scenario, "--suite", &suite, "--adapters", &adapters, "--lane", "3"];
    let result = done(&[["measure", "--model", &base, "--limit", "4"].as_slice(), &of_tuned].concat());
    let lanes = result["lanes"].as_array().expect("lanes");
    assert_eq!((lanes.len(), &lanes[0]["n"], &result["scenario"]), (1, &json!(4), &json!("triage")));
    assert!(lanes[0]["accuracy"].as_f64().is_some_and(|share| share >= 0.75), "{result}");
}

#[test]
fn what_the_lab_does_not_know_is_refused_by_its_name() {
    let model = model("refusals");
    for (arguments, named) in [
        (&["sing"][..], "sing"),
        (&["tokenize", "--model", &model, "--text", "a", "--frobnicate", "1"], "frobnicate"),
        (&["tokenize", "--model", &model, "--text", "a", "--frobnicate"], "frobnicate"),
        (&["tokenize", "--model", &model, "--text", "a", "--seed", "1"], "--seed"),
        (&["tokenize", &model, "--text", "a"], "tiny.gguf"),
        (&["tokenize", "--text", "a"], "--model"),
        (&["tokenize", "--model", &model], "--text"),
        (&["logits", "--model", &model, "--tokens", "1,two"], "two"),
        (&["logits", "--model", &model, "--tokens", "1", "--engine", "steam"], "steam"),
        (&["logits", "--model", &model, "--tokens", "1", "--threads", "many"], "--threads"),
        (&["logits", "--model", &model, "--tokens", "4000"], "4000"),
    ] {
        let (kind, message) = refused(arguments);
        assert_eq!(kind, "invalid-request", "{message}");
        assert!(message.contains(named), "{message}");
    }
}

#[test]
fn damaged_and_missing_files_have_kinds_of_their_own() {
    let model = model("damaged");
    for verb in [&["inspect", "gone.gguf"][..], &["tokenize", "--model", "gone.gguf", "--text", "a"]] {
        let (kind, message) = refused(verb);
        assert_eq!(kind, "invalid-request");
        assert!(message.contains("gone.gguf"), "{message}");
    }
    assert_eq!(refused(&["render", "--model", &model, "--messages", "gone.json"]).0, "invalid-request");
    let bytes = tiny(Quantisation::Q8_0).bytes();
    let cut = file("damaged", "cut.gguf", &bytes[..bytes.len() / 2]);
    assert_eq!(refused(&["inspect", &cut]).0, "invalid-model");
    let page = file("damaged", "page.gguf", "<!doctype html>");
    assert_eq!(refused(&["inspect", &page]).0, "invalid-model");
    let mut strange = tiny(Quantisation::Q8_0);
    strange.set("general.architecture", Entry::Text("mamba".to_owned()));
    let strange = file("damaged", "strange.gguf", strange.bytes());
    assert_eq!(refused(&["inspect", &strange]).0, "unsupported-model");
}

#[test]
fn help_lists_the_verbs() {
    let output = Command::new(lab()).arg("--help").output().expect("the lab runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(output.status.success());
    let verbs = [
        "inspect", "tokenize", "render", "logits", "generate", "score", "bench", "measure", "record",
        "random",
    ];
    for verb in verbs {
        assert!(text.contains(&format!("\n  {verb}")), "{verb}");
    }
}
