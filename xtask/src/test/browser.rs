//! The steps that need a browser.

use std::{ffi::OsStr, fs, path::Path, process::Command};

use anyhow::{Context as _, Result};

use super::{Context, Outcome, RELAXED};
use crate::{
    browser::{Browser, WITHOUT_DOT_PRODUCTS},
    build::Profile,
    command, root, say,
    toolchain::Toolchain,
};

/// Crates with tests that run in a browser: files in their `tests/` whose names start with `wasm`.
const WITH_WASM_TESTS: [(&str, &str); 2] = [("app", "app"), ("model-wasm", "model-wasm")];

/// The tests of the two modules' JavaScript edges, in headless Chromium; compiled as the engine without threads is, so that
/// its dependencies compile once, but with relaxed SIMD. Without the processor's dot products of bytes there are other kernels,
/// so that what is computed is tested once more without them.
pub(super) fn wasm(context: &Context) -> Result<Outcome> {
    let tested: Vec<_> = WITH_WASM_TESTS.iter().filter(|(_, folder)| has_wasm_tests(folder)).collect();
    if tested.is_empty() {
        return Ok(Outcome::Skipped("no crate has tests/wasm*.rs".to_owned()));
    }
    let browser = match found(context)? {
        Ok(browser) => browser,
        Err(skipped) => return Ok(skipped),
    };
    let runner = ["build", "--quiet", "--profile", "tools", "--package", "wasm-test-runner"];
    command::run(context.toolchain.cargo().args(runner))?;
    let program = std::env::current_exe()?.with_file_name("wasm-test-runner");
    let webdriver = root().join("target/webdriver.json");
    let run = |arguments: &[&str], filter: &[&str]| -> Result<()> {
        fs::write(&webdriver, browser.capabilities(arguments).to_string())?;
        let mut cargo = context.toolchain.cargo_wasm("test");
        cargo.args(["--test", "wasm*", "--profile", context.profile().of_the_engine()]);
        cargo.args(RELAXED);
        for (package, _) in &tested {
            cargo.args(["--package", package]);
        }
        cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", &program);
        cargo.env("CHROMEDRIVER", &browser.driver).env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", &webdriver);
        command::run(cargo.args(["--"]).args(filter).env("WASM_BINDGEN_TEST_TIMEOUT", "300"))
    };
    run(&[], &[])?;
    if !context.quick {
        run(&[WITHOUT_DOT_PRODUCTS], &["in_a_browser"])?;
    }
    Ok(Outcome::Passed)
}

/// Journeys through the real page. The ones that measure time run alone.
pub(super) fn journeys(context: &Context) -> Result<Outcome> {
    let browser = match found(context)? {
        Ok(browser) => browser,
        Err(skipped) => return Ok(skipped),
    };
    let run = |arguments: &[&str]| {
        let mut cargo = end_to_end(&context.toolchain, "test", &browser, context.profile());
        cargo.args(["--test", "journeys", "--"]).args(arguments);
        command::run(&mut cargo)
    };
    if context.quick {
        run(&["--test-threads", "2", "everyday"])?;
    } else {
        run(&["--test-threads", "2", "--skip", "timed"])?;
        run(&["--test-threads", "1", "--nocapture", "timed"])?;
    }
    Ok(Outcome::Passed)
}

/// Writes the README's picture.
pub(super) fn screenshot(toolchain: &Toolchain) -> Result<()> {
    let browser = Browser::set_up()?;
    let mut cargo = end_to_end(toolchain, "run", &browser, Profile::Release);
    command::run(cargo.args(["--example", "screenshot", "--"]).arg(root().join("docs/compare.png")))?;
    say::progress("Wrote", "docs/compare.png");
    Ok(())
}

fn end_to_end(toolchain: &Toolchain, verb: &str, browser: &Browser, profile: Profile) -> Command {
    let mut cargo = toolchain.cargo();
    cargo.args([verb, "--quiet", "--profile", "tools", "--package", "end-to-end"]);
    cargo.env("CHROME", &browser.chrome).env("CHROMEDRIVER", &browser.driver).env("SITE", profile.site());
    cargo.env("RUST_BACKTRACE", "0");
    cargo
}

/// The browser; in the everyday subset its absence is no failure.
fn found(context: &Context) -> Result<Result<Browser, Outcome>> {
    match Browser::set_up() {
        Ok(browser) => Ok(Ok(browser)),
        Err(error) if context.quick => Ok(Err(Outcome::Skipped(format!("{error:#}")))),
        Err(error) => Err(error).context("no browser"),
    }
}

fn has_wasm_tests(folder: &str) -> bool {
    let tests = fs::read_dir(root().join(folder).join("tests")).into_iter().flatten().flatten();
    tests.map(|entry| entry.path()).any(|path| is_wasm_test(&path))
}

fn is_wasm_test(path: &Path) -> bool {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    name.starts_with("wasm") && path.extension().is_some_and(|extension| extension == "rs")
}
