//! The same site as other hosts serve it.

use anyhow::{Result, ensure};
use end_to_end::{Setup, default_scenario, journey, same_answer};
use xtask::build::Isolation;

/// Runs the default lanes and finds the recorded answers.
fn check(path: &'static str, isolation: Isolation) -> Result<()> {
    let scenario = default_scenario()?;
    journey(Setup { path, isolation, ..Setup::default() }, async |stage| {
        let page = stage.visit("").await?;
        let isolated = page.execute("return crossOriginIsolated", Vec::new()).await?;
        ensure!(isolated == (isolation == Isolation::On), "crossOriginIsolated is {isolated}");
        let lanes = page.run_to_the_end().await?;
        let threads = page.attribute_of("model-status", "data-threads").await?;
        let one = threads.as_deref() == Some("1");
        ensure!(one || isolation == Isolation::On, "{threads:?} threads without shared memory");
        ensure!(!scenario.recorded.is_empty(), "nothing is recorded");
        for recorded in scenario.recorded.iter().filter(|recorded| recorded.input == 0) {
            let lane = &lanes[recorded.lane];
            ensure!(same_answer(&lane.output, &recorded.output), "{lane:?} is not {}", recorded.output);
        }
        Ok(())
    })
}

#[test]
fn without_isolation() -> Result<()> {
    check("/", Isolation::Off)
}

#[test]
fn below_another_path() -> Result<()> {
    check("/some/where/", Isolation::On)
}

#[test]
fn below_another_path_without_isolation() -> Result<()> {
    check("/~somebody/", Isolation::Off)
}
