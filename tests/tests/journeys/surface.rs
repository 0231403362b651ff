//! The names and attributes by which tests and other tools drive the page: each is there, is there once, and says
//! what is true.

use std::{fs, time::Instant};

use anyhow::{Context, Result, ensure};
use end_to_end::{Damage, LaneSnapshot, Page, Setup, default_scenario, journey, same_answer};
use serde_json::{Value, json};
use xtask::root;

use crate::architectures::sha256;

const ON_EVERY_PAGE: [&str; 5] = ["model-status", "share", "reset", "open-models", "open-compare"];
const ON_COMPARE: [&str; 10] =
    ["progress", "scenario", "input", "seed", "temperature", "max-tokens", "run", "stop", "add-lane", "diff"];
const IN_EVERY_LANE: [&str; 10] = [
    "lane-name",
    "lane-system",
    "lane-template",
    "lane-adapter",
    "lane-scale",
    "lane-output",
    "lane-metrics",
    "lane-proof",
    "lane-duplicate",
    "lane-remove",
];
const ON_MODELS: [&str; 6] =
    ["model-file", "model-url", "load-model", "adapter-file", "adapter-url", "load-adapter"];

/// How often each name stands inside each element that fits.
const COUNTS: &str = r#"
    const [within, names] = arguments;
    return [...document.querySelectorAll(within)].map(element =>
        names.map(name => element.querySelectorAll(`[data-testid="${name}"]`).length));
"#;

/// Every name stands once inside each element that fits; gives how many fit.
async fn once_in(page: &Page, within: &str, names: &[&str]) -> Result<usize> {
    let counts = page.execute(COUNTS, vec![within.into(), json!(names)]).await?;
    let counts = counts.as_array().context("a list")?;
    for of_one in counts {
        let wrong: Vec<_> = names
            .iter()
            .zip(of_one.as_array().into_iter().flatten())
            .filter(|(_, count)| **count != 1)
            .map(|(name, count)| format!("{name} stands there {count} times"))
            .collect();
        ensure!(wrong.is_empty(), "in {within}: {}", wrong.join(", "));
    }
    Ok(counts.len())
}

#[test]
fn every_name_is_there_once() -> Result<()> {
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        once_in(&page, "body", &ON_EVERY_PAGE).await?;
        once_in(&page, "body", &ON_COMPARE).await?;
        let lanes = once_in(&page, r#"[data-testid="lane"]"#, &IN_EVERY_LANE).await?;
        ensure!(lanes == page.lanes().await?.len(), "{lanes} lanes have parts");
        ensure!(!page.shows("share-link").await? && !page.shows("error").await?, "something stands open");
        page.share().await?;
        once_in(&page, "body", &["share-link"]).await?;
        page.click("open-models").await?;
        once_in(&page, "body", &ON_EVERY_PAGE).await?;
        once_in(&page, "body", &ON_MODELS).await?;
        ensure!(!page.shows("model-error").await?, "an error is shown before anything was brought");
        Ok(())
    })
}

/// From now on, every value that `data-state` takes, by lane; the model's under its own name.
const WATCH_STATES: &str = r#"
    window.statesSeen = {};
    const watch = (name, element) => {
        const seen = window.statesSeen[name] = [];
        const note = state => { if (seen.at(-1) !== state) seen.push(state); };
        note(element.dataset.state);
        new MutationObserver(changes => {
            for (const change of changes) note(change.oldValue);
            note(element.dataset.state);
        }).observe(element, { attributes: true, attributeFilter: ["data-state"], attributeOldValue: true });
    };
    watch("model", document.querySelector('[data-testid="model-status"]'));
    for (const lane of document.querySelectorAll('[data-testid="lane"]')) watch(lane.dataset.laneId, lane);
"#;

/// The states seen since then, by lane.
async fn states_seen(page: &Page) -> Result<Vec<(String, Vec<String>)>> {
    let seen = page.execute("return window.statesSeen", Vec::new()).await?;
    let words = |states: &Value| {
        let states = states.as_array().into_iter().flatten();
        states.map(|state| state.as_str().unwrap_or_default().to_owned()).collect()
    };
    let seen = seen.as_object().context("an object")?;
    Ok(seen.iter().map(|(name, states)| (name.clone(), words(states))).collect())
}

