//! The page and the engine start on any static host; what stands in their way is said by name, and at once.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use end_to_end::{Damage, Setup, journey};

/// Long before the page would take silence for an answer.
const AT_ONCE: Duration = Duration::from_secs(15);

fn setup() -> Setup {
    Setup { requests_may_fail: true, ..Setup::default() }
}

/// An engine that does not start, or dies, is said at once, and the next run is as good as any.
fn check_engine(suffix: &'static str, damage: Damage, kind: &str) -> Result<()> {
    journey(setup(), async |stage| {
        let page = stage.visit("").await?;
        stage.inflict(suffix, damage);
        let pressed = Instant::now();
        page.run().await?;
        let (said, text) = page.error().await?;
        ensure!(said == kind, "{said} instead of {kind}: {text}");
        ensure!(pressed.elapsed() < AT_ONCE, "that took {:?}: {text}", pressed.elapsed());
        stage.heal();
        let lanes = page.run_to_the_end().await.context("the run after the fault")?;
        ensure!(lanes.iter().all(|lane| !lane.output.is_empty()), "{lanes:?}");
        Ok(())
    })
}

#[test]
fn no_engine() -> Result<()> {
    check_engine("engine-relaxed_bg.wasm", Damage::NotFound, "network")
}

#[test]
fn half_an_engine() -> Result<()> {
    check_engine("engine-relaxed_bg.wasm", Damage::HalfTheFile, "network")
}

#[test]
fn no_glue_for_the_engine() -> Result<()> {
    check_engine("engine-relaxed.js", Damage::NotFound, "network")
}

#[test]
fn no_worker() -> Result<()> {
    check_engine("worker.js", Damage::NotFound, "network")
}

/// In the middle of a run a trap in a task, which is a promise that nobody waits for, and from then on silence.
const TRAP: &str = "
    const post = self.postMessage.bind(self);
    let tokens = 0;
    self.postMessage = (message, ...rest) => {
        if (message?.type === 'token') tokens += 1;
        if (tokens <= 4 || message?.type === 'crashed') post(message, ...rest);
        if (tokens === 5) Promise.reject(new WebAssembly.RuntimeError('unreachable'));
    };
";

#[test]
fn a_trap_in_a_task() -> Result<()> {
    check_engine("worker.js", Damage::Prepended(TRAP), "internal")
}

#[test]
fn a_host_that_does_not_know_webassembly() -> Result<()> {
    journey(Setup::default(), async |stage| {
        stage.inflict(".wasm", Damage::OfType("application/octet-stream"));
        let lanes = stage.visit("").await?.run_to_the_end().await?;
        ensure!(lanes.iter().all(|lane| !lane.output.is_empty()), "{lanes:?}");
        Ok(())
    })
}

/// Keeps what the bar says each time that it changes: stage, percentage, words.
const WATCH_THE_BAR: &str = r#"
    const status = document.querySelector('[data-testid="progress"]');
    window.told = [];
    new MutationObserver(() => {
        const bar = status.querySelector("progress");
        if (bar) told.push([status.dataset.stage, bar.value, bar.max, status.innerText]);
    }).observe(status, { attributes: true, childList: true, characterData: true, subtree: true });
"#;

#[test]
fn the_bar_shows_how_far_a_load_is() -> Result<()> {
    journey(Setup::default(), async |stage| {
        stage.inflict(".gguf", Damage::Slow);
        let page = stage.visit("").await?;
        page.execute(WATCH_THE_BAR, Vec::new()).await?;
        page.run_to_the_end().await?;
        let told: Vec<(String, u32, u32, String)> =
            serde_json::from_value(page.execute("return told", Vec::new()).await?)?;
        ensure!(!told.is_empty(), "there was no bar");
        // The model comes first; the adapters begin anew.
        let total =
            |it: &(String, u32, u32, String)| it.3.split_once(" of ").map(|(_, total)| total.to_owned());
        let of_model: Vec<_> =
            told.iter().filter(|it| it.0 == "downloading" && total(it) == total(&told[0])).collect();
        ensure!(of_model.len() >= 5, "it was shown too seldom: {told:?}");
        ensure!(of_model.iter().all(|it| it.1 <= it.2 && it.2 == 100), "{told:?}");
        ensure!(of_model.windows(2).all(|pair| pair[0].1 <= pair[1].1), "it went backwards: {told:?}");
        let (first, last) = (of_model[0], of_model[of_model.len() - 1]);
        ensure!(first.1 < 30 && last.1 > 70, "{told:?}");
        ensure!(
            of_model.iter().all(|it| it.3.starts_with("Downloading") && it.3.contains(" of ")),
            "{told:?}"
        );
        ensure!(
            !page.execute(HAS_BAR, Vec::new()).await?.as_bool().unwrap_or(true),
            "it stays when all is done"
        );
        Ok(())
    })
}

/// Whether there is a bar still.
const HAS_BAR: &str = r#"return !!document.querySelector('[data-testid="progress"] progress')"#;

/// A page that does not start says so, and comes when it is loaded again.
fn check_page(suffix: &'static str, damage: Damage) -> Result<()> {
    journey(setup(), async |stage| {
        stage.inflict(suffix, damage);
        let page = stage.visit_in_vain().await?;
        let (kind, text) = page.error().await?;
        ensure!(kind == "network" && text.contains("did not start"), "{kind}: {text}");
        stage.heal();
        page.reload().await
    })
}

#[test]
fn a_page_whose_module_is_cut_short() -> Result<()> {
    check_page("app_bg.wasm", Damage::HalfTheFile)
}

#[test]
fn a_page_whose_glue_does_not_come() -> Result<()> {
    check_page("app.js", Damage::NotFound)
}
