//! `cargo xtask fuzz`: everything that is read from outside, under libFuzzer.
//!
//! The targets lie in `fuzz/`, laid out for cargo-fuzz, which needs a nightly compiler; here the same instrumentation is
//! asked of the ordinary one. The seeds are the hostile files of `tests/hostile/`, what is found new is kept in
//! `target/fuzz/corpus/`.

use std::{fs, process::Command};

use anyhow::{Context as _, Result, bail};

use crate::{apt, command, root, say, toolchain::Toolchain};

/// The targets; the seeds lie in folders of the same names.
const TARGETS: [&str; 4] = ["gguf", "tokenizer", "adapter", "template"];
/// Inputs are not longer.
const LONGEST_BYTES: u32 = 1 << 16;
/// What may be allocated beside the file.
const ALLOCATION_MB: u32 = 64;
/// What cargo-fuzz asks of the compiler, without a sanitizer.
const INSTRUMENTATION: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing";

/// How long, and how strictly.
#[derive(Debug, Clone)]
pub struct Options {
    /// Executions of each target.
    pub runs: u64,
    /// Seconds that one input may take.
    pub hang_seconds: u32,
    /// Only this target.
    pub target: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self { runs: 1_000_000, hang_seconds: 1, target: None }
    }
}

/// Runs the targets. Any panic, hang or large allocation is a failure, and so is a target that ran less often than
/// asked.
///
/// # Errors
/// When one fails, with the place of the input that did it.
pub fn fuzz(options: &Options) -> Result<()> {
    if let Some(unknown) = options.target.as_deref().filter(|target| !TARGETS.contains(target)) {
        bail!("there is no target `{unknown}`; the targets are {}", TARGETS.join(", "));
    }
    if !is_possible() {
        bail!("the fuzz targets need Linux and a C++ compiler (`c++`)");
    }
    let toolchain = Toolchain::set_up()?;
    let host = host(&toolchain)?;
    let folder = root().join("target/fuzz");
    let mut build = toolchain.cargo();
    build.args(["build", "--quiet", "--profile", "fuzz", "--package", "fuzz", "--target", &host]);
    build.arg("--target-dir").arg(&folder);
    build.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", INSTRUMENTATION);
    command::run(&mut build).context("the fuzz targets cannot be built")?;
    let wanted = |target: &&&str| options.target.as_deref().is_none_or(|only| only == **target);
    for target in TARGETS.iter().filter(wanted) {
        say::progress("Fuzzing", target);
        let (corpus, artifacts) = (folder.join("corpus").join(target), folder.join("artifacts").join(target));
        fs::create_dir_all(&corpus)?;
        fs::create_dir_all(&artifacts)?;
        let mut run = Command::new(folder.join(&host).join("fuzz").join(target));
        run.current_dir(root()).arg(corpus).arg(root().join("tests/hostile").join(target));
        run.arg(format!("-runs={}", options.runs)).arg(format!("-max_len={LONGEST_BYTES}"));
        run.arg(format!("-timeout={}", options.hang_seconds))
            .arg(format!("-malloc_limit_mb={ALLOCATION_MB}"));
        run.arg(format!("-artifact_prefix={}/", artifacts.display())).arg("-print_final_stats=1");
        let output = run.output().with_context(|| format!("{target} cannot be started"))?;
        let report = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            let end: Vec<&str> = report.lines().rev().take(30).collect();
            bail!(
                "{target} fails ({}):\n{}",
                output.status,
                end.into_iter().rev().collect::<Vec<_>>().join("\n")
            );
        }
        let executed = executions(&report).unwrap_or(0);
        if executed < options.runs {
            bail!("{target} ran {executed} times, {} were asked for", options.runs);
        }
        say::line(&format!("{target}: {executed} executions, nothing found"));
    }
    Ok(())
}

/// Whether libFuzzer can be built here; installs a C++ compiler where that is ours to do.
pub(crate) fn is_possible() -> bool {
    let is_there = || command::succeeds(Command::new("c++").arg("--version"));
    if cfg!(target_os = "linux") && !is_there() && apt::may_install() {
        // Whether it came is asked next.
        let _ = apt::install(&["g++"]);
    }
    cfg!(target_os = "linux") && is_there()
}

fn host(toolchain: &Toolchain) -> Result<String> {
    let version = command::read(toolchain.rustc().arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("the compiler does not name its host")
}

/// The number that libFuzzer tells at its end.
fn executions(report: &str) -> Option<u64> {
    let line = report.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"))?;
    line.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_libfuzzer_counts() {
        let report = "Done 7 runs\nstat::number_of_executed_units: 100007\nstat::peak_rss_mb: 30\n";
        assert_eq!(executions(report), Some(100_007));
        assert_eq!(executions("==12== ERROR"), None);
    }

    #[test]
    fn every_target_has_seeds_and_a_program() {
        for target in TARGETS {
            assert!(root().join("tests/hostile").join(target).is_dir(), "{target}");
            assert!(root().join(format!("fuzz/fuzz_targets/{target}.rs")).is_file(), "{target}");
        }
    }
}
