//! Damaged files, broken connections, a crashing worker: each is said by name, nothing is lost, and
//! the next run is as good as any.

use anyhow::{Context, Result, ensure};
use end_to_end::{Damage, Page, Setup, Stage, journey};

const EDITED: &str = "Sort this ticket. {{input}}";

fn setup() -> Setup {
    Setup { requests_may_fail: true, ..Setup::default() }
}

/// An edited comparison that is worth keeping.
async fn edited(stage: &Stage) -> Result<Page> {
    let page = stage.visit("").await?;
    let first = page.lanes().await?[0].clone();
    page.write(&page.find_in(&first, "lane-template").await?, EDITED).await?;
    Ok(page)
}

/// The fault has its name, the comparison is whole, and the next run ends well.
async fn survives(stage: &Stage, page: &Page, kinds: &[&str]) -> Result<()> {
    let (kind, text) = page.error().await?;
    ensure!(kinds.contains(&kind.as_str()), "{kind} instead of {kinds:?}: {text}");
    ensure!(text.len() > kind.len() && !text.contains("panicked"), "the banner says {text:?}");
    stage.heal();
    let lanes = page.lanes().await?;
    let template = page.value(&page.find_in(&lanes[0], "lane-template").await?).await?;
    ensure!(template == EDITED, "the edit became {template:?}");
    let lanes = page.run_to_the_end().await.context("the run after the fault")?;
    ensure!(lanes.iter().all(|lane| !lane.output.is_empty()), "{lanes:?}");
    Ok(())
}

fn check(suffix: &'static str, damage: Damage, kinds: &[&str]) -> Result<()> {
    journey(setup(), async |stage| {
        stage.inflict(suffix, damage);
        let page = edited(stage).await?;
        page.run().await?;
        survives(stage, &page, kinds).await
    })
}

#[test]
fn half_a_model() -> Result<()> {
    check(".gguf", Damage::HalfTheFile, &["invalid-model"])
}

#[test]
fn a_model_that_is_something_else() -> Result<()> {
    check(".gguf", Damage::OtherStart(b"PK\x03\x04"), &["invalid-model"])
}

#[test]
fn a_model_that_claims_countless_tensors() -> Result<()> {
    check(".gguf", Damage::Overwritten { offset: 8, byte: 0xff, count: 8 }, &["invalid-model"])
}

#[test]
fn a_model_with_damaged_metadata() -> Result<()> {
    check(".gguf", Damage::Overwritten { offset: 24, byte: 0xff, count: 64 }, &["invalid-model"])
}

#[test]
fn an_error_page_for_a_model() -> Result<()> {
    check(".gguf", Damage::ErrorPage, &["invalid-model", "network"])
}

#[test]
fn no_model_at_all() -> Result<()> {
    check(".gguf", Damage::NotFound, &["network"])
}

#[test]
fn a_model_cut_short_by_the_connection() -> Result<()> {
    check(".gguf", Damage::CutShort, &["network"])
}

#[test]
fn half_an_adapter() -> Result<()> {
    check(".safetensors", Damage::HalfTheFile, &["invalid-adapter"])
}

#[test]
fn an_adapter_that_claims_an_endless_header() -> Result<()> {
    check(".safetensors", Damage::Overwritten { offset: 0, byte: 0x7f, count: 8 }, &["invalid-adapter"])
}

#[test]
fn an_error_page_for_an_adapters_configuration() -> Result<()> {
    check("adapter_config.json", Damage::ErrorPage, &["invalid-adapter", "network"])
}

#[test]
fn no_adapter_at_all() -> Result<()> {
    check(".safetensors", Damage::NotFound, &["network"])
}

/// In the middle of a run an error that nobody catches, as of a trap in WebAssembly, and from then
/// on silence.
const CRASH: &str = "
    const post = self.postMessage.bind(self);
    let tokens = 0;
    self.postMessage = (message, ...rest) => {
        const text = typeof message === 'string' ? message : JSON.stringify(message) ?? '';
        if (text.includes('\"token\"')) tokens += 1;
        if (tokens <= 4) post(message, ...rest);
        if (tokens === 5) setTimeout(() => { throw new WebAssembly.RuntimeError('unreachable'); });
    };
";

#[test]
fn a_worker_that_crashes_in_mid_run() -> Result<()> {
    check("worker.js", Damage::Prepended(CRASH), &["internal"])
}

/// In the middle of a run nothing more, and no error either.
const SILENCE: &str = "
    const post = self.postMessage.bind(self);
    let tokens = 0;
    self.postMessage = (message, ...rest) => {
        if (message?.type === 'token') tokens += 1;
        if (tokens <= 4) post(message, ...rest);
    };
";

#[test]
fn a_worker_that_falls_silent_in_mid_run() -> Result<()> {
    check("worker.js", Damage::Prepended(SILENCE), &["internal"])
}
