//! The steps that look at the code: format, lints, native tests.

use anyhow::Result;

use super::{Context, Outcome, RELAXED};
use crate::{command, fuzz};

/// What a person downloads.
const PRODUCT: [&str; 8] =
    ["--package", "app", "--package", "model-wasm", "--package", "protocol", "--package", "comparison"];
/// xtask and what it drives.
const TOOLS: [&str; 6] = ["--package", "xtask", "--package", "end-to-end", "--package", "wasm-test-runner"];
const DENY_WARNINGS: [&str; 3] = ["--", "--deny", "warnings"];

pub(super) fn format(context: &Context) -> Result<Outcome> {
    context.toolchain.add_component("rustfmt", "fmt")?;
    command::run(context.toolchain.cargo().args(["fmt", "--all", "--check"]))?;
    Ok(Outcome::Passed)
}

pub(super) fn lint(context: &Context) -> Result<Outcome> {
    context.toolchain.add_component("clippy", "clippy")?;
    let clippy = ["clippy", "--quiet", "--all-targets"];
    command::run(context.toolchain.cargo().args(clippy).args(PRODUCT).args(DENY_WARNINGS))?;
    let tools = ["--profile", "tools"];
    command::run(context.toolchain.cargo().args(clippy).args(tools).args(TOOLS).args(DENY_WARNINGS))?;
    Ok(Outcome::Passed)
}

pub(super) fn lint_wasm(context: &Context) -> Result<Outcome> {
    context.toolchain.add_component("clippy", "clippy")?;
    let mut clippy = context.toolchain.cargo_wasm("clippy");
    command::run(clippy.args(["--quiet", "--lib"]).args(RELAXED).args(PRODUCT).args(DENY_WARNINGS))?;
    let mut clippy = context.toolchain.cargo_wasm("clippy");
    let tests = ["--quiet", "--package", "model-wasm", "--test", "wasm*"];
    command::run(clippy.args(tests).args(RELAXED).args(DENY_WARNINGS))?;
    Ok(Outcome::Passed)
}

/// Unit tests, goldens and the examples in the documentation.
pub(super) fn native(context: &Context) -> Result<Outcome> {
    command::run(context.toolchain.cargo().args(["test", "--quiet"]).args(PRODUCT))?;
    Ok(Outcome::Passed)
}

/// A short run of every fuzz target.
pub(super) fn fuzz(context: &Context) -> Result<Outcome> {
    if !cfg!(target_os = "linux") {
        return Ok(Outcome::Skipped("the fuzz targets are built on Linux only".to_owned()));
    }
    fuzz::set_up_compiler()?;
    let mut clippy = context.toolchain.cargo();
    clippy.args(["clippy", "--quiet", "--all-targets", "--package", "fuzz"]);
    command::run(clippy.args(DENY_WARNINGS))?;
    // The limit for memory is the targets' own, and is tested for itself.
    command::run(context.toolchain.cargo().args(["test", "--quiet", "--package", "fuzz", "--lib"]))?;
    fuzz::fuzz(&fuzz::Options { runs: 100_000, ..fuzz::Options::default() })?;
    Ok(Outcome::Passed)
}

/// The tools' own tests, and the repository's rules.
pub(super) fn tools(context: &Context) -> Result<Outcome> {
    let test = ["test", "--quiet", "--profile", "tools", "--package"];
    command::run(context.toolchain.cargo().args(test).arg("xtask"))?;
    command::run(context.toolchain.cargo().args(test).args(["end-to-end", "--lib"]))?;
    Ok(Outcome::Passed)
}
