//! `cargo xtask bench`: how fast the engine is in a browser, alone and beside others.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::{
    browser::{Browser, WITHOUT_DOT_PRODUCTS},
    build::{self, Profile},
    command, root, say,
    toolchain::Toolchain,
};

/// What to time.
#[derive(Debug, Clone)]
pub struct Options {
    /// Also the engines of others.
    pub peers: bool,
    /// How often fresh browsers are started.
    pub rounds: usize,
    /// Models: a tensor type in the shape of SmolLM2-135M, or `default`, the page's own.
    pub models: Vec<String>,
    /// Threads of every contender that can have several.
    pub threads: usize,
    /// Without the processor's dot products (V8's flags).
    pub no_vnni: bool,
    /// A copy of `target/bench/site` that an earlier build left: what is timed is timed beside it.
    pub against: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self { peers: false, rounds: 3, models: Vec::new(), threads: 1, no_vnni: false, against: None }
    }
}

const PROMPT_TOKENS: usize = 128;
const LONG_PROMPT_TOKENS: usize = 1024;
const GENERATE_TOKENS: usize = 32;
/// How often each of our own contenders is timed in a round.
const TURNS: usize = 3;
/// The page's own model; its context is shorter than [`LONG_PROMPT_TOKENS`].
const DEFAULT_MODEL: &str = "default";
const TWO_THREADS: &str = "two threads";
const LONG_CONTEXT: &str = "context 1024";

/// Builds what is missing, times it, and prints the report.
///
/// # Errors
/// When something cannot be built or no browser is there.
pub fn bench(options: &Options) -> Result<()> {
    let toolchain = Toolchain::set_up()?;
    let browser = Browser::set_up()?;
    build::build(Profile::Release)?;
    gather_site()?;
    if options.peers {
        install_peers(&toolchain)?;
    }
    let models = if options.models.is_empty() {
        // The others' engines are fed with tokens of the random models' vocabulary.
        let all = ["Q8_0", "Q4_0", "Q4_K_M", DEFAULT_MODEL];
        all.into_iter().filter(|&kind| !options.peers || kind != DEFAULT_MODEL).map(str::to_owned).collect()
    } else {
        options.models.clone()
    };
    for kind in &models {
        let model = model(&toolchain, kind)?;
        let plan = plan(options, &model, kind);
        let path = folder().join("plan.json");
        fs::write(&path, plan.to_string())?;
        let mut cargo = toolchain.cargo();
        cargo.args([
            "run",
            "--quiet",
            "--profile",
            "tools",
            "--package",
            "end-to-end",
            "--example",
            "bench",
            "--",
        ]);
        cargo.arg(&path).env("CHROME", &browser.chrome).env("CHROMEDRIVER", &browser.driver);
        say::progress("Timing", &format!("{kind}, {} rounds", options.rounds));
        let report: Value = serde_json::from_str(&command::read(&mut cargo)?)?;
        print(kind, options.peers || options.against.is_some(), fs::metadata(&model)?.len() as f64, &report);
    }
    Ok(())
}

/// Puts the page and the engine that was just built beside one another, as they refer to one another.
fn gather_site() -> Result<()> {
    let site = folder().join("site");
    fs::create_dir_all(&site)?;
    for source in ["xtask/bench", "model-wasm/js", "target/glue"] {
        for entry in fs::read_dir(root().join(source)).with_context(|| format!("{source} cannot be read"))? {
            let path = entry?.path();
            if let (true, Some(name)) = (path.is_file(), path.file_name()) {
                fs::copy(&path, site.join(name))?;
            }
        }
    }
    Ok(())
}

fn folder() -> PathBuf {
    root().join("target/bench")
}

