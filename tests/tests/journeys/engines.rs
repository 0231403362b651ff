//! Engine and threads as the address asks for them: the same tokens, whichever runs.

use anyhow::{Context, Result, ensure};
use end_to_end::{LaneSnapshot, Page, Setup, Stage, default_scenario, journey, same_answer};

type Answers = Vec<(String, String, Option<u32>, Option<u32>, String, String)>;

/// Runs the lanes with and without dice, on what the address asks for and nothing else.
async fn answers(stage: &Stage, engine: &str, threads: u32) -> Result<[Answers; 2]> {
    let page = stage.visit(&format!("?engine={engine}&threads={threads}")).await?;
    let greedy = page.run_to_the_end().await?.iter().map(LaneSnapshot::result).collect();
    let expected_threads = if engine == "reference" { 1 } else { threads };
    runs_on(&page, engine, expected_threads).await?;
    page.set("temperature", "2").await?;
    page.set("seed", "11").await?;
    page.set("max-tokens", "40").await?;
    let dice = page.run_to_the_end().await?.iter().map(LaneSnapshot::result).collect();
    Ok([greedy, dice])
}

async fn runs_on(page: &Page, engine: &str, threads: u32) -> Result<()> {
    let of = async |name: &str| Ok::<_, anyhow::Error>(page.attribute_of("model-status", name).await?);
    let (runs, with) = (of("data-engine").await?, of("data-threads").await?);
    ensure!(runs.as_deref() == Some(engine), "{engine} was asked for, and {runs:?} runs");
    ensure!(with.as_deref() == Some(threads.to_string().as_str()), "{threads} threads, but {with:?} run");
    Ok(())
}

#[test]
fn every_cpu_engine_on_any_number_of_threads_gives_the_same_tokens() -> Result<()> {
    journey(Setup::default(), async |stage| {
        let first = answers(stage, "cpu-simd", 1).await?;
        for (engine, threads) in [("cpu-simd", 2), ("cpu-relaxed", 1), ("cpu-relaxed", 2)] {
            let other = answers(stage, engine, threads).await?;
            ensure!(other == first, "{engine} on {threads} threads: {other:?} instead of {first:?}");
        }
        ensure!(first[0] != first[1], "the dice change nothing");
        Ok(())
    })
}

#[test]
fn the_reference_gives_the_recorded_answers() -> Result<()> {
    let scenario = default_scenario()?;
    journey(Setup::default(), async |stage| {
        let page = stage.visit("?engine=reference").await?;
        let lanes = page.run_to_the_end().await?;
        runs_on(&page, "reference", 1).await?;
        let first = scenario.recorded.first().context("something is recorded")?;
        ensure!(same_answer(&lanes[first.lane].output, &first.output), "{:?}", lanes[first.lane]);
        ensure!(lanes.iter().all(|lane| lane.weights_sha256 == first.proof.weights_sha256), "{lanes:?}");
        Ok(())
    })
}

#[test]
fn an_engine_that_is_not_there_is_said_and_no_other_runs() -> Result<()> {
    for asked in ["gpu", "abacus"] {
        journey(Setup::default(), async |stage| {
            let page = stage.visit(&format!("?engine={asked}")).await?;
            page.run().await?;
            let lanes = page.until_ended().await?;
            ensure!(lanes.iter().all(|lane| lane.state == "failed"), "{lanes:?}");
            let (kind, text) = page.error().await?;
            ensure!(kind == "unsupported-browser" && text.contains(asked), "{kind}: {text}");
            Ok(())
        })?;
    }
    Ok(())
}
