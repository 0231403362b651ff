//! `cargo xtask fuzz`: everything that is read from outside, under libFuzzer.
//!
//! The targets lie in `fuzz/`, laid out for cargo-fuzz, which needs a nightly compiler; here the same instrumentation is
//! asked of the ordinary one. The seeds are the hostile files of `tests/hostile/`, what is found new is kept in
//! `target/fuzz/corpus/`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
    sync::{Mutex, PoisonError},
    thread::ScopedJoinHandle,
};

use anyhow::{Context as _, Result, anyhow, bail};

use crate::{apt, command, root, say, toolchain::Toolchain};

/// The targets, those that take longest first; the seeds lie in folders of the same names.
const TARGETS: [&str; 4] = ["template", "gguf", "adapter", "tokenizer"];
/// Targets under way at once: each takes one core, and the time that an input may take is that of the clock.
const AT_ONCE: usize = 2;
/// Inputs are not longer.
const LONGEST_BYTES: u32 = 1 << 16;
/// Seconds that one input may take.
const HANG_SECONDS: u32 = 1;
/// A busy machine stands still for a second now and then; so often in one run of a target and no more.
const MOST_STANDSTILLS: usize = 20;
/// How libFuzzer calls the file of an input that took too long.
const TIMEOUT: &str = "timeout-";
/// What cargo-fuzz asks of the compiler, without a sanitizer. And without a look at every comparison, which takes more time
/// than all that is tested: an input would be said to hang that takes a third of a second.
const INSTRUMENTATION: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table --cfg fuzzing";

/// How long, and which.
#[derive(Debug, Clone)]
pub struct Options {
    /// Executions of each target.
    pub runs: u64,
    /// Only this target.
    pub target: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self { runs: 1_000_000, target: None }
    }
}

/// Runs the targets. Any panic, hang or too much memory is a failure, and so is a target that ran less often than asked.
///
/// # Errors
/// When one fails, with the place of the input that did it.
pub fn fuzz(options: &Options) -> Result<()> {
    if let Some(unknown) = options.target.as_deref().filter(|target| !TARGETS.contains(target)) {
        bail!("there is no target `{unknown}`; the targets are {}", TARGETS.join(", "));
    }
    set_up_compiler()?;
    let toolchain = Toolchain::set_up()?;
    let host = host(&toolchain)?;
    let folder = root().join("target/fuzz");
    let mut build = toolchain.cargo();
    build.args(["build", "--quiet", "--profile", "fuzz", "--package", "fuzz", "--target", &host]);
    build.arg("--target-dir").arg(&folder);
    build.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", INSTRUMENTATION);
    command::run(&mut build).context("the fuzz targets cannot be built")?;
    let wanted = |target: &str| options.target.as_deref().is_none_or(|only| only == target);
    let programs = folder.join(&host).join("fuzz");
    let waiting = Mutex::new(TARGETS.into_iter().filter(|target| wanted(target)));
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
    let one_by_one = || -> Result<()> {
        while let Some(name) = next() {
            say::progress("Fuzzing", name);
            fuzz_target(name, &programs, &folder, options.runs)?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(one_by_one)).collect();
        let mut ends = workers.into_iter().map(ScopedJoinHandle::join);
        ends.try_for_each(|end| end.map_err(|_| anyhow!("a target was not run"))?)
    })
}

fn fuzz_target(name: &'static str, programs: &Path, folder: &Path, runs: u64) -> Result<()> {
    let executed = Target::new(name, programs, folder)?.run(runs)?;
    if executed < runs {
        bail!("{name} ran {executed} times, {runs} were asked for");
    }
    say::line(&format!("{name}: {executed} executions, nothing found"));
    Ok(())
}

/// A built target.
struct Target {
    name: &'static str,
    program: PathBuf,
    corpus: PathBuf,
    artifacts: PathBuf,
}

impl Target {
    fn new(name: &'static str, programs: &Path, folder: &Path) -> Result<Self> {
        let (corpus, artifacts) = (folder.join("corpus").join(name), folder.join("artifacts").join(name));
        // What an earlier run has found says nothing about this one.
        if artifacts.is_dir() {
            fs::remove_dir_all(&artifacts)?;
        }
        fs::create_dir_all(&corpus)?;
        fs::create_dir_all(&artifacts)?;
        Ok(Self { name, program: programs.join(name), corpus, artifacts })
    }

    /// Runs it so often at least, and says how often it was.
    fn run(&self, runs: u64) -> Result<u64> {
        let mut executed = 0;
        for _ in 0..MOST_STANDSTILLS {
            let mut command = self.command();
            command.arg(&self.corpus).arg(root().join("tests/hostile").join(self.name));
            command.arg(format!("-runs={}", runs - executed)).arg(format!("-max_len={LONGEST_BYTES}"));
            command.arg("-print_final_stats=1");
            let (status, report) = self.told(&mut command)?;
            executed += executions(&report).unwrap_or(0);
            if status.success() {
                return Ok(executed);
            }
            let Some(input) = self.took_too_long()? else { return Err(self.failure(status, &report)) };
            // Alone it has the time that it takes, and not what the machine took from it.
            let (status, report) = self.told(self.command().arg(&input))?;
            if !status.success() {
                return Err(self.failure(status, &report));
            }
            fs::remove_file(&input)?;
            if executed >= runs {
                return Ok(executed);
            }
        }
        bail!("{} stood still {MOST_STANDSTILLS} times: this machine has too little time for it", self.name)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(root()).arg(format!("-timeout={HANG_SECONDS}"));
        command.arg(format!("-artifact_prefix={}/", self.artifacts.display()));
        command
    }

    /// How a command ended, and what it said.
    fn told(&self, command: &mut Command) -> Result<(ExitStatus, String)> {
        let output = command.output().with_context(|| format!("{} cannot be started", self.name))?;
        Ok((output.status, String::from_utf8_lossy(&output.stderr).into_owned()))
    }

    /// The input that was under way when the time was over.
    fn took_too_long(&self) -> Result<Option<PathBuf>> {
        let found = fs::read_dir(&self.artifacts)?.filter_map(|entry| Some(entry.ok()?.path()));
        let is_timeout =
            |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(TIMEOUT));
        Ok(found.into_iter().find(is_timeout))
    }

    fn failure(&self, status: ExitStatus, report: &str) -> anyhow::Error {
        let end: Vec<&str> = report.lines().rev().take(30).collect();
        let end = end.into_iter().rev().collect::<Vec<_>>().join("\n");
        anyhow!("{} fails ({status}):\n{end}", self.name)
    }
}

/// libFuzzer is C++: finds a compiler, and installs Debian's where there is none.
///
/// # Errors
/// When there is none and we cannot install one; says what the person may do.
pub(crate) fn set_up_compiler() -> Result<()> {
    if !cfg!(target_os = "linux") {
        bail!("the fuzz targets are built on Linux only");
    }
    let is_there = || command::succeeds(Command::new("c++").arg("--version"));
    if !is_there() && apt::may_install() {
        apt::install(&["g++"])?;
    }
    if !is_there() {
        bail!(
            "the fuzz targets need a C++ compiler for libFuzzer: install one that is called `c++` (g++ or clang)"
        );
    }
    Ok(())
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
