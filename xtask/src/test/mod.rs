//! `cargo xtask test`: one step after another, each with its time, and a count at the end.

mod browser;
mod code;
mod needs;
mod recipe;

use std::time::Instant;

use anyhow::{Context as _, Result, bail};

use crate::{
    build::{self, Profile},
    say, size,
    toolchain::Toolchain,
};

/// What `test` was asked for.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The subset for every day.
    pub quick: bool,
    /// Only these steps.
    pub only: Vec<String>,
}

/// With the kernels that plain builds lack.
const RELAXED: [&str; 2] = ["--features", "model-wasm/relaxed-simd"];

/// How a step ended, when it did not fail.
enum Outcome {
    Passed,
    /// Could not run here, and why.
    Skipped(String),
}

/// What every step is told.
struct Context {
    toolchain: Toolchain,
    quick: bool,
}

impl Context {
    /// The everyday subset is content with a site that builds quickly.
    fn profile(&self) -> Profile {
        if self.quick { Profile::Dev } else { Profile::Release }
    }
}

struct Step {
    name: &'static str,
    run: fn(&Context) -> Result<Outcome>,
    /// Left out of `--quick`.
    slow: bool,
}

const STEPS: [Step; 11] = [
    Step { name: "format", run: code::format, slow: false },
    Step { name: "lint", run: code::lint, slow: false },
    Step { name: "lint-wasm", run: code::lint_wasm, slow: false },
    Step { name: "native", run: code::native, slow: false },
    Step { name: "tools", run: code::tools, slow: false },
    Step { name: "wasm", run: browser::wasm, slow: false },
    Step { name: "build", run: build_site, slow: false },
    Step { name: "size", run: measure_size, slow: true },
    Step { name: "journeys", run: browser::journeys, slow: false },
    Step { name: "fuzz", run: code::fuzz, slow: true },
    Step { name: "recipe", run: recipe::smoke, slow: true },
];

/// Runs the tests.
///
/// # Errors
/// When one fails, or a step is named that does not exist.
pub fn test(options: &Options) -> Result<()> {
    let names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
    if let Some(unknown) = options.only.iter().find(|only| !names.contains(&only.as_str())) {
        bail!("there is no step `{unknown}`; the steps are {}", names.join(", "));
    }
    let chosen = |step: &&Step| {
        let wanted = options.only.is_empty() || options.only.iter().any(|only| only == step.name);
        wanted && !(options.quick && step.slow)
    };
    // The everyday subset is content without them.
    if !options.quick {
        needs::set_up(&STEPS.iter().filter(chosen).map(|step| step.name).collect::<Vec<_>>())?;
    }
    let context = Context { toolchain: Toolchain::set_up()?, quick: options.quick };
    let mut failed = 0;
    let mut passed = 0;
    let mut summary = Vec::new();
    for step in STEPS.iter().filter(chosen) {
        say::progress("Testing", step.name);
        let started = Instant::now();
        let result = (step.run)(&context);
        let ending = match &result {
            Ok(Outcome::Passed) => "passed".to_owned(),
            Ok(Outcome::Skipped(why)) => format!("skipped: {why}"),
            Err(error) => format!("failed: {error:#}"),
        };
        passed += usize::from(matches!(result, Ok(Outcome::Passed)));
        failed += usize::from(result.is_err());
        let line = format!("{:>12} {:>6.1} s  {ending}", step.name, started.elapsed().as_secs_f64());
        say::line(&line);
        summary.push(line);
    }
    say::line(&format!("\n{}", summary.join("\n")));
    say::line(&format!("{passed} passed, {failed} failed"));
    // The lines above say it all.
    if failed > 0 { std::process::exit(1) } else { Ok(()) }
}

/// Writes the README's picture.
///
/// # Errors
/// When the page cannot be shown.
pub fn screenshot() -> Result<()> {
    build::build(Profile::Release)?;
    browser::screenshot(&Toolchain::set_up()?)
}

fn build_site(context: &Context) -> Result<Outcome> {
    build::build(context.profile()).context("the site cannot be built")?;
    Ok(Outcome::Passed)
}

fn measure_size(_: &Context) -> Result<Outcome> {
    size::size().map(|()| Outcome::Passed)
}