/// The page's own model, or one with random weights, made where it is not there yet.
fn model(toolchain: &Toolchain, kind: &str) -> Result<PathBuf> {
    if kind == DEFAULT_MODEL {
        return Ok(root().join("public/models/base-Q8_0.gguf"));
    }
    fs::create_dir_all(folder())?;
    let path = folder().join(format!("random-135m-{kind}.gguf"));
    if !path.is_file() {
        say::progress("Making", &build::shown(&path));
        let half = path.with_extension("half");
        let mut cargo = toolchain.cargo();
        cargo.args([
            "run",
            "--quiet",
            "--release",
            "--package",
            "model-wasm",
            "--example",
            "lab",
            "--",
            "random",
        ]);
        command::read(cargo.arg(&half).args(["--type", kind]))?;
        fs::rename(half, &path)?;
    }
    Ok(path)
}

/// The others' engines: two from npm, and candle's own model compiled here.
fn install_peers(toolchain: &Toolchain) -> Result<()> {
    let npm = folder().join("npm");
    if !npm.join("node_modules").is_dir() {
        fs::create_dir_all(&npm)?;
        fs::copy(root().join("xtask/bench/package.json"), npm.join("package.json"))?;
        say::progress("Installing", "wllama and Flare from npm");
        let mut install = std::process::Command::new("npm");
        install.args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"]).arg(&npm);
        command::read(&mut install).context("the peers cannot be installed")?;
        repair_flare(&npm)?;
    }
    say::progress("Compiling", "candle's llama");
    let wasm =
        build::compile_crate(toolchain, &root().join("xtask/bench/candle/Cargo.toml"), "candle_baseline")?;
    build::bind(&wasm, "candle", Profile::Release, &folder().join("candle"))
}

/// Flare 0.2.21's glue has an ended comment within a comment, which no browser reads.
fn repair_flare(npm: &Path) -> Result<()> {
    let glue = npm.join("node_modules/@sauravpanda/flare/pkg/flare_web.js");
    let text = fs::read_to_string(&glue).context("Flare has another layout")?;
    fs::write(glue, text.replace("/* done */", "")).context("Flare's glue cannot be repaired")
}

fn plan(options: &Options, model: &Path, kind: &str) -> Value {
    let npm = folder().join("npm/node_modules");
    let threads = options.threads;
    let built_as = |site: &str, name: &str, engine: &str, threads: usize, lanes: usize, prompt: usize| {
        json!({
            "name": name, "run": "ours",
            "options": {
                "site": site, "engine": engine, "threads": threads, "lanes": lanes, "prompt": prompt,
                "generate": GENERATE_TOKENS,
            },
        })
    };
    let ours = |name: &str, engine: &str, threads: usize, lanes: usize, prompt: usize| {
        built_as("./", name, engine, threads, lanes, prompt)
    };
    let mut contenders = vec![ours("ours", "cpu", threads, 1, PROMPT_TOKENS)];
    if options.peers {
        let other = |name: &str| {
            json!({
                "name": name, "run": name,
                "options": { "threads": threads, "prompt": PROMPT_TOKENS, "generate": GENERATE_TOKENS },
            })
        };
        contenders.extend([other("wllama"), other("candle")]);
        // Flare 0.2.21 crashes on Q4_0, and does not read Q5_0.
        contenders.extend((kind == "Q8_0").then(|| other("flare")));
    } else if options.against.is_some() {
        contenders = Vec::new();
        for (name, engine, lanes, prompt) in [
            ("one lane", "cpu", 1, PROMPT_TOKENS),
            ("plain SIMD", "cpu-simd", 1, PROMPT_TOKENS),
            ("4 lanes", "cpu", 4, PROMPT_TOKENS),
            ("8 lanes", "cpu", 8, PROMPT_TOKENS),
            (LONG_CONTEXT, "cpu", 1, LONG_PROMPT_TOKENS),
        ] {
            if kind == DEFAULT_MODEL && prompt == LONG_PROMPT_TOKENS {
                continue;
            }
            let mut now = ours(name, engine, threads, lanes, prompt);
            let earlier = format!("{name}, earlier");
            let mut earlier = built_as("./earlier/", &earlier, engine, threads, lanes, prompt);
            (now["beside"], earlier["beside"]) = (json!(name), json!(name));
            contenders.extend([now, earlier]);
        }
    } else {
        contenders.push(ours("plain SIMD", "cpu-simd", threads, 1, PROMPT_TOKENS));
        contenders.push(ours(TWO_THREADS, "cpu", 2, 1, PROMPT_TOKENS));
        for lanes in [2, 4, 8] {
            contenders.push(ours(&format!("{lanes} lanes"), "cpu", threads, lanes, PROMPT_TOKENS));
        }
        if kind != DEFAULT_MODEL {
            contenders.push(ours(LONG_CONTEXT, "cpu", threads, 1, LONG_PROMPT_TOKENS));
        }
    }
    // The engines of others have a fresh browser each, and so has ours beside them; ours alone share one, which loads the
    // model once for all that differ in lanes and prompts only.
    let (browsers, turns) = if options.peers {
        (contenders.into_iter().map(|it| vec![it]).collect(), 1)
    } else {
        (vec![contenders], TURNS)
    };
    let mut arguments = Vec::new();
    if options.no_vnni {
        arguments.push(WITHOUT_DOT_PRODUCTS);
    }
    json!({
        "mounts": {
            "/": folder().join("site"),
            "/earlier/": options.against.clone().unwrap_or_else(|| folder().join("site")),
            "/model.gguf": model,
            "/candle/": folder().join("candle"),
            "/flare/": npm.join("@sauravpanda/flare/pkg"),
            "/wllama/": npm.join("@wllama/wllama/esm"),
        },
        "model": "/model.gguf", "rounds": options.rounds, "turns": turns, "browser_arguments": arguments,
        "browsers": browsers,
    })
}