#[test]
fn states_go_from_recorded_and_empty_to_done() -> Result<()> {
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        page.click("add-lane").await?;
        let lanes = page.until_lanes("there is a new lane", |lanes| lanes.len() == 6).await?;
        let empty = &lanes[5];
        ensure!(empty.state == "empty" && empty.output.is_empty(), "a new lane is {empty:?}");
        ensure!(empty.weights_sha256.is_empty() && empty.output_tokens.is_none(), "it claims {empty:?}");
        page.execute(WATCH_STATES, Vec::new()).await?;
        page.run_to_the_end().await?;
        for (name, seen) in states_seen(&page).await? {
            let expected = match name.as_str() {
                "model" => vec!["idle", "loading", "ready"],
                id if id == empty.id => vec!["empty", "waiting", "running", "done"],
                _ => vec!["recorded", "waiting", "running", "done"],
            };
            ensure!(seen == expected, "{name} went through {seen:?} instead of {expected:?}");
        }
        Ok(())
    })
}

#[test]
fn what_did_not_load_has_failed() -> Result<()> {
    journey(Setup { requests_may_fail: true, ..Setup::default() }, async |stage| {
        stage.inflict(".gguf", Damage::NotFound);
        let page = stage.visit("").await?;
        page.run().await?;
        let lanes = page.until_ended().await?;
        ensure!(lanes.iter().all(|lane| lane.state == "failed"), "{lanes:?}");
        let status = page.attribute_of("model-status", "data-state").await?;
        ensure!(status.as_deref() == Some("failed"), "the model is {status:?}");
        let (kind, _) = page.error().await?;
        ensure!(kind == "network", "the error is of kind {kind:?}");
        Ok(())
    })
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// What the card says of the files that lie beside the page; and they are those files.
struct Files {
    base: String,
    adapters: Vec<(String, String)>,
}

impl Files {
    fn read() -> Result<Self> {
        let models = root().join("public/models");
        let card: Value = serde_json::from_str(&fs::read_to_string(models.join("card.json"))?)?;
        let word = |value: &Value| value.as_str().map(str::to_owned).context("a text in the card");
        let same_as_file = |path: &str, hash: &str| -> Result<()> {
            let file = sha256(&fs::read(models.join(path))?);
            ensure!(file == hash, "{path} is {file}, and the card says {hash}");
            Ok(())
        };
        let base = &card["base"]["files"][0];
        let base_hash = word(&base["sha256"])?;
        same_as_file(&word(&base["file"])?, &base_hash)?;
        let mut adapters = Vec::new();
        for adapter in card["adapters"].as_array().context("the card names adapters")? {
            let hash = word(&adapter["weights_sha256"])?;
            same_as_file(&format!("{}/adapter_model.safetensors", word(&adapter["folder"])?), &hash)?;
            adapters.push((word(&adapter["id"])?, hash));
        }
        Ok(Self { base: base_hash, adapters })
    }

    fn adapter(&self, id: &str) -> &str {
        self.adapters.iter().find(|(known, _)| known == id).map_or("", |(_, hash)| hash)
    }
}

/// What a lane says of its cost can be true of a run that took so long.
fn check_cost(lane: &LaneSnapshot, wall_ms: f64) -> Result<()> {
    let first = lane.first_token_ms.context("there is a time of the first token")?;
    let speed = lane.tokens_per_second.context("there is a speed")?;
    let tokens = lane.output_tokens.context("there are tokens")?;
    ensure!(first > 0.0 && first < wall_ms, "{first} ms to the first token, of {wall_ms} in all");
    // The speed is that of the tokens after the first.
    let all = first + 1000.0 * f64::from(tokens - 1) / speed;
    ensure!(all > first && all < wall_ms, "{tokens} tokens at {speed}/s after {first} ms in {wall_ms} ms");
    Ok(())
}

#[test]
fn attributes_are_true_after_a_run() -> Result<()> {
    let (scenario, files) = (default_scenario()?, Files::read()?);
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        let before = page.attribute_of("model-status", "data-engine").await?;
        ensure!(before.is_none(), "the engine is {before:?} before it has started");
        let started = Instant::now();
        let lanes = page.run_to_the_end().await?;
        let wall_ms = started.elapsed().as_secs_f64() * 1000.0;

        let status =
            async |name: &str| Ok::<_, anyhow::Error>(page.attribute_of("model-status", name).await?);
        ensure!(status("data-state").await?.as_deref() == Some("ready"), "the model is not ready");
        let engine = status("data-engine").await?.unwrap_or_default();
        ensure!(["cpu-simd", "cpu-relaxed", "gpu"].contains(&engine.as_str()), "it runs on {engine:?}");
        let threads: u64 = status("data-threads").await?.unwrap_or_default().parse()?;
        let cores = page.execute("return navigator.hardwareConcurrency", Vec::new()).await?;
        ensure!(threads >= 1 && Some(threads) <= cores.as_u64(), "{threads} threads on {cores} cores");

        for (at, lane) in lanes.iter().enumerate() {
            let planned = &scenario.lanes[at];
            let recorded =
                scenario.recorded.iter().find(|recorded| recorded.input == 0 && recorded.lane == at);
            let recorded = recorded.context("the first ticket is recorded")?;
            ensure!(lane.weights == planned.weights.id() && lane.name == planned.name, "{lane:?}");
            ensure!(lane.corner == planned.corner.name(), "{lane:?}");
            ensure!(lane.prompt_tokens == Some(recorded.metrics.prompt_tokens), "{lane:?}");
            ensure!(lane.output_tokens == Some(recorded.metrics.output_tokens), "{lane:?}");
            ensure!(lane.weights_sha256 == files.base && is_hash(&lane.weights_sha256), "{lane:?}");
            ensure!(lane.adapter_sha256 == files.adapter(&lane.weights), "{lane:?}");
            ensure!(lane.is_tuned() == is_hash(&lane.adapter_sha256), "{lane:?}");
            ensure!(same_answer(&lane.output, &recorded.output), "the output is {:?}", lane.output);
            check_cost(lane, wall_ms).with_context(|| format!("{lane:?}"))?;
            // What people read says the same.
            let figures = page.text_in(lane, "lane-metrics").await?;
            for count in [lane.prompt_tokens, lane.output_tokens].into_iter().flatten() {
                ensure!(figures.contains(&count.to_string()), "{count} is not in {figures:?}");
            }
            let proof = page.text_in(lane, "lane-proof").await?;
            ensure!(proof.contains(&files.base[..8]), "the proof says {proof:?}");
        }
        ensure!(!page.shows("error").await?, "there is an error after a good run");
        Ok(())
    })
}

