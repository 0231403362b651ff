//! The command line: `cargo xtask VERB`.

use std::process::ExitCode;

use anyhow::{Result, bail};
use lexopt::prelude::{Long, Short, Value, ValueExt};
use xtask::{
    bench,
    build::{self, Profile},
    fuzz, say,
    serve::{self, Serve},
    size, test,
};

const HELP: &str = "\
cargo xtask VERB

  serve       set up, build and serve the playground on http://localhost:8080
                --port N         another port
                --dev            quick to build, slow to run
                --watch          build again when a source changes
                --no-isolation   without COOP and COEP, as a plain static host would
  build       write the static site to dist/
                --dev            quick to build, slow to run
  test        set up and run every test
                --quick          the subset for every day
                --only STEP      one step of it; `--only list` names them
  bench       time the engine in a browser
                --peers          beside wllama, Flare and candle (npm and the network are needed)
                --rounds N       how often fresh browsers are started
                --model M        only this one: Q8_0, Q4_0 or Q4_K_M (random weights), or default
                --threads N      threads of each contender
                --no-vnni        without the processor's dot products
                --against DIR    beside an earlier build: a copy that was made of target/bench/site
  fuzz        feed everything that is read from outside with damaged files
                --runs N         executions of each target (1,000,000)
                --target NAME    only this one
  size        print what a visitor downloads, and fail where it is too much
  screenshot  write docs/compare.png from the real page
";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say::complaint(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let mut arguments = lexopt::Parser::from_env();
    let mut verb = None;
    let mut profile = Profile::Release;
    let mut serve = Serve::default();
    let mut test = test::Options::default();
    let mut bench = bench::Options::default();
    let mut fuzz = fuzz::Options::default();
    while let Some(argument) = arguments.next()? {
        match argument {
            Short('h') | Long("help") => verb = Some("help".to_owned()),
            Long("dev") => profile = Profile::Dev,
            Long("release") => profile = Profile::Release,
            Long("port") => serve.port = arguments.value()?.parse()?,
            Long("watch") => serve.watch = true,
            Long("no-isolation") => serve.isolation = false,
            Long("quick") => test.quick = true,
            Long("peers") => bench.peers = true,
            Long("rounds") => bench.rounds = arguments.value()?.parse()?,
            Long("model") => bench.models.push(arguments.value()?.string()?),
            Long("threads") => bench.threads = arguments.value()?.parse()?,
            Long("no-vnni") => bench.no_vnni = true,
            Long("against") => bench.against = Some(arguments.value()?.into()),
            Long("runs") => fuzz.runs = arguments.value()?.parse()?,
            Long("target") => fuzz.target = Some(arguments.value()?.string()?),
            Long("only") => test.only.push(arguments.value()?.string()?),
            Value(word) if verb.is_none() => verb = Some(word.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    match verb.as_deref() {
        Some("serve") => serve::serve(&Serve { profile, ..serve }),
        Some("build") => build::build(profile).map(|_| ()),
        Some("test") => test::test(&test),
        Some("bench") => bench::bench(&bench),
        Some("fuzz") => fuzz::fuzz(&fuzz),
        Some("size") => size::size(),
        Some("screenshot") => test::screenshot(),
        None | Some("help") => {
            say::line(HELP);
            Ok(())
        }
        Some(other) => bail!("there is no verb `{other}`; `cargo xtask help` lists them"),
    }
}
