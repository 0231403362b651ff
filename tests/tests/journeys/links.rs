//! Links that are damaged, endless or hostile open the page all the same.

use anyhow::{Result, ensure};
use end_to_end::{Setup, journey};

fn check(fragment: &str) -> Result<()> {
    journey(Setup::default(), async |stage| {
        let page = stage.visit(fragment).await?;
        let (_, text) = page.error().await?;
        ensure!(!text.is_empty() && !text.contains("panicked"), "the banner says {text:?}");
        ensure!(page.lanes().await?.len() == 5, "the default comparison is not there");
        ensure!(stage.weights_requested().is_empty(), "a damaged link downloads something");
        Ok(())
    })
}

#[test]
fn a_link_that_is_no_base64() -> Result<()> {
    check("#v1.%%%%")
}

#[test]
fn a_link_that_was_cut() -> Result<()> {
    check("#v1.q1YqSy0qzszPU7JSKi0u")
}

#[test]
fn a_link_of_a_version_to_come() -> Result<()> {
    check("#v999.q1YqSy0qzszPU7JSKi0u")
}

#[test]
fn a_link_that_is_too_long() -> Result<()> {
    check(&format!("#v1.{}", "A".repeat(70 * 1024)))
}
