//! What is measured; runs alone.

use anyhow::{Context, Result, ensure};
use end_to_end::{Page, Setup, journey};
use xtask::say;

const FIRST_TOKEN_LIMIT_MS: f64 = 3000.0;
const LAYOUT_SHIFT_LIMIT: f64 = 0.02;

/// Presses Run as soon as it can be pressed, and tells when the first token of a run can be seen:
/// in milliseconds since the page was asked for.
const FIRST_TOKEN: &str = r#"
    const done = arguments[arguments.length - 1];
    const lanes = () => [...document.querySelectorAll('[data-testid="lane"]')];
    const speaks = lane => ['running', 'done'].includes(lane.dataset.state)
        && lane.querySelector('[data-testid="lane-output"]').innerText.trim() !== '';
    let pressed = false;
    const look = () => {
        const run = document.querySelector('[data-testid="run"]');
        if (!pressed && run && !run.disabled) { pressed = true; run.click(); }
        if (pressed && lanes().some(speaks)) done(performance.now());
        else setTimeout(look, 4);
    };
    look();
"#;

async fn first_token_ms(page: &Page) -> Result<f64> {
    page.execute_async(FIRST_TOKEN, Vec::new()).await?.as_f64().context("a time is a number")
}

#[test]
fn a_cold_page_speaks_within_three_seconds() -> Result<()> {
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        let elapsed_ms = first_token_ms(&page).await?;
        say::line(&format!("cold page to first token: {elapsed_ms:.0} ms"));
        ensure!(elapsed_ms < FIRST_TOKEN_LIMIT_MS, "the first token took {elapsed_ms:.0} ms");
        page.until_done().await.map(|_| ())
    })
}

fn check_layout(width: u32, height: u32) -> Result<()> {
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        page.resize(width, height).await?;
        let before = page.layout_shift().await?;
        page.run_to_the_end().await?;
        let shift = page.layout_shift().await? - before;
        say::line(&format!("layout shift of a run at {width} px: {shift:.4}"));
        ensure!(shift < LAYOUT_SHIFT_LIMIT, "the layout shifts by {shift:.4} during a run");
        Ok(())
    })
}

#[test]
fn nothing_moves_during_a_run() -> Result<()> {
    check_layout(1280, 900)
}

#[test]
fn nothing_moves_during_a_run_on_a_phone() -> Result<()> {
    check_layout(360, 740)
}