fn print(kind: &str, faster: bool, model_bytes: f64, report: &Value) {
    let what = if faster { "how many times faster ours is" } else { "how many times as fast as the first" };
    say::line(&format!("{kind}: tokens per second, and {what} (95 % interval)"));
    let number = |value: &Value| value.as_f64().map_or("-".to_owned(), |value| format!("{value:.1}"));
    let interval = |value: &Value| {
        let Some([low, median, high]) = value.as_array().map(Vec::as_slice) else { return String::new() };
        let [low, median, high] = [low, median, high].map(|value| value.as_f64().unwrap_or(f64::NAN));
        let [low, median, high] =
            if faster { [low, median, high] } else { [1.0 / high, 1.0 / median, 1.0 / low] };
        format!("{median:.2}x [{low:.2}, {high:.2}]")
    };
    let contenders = || report["contenders"].as_array().into_iter().flatten();
    for contender in contenders() {
        say::line(&format!(
            "  {:<20} decode {:>7} {:<20} prefill {:>7} {}",
            contender["name"].as_str().unwrap_or_default(),
            number(&contender["decode"]),
            interval(&contender["decode_ratio"]),
            number(&contender["prefill"]),
            interval(&contender["prefill_ratio"]),
        ));
    }
    let first = &report["contenders"][0];
    if let Some(load_ms) = first["load_ms"].as_f64() {
        let memory = json!(first["memory_bytes"].as_f64().map(|bytes| bytes / 1e6));
        say::line(&format!(
            "  ours: ready {load_ms:.1} ms after its last byte, {} MB of memory",
            number(&memory)
        ));
    }
    let two_threads = contenders().filter(|it| it["name"] == TWO_THREADS);
    for contender in std::iter::once(first).chain(two_threads) {
        if let (Some(decode), Some(bandwidth)) =
            (contender["decode"].as_f64(), contender["read_bandwidth"].as_f64())
        {
            say::line(&format!(
                "  {}: decoding reads {:.1} GB/s, {:.0} % of the {:.1} GB/s that its threads read here",
                contender["name"].as_str().unwrap_or_default(),
                decode * model_bytes / 1e9,
                decode * model_bytes / bandwidth * 100.0,
                bandwidth / 1e9,
            ));
        }
    }
    for contender in contenders().filter(|it| it["decode"].is_null()) {
        say::line(&format!("  {} failed: {}", contender["name"], contender["answers"][0][0]["failed"]));
    }
}