#[test]
fn the_models_page_says_what_is_loaded() -> Result<()> {
    let files = Files::read()?;
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        page.run_to_the_end().await?;
        page.click("open-models").await?;
        let card = page.text_of("base-card").await?;
        for expected in ["Q8_0", "5.0 M", "5.3 MB", files.base.as_str(), "in memory"] {
            ensure!(card.contains(expected), "{expected} is not in {card:?}");
        }
        let engine = page.attribute_of("model-status", "data-engine").await?.unwrap_or_default();
        ensure!(card.contains(&engine), "the engine {engine} is not in {card:?}");
        // Weights and adapter are 5.8 MB; lanes, tokenizer and code's data take the rest.
        let all = page.execute(ALL_MEMORY, Vec::new()).await?;
        let megabytes = all.as_str().and_then(|all| all.strip_suffix(" MB")?.parse::<f64>().ok());
        ensure!(megabytes.is_some_and(|all| (8.0..100.0).contains(&all)), "{all} of memory");
        let text = page.text().await?;
        for (id, hash) in &files.adapters {
            ensure!(text.contains(hash), "the hash of {id} is not on the page");
        }
        Ok(())
    })
}

/// What the page says that all takes.
const ALL_MEMORY: &str = r#"
    const names = [...document.querySelectorAll('[data-testid="base-card"] dt')];
    return names.find(name => name.innerText === "All memory in use")?.nextElementSibling.innerText;
"#;
