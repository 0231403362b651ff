//! For everybody: by screen reader, by keyboard, on a small screen, in either theme.

use anyhow::{Context, Result, bail, ensure};
use end_to_end::{Damage, LaneSnapshot, Page, Setup, Theme, journey};
use fantoccini::key::Key;

const SIZES: [(u32, u32); 4] = [(1280, 900), (1600, 1000), (360, 740), (320, 640)];
/// More stops than any page should have before its Run button.
const MANY_STOPS: usize = 200;

/// axe-core in both themes and every size; every state of the page passes through here.
pub(crate) async fn clean(page: &Page, state: &str) -> Result<()> {
    for theme in [Theme::Light, Theme::Dark] {
        page.ask_for(theme).await?;
        for (width, height) in SIZES {
            page.resize(width, height).await?;
            let findings = page.accessibility_findings().await?;
            ensure!(
                findings.is_empty(),
                "{state}, {theme:?}, {width} px: {} findings\n{}",
                findings.len(),
                findings.join("\n")
            );
            let wide = page.execute("return document.documentElement.scrollWidth", Vec::new()).await?;
            ensure!(
                wide.as_u64() <= Some(width.into()),
                "{state}, {theme:?}: {wide} px wide on a screen of {width}"
            );
        }
    }
    page.resize(SIZES[0].0, SIZES[0].1).await
}

#[test]
fn axe_finds_nothing_on_the_comparison() -> Result<()> {
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        clean(&page, "recorded").await?;
        page.run_to_the_end().await?;
        clean(&page, "done").await?;
        page.share().await?;
        clean(&page, "share").await
    })
}

#[test]
fn axe_finds_nothing_on_the_models() -> Result<()> {
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        page.click("open-models").await?;
        clean(&page, "models").await
    })
}

#[test]
fn axe_finds_nothing_on_an_error() -> Result<()> {
    journey(Setup { requests_may_fail: true, ..Setup::default() }, async |stage| {
        stage.inflict(".gguf", Damage::NotFound);
        let page = stage.visit("").await?;
        page.run().await?;
        page.error().await?;
        clean(&page, "error").await
    })
}

/// As on a machine that is slow from the thirtieth token on: they come one in two seconds.
const SLOW: &str = r#"
    const post = self.postMessage.bind(self);
    const held = [];
    let tokens = 0;
    self.postMessage = (message, ...rest) => {
        const text = typeof message === "string" ? message : JSON.stringify(message) ?? "";
        if (text.includes('"token"')) tokens += 1;
        if (tokens < 30) post(message, ...rest);
        else held.push([message, rest]);
    };
    setInterval(() => {
        const next = held.shift();
        if (next) post(next[0], ...next[1]);
    }, 2000);
"#;

fn is_running(lane: &LaneSnapshot) -> bool {
    lane.state == "running" && !lane.output.is_empty()
}

#[test]
fn axe_finds_nothing_while_lanes_run() -> Result<()> {
    journey(Setup::default(), async |stage| {
        stage.inflict("worker.js", Damage::Prepended(SLOW));
        let page = stage.visit("").await?;
        page.run().await?;
        // The first may be done, and the last may have said nothing yet.
        let three_run = |lanes: &[LaneSnapshot]| lanes.iter().filter(|lane| is_running(lane)).count() >= 3;
        page.until_lanes("lanes run", three_run).await?;
        clean(&page, "running").await?;
        ensure!(page.lanes().await?.iter().any(is_running), "it has come to its end meanwhile");
        Ok(())
    })
}

/// What moves on the page by itself.
const MOVING: &str = r#"return document.getAnimations().filter(it => it.playState === "running").length"#;

#[test]
fn nothing_moves_for_those_who_ask_for_less_motion() -> Result<()> {
    journey(Setup::default(), async |stage| {
        stage.inflict(".gguf", Damage::Slow);
        let page = stage.visit("").await?;
        page.run().await?;
        page.until_lanes("lanes wait", |lanes| lanes.iter().any(|lane| lane.state == "waiting")).await?;
        page.prefer_less_motion(false).await?;
        ensure!(page.execute(MOVING, Vec::new()).await? != 0, "a lane that waits shows it");
        page.prefer_less_motion(true).await?;
        ensure!(page.execute(MOVING, Vec::new()).await? == 0, "something moves nevertheless");
        ensure!(page.lanes().await?.iter().any(|lane| lane.state == "waiting"), "no lane waits any more");
        Ok(())
    })
}

#[test]
fn axe_finds_nothing_on_what_was_stopped() -> Result<()> {
    journey(Setup::default(), async |stage| {
        let page = stage.visit("?engine=reference").await?;
        page.set("temperature", "2").await?;
        page.set("max-tokens", "400").await?;
        page.run().await?;
        page.until_lanes("a lane speaks", |lanes| lanes.iter().any(is_running)).await?;
        page.click("stop").await?;
        let lanes = page.until_ended().await?;
        ensure!(lanes.iter().any(|lane| lane.state == "stopped"), "{lanes:?}");
        clean(&page, "stopped").await
    })
}

#[test]
fn axe_finds_nothing_on_what_a_link_brings() -> Result<()> {
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        page.set("input", "My lamp is broken. Please help!").await?;
        let link = page.share().await?;
        let other = stage.open(&link).await?;
        other.find("put-aside").await?;
        clean(&other, "link opened").await
    })
}

#[test]
fn axe_finds_nothing_on_what_is_unfolded() -> Result<()> {
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        page.click_by(".settings .more > summary").await?;
        clean(&page, "more settings").await?;
        page.click_by(r#"[data-testid="diff"] > summary"#).await?;
        page.find("diff-text").await?;
        clean(&page, "diff open").await?;
        let lane = page.lanes().await?[0].clone();
        page.find_in(&lane, "lane-template").await?.click().await?;
        page.click_in(&lane, "add-example").await?;
        clean(&page, "prompt open").await
    })
}

#[test]
fn axe_finds_nothing_on_the_models_after_a_load() -> Result<()> {
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        page.run_to_the_end().await?;
        page.click("open-models").await?;
        clean(&page, "models after a load").await
    })
}

/// Walks on with Tab until the focus is on `testid`; every stop on the way must be visible.
async fn tab_to(page: &Page, testid: &str) -> Result<()> {
    let mut passed = Vec::new();
    for _ in 0..MANY_STOPS {
        page.press(Key::Tab).await?;
        let stop = page.execute(FOCUS, Vec::new()).await?;
        let (name, visible) = (stop["testid"].as_str().unwrap_or_default(), &stop["visible"]);
        ensure!(*visible == true, "the focus on {stop} cannot be seen");
        if name == testid {
            return Ok(());
        }
        passed.push(name.to_owned());
    }
    bail!("Tab does not come to {testid}, but to {passed:?}")
}

/// Where the focus is, and whether something shows it.
const FOCUS: &str = r"
    const at = document.activeElement;
    const style = getComputedStyle(at);
    const shown = element => {
        const style = getComputedStyle(element);
        return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
    };
    return {
        testid: at.dataset.testid ?? '',
        element: at.outerHTML.slice(0, 120),
        visible: at === document.body || shown(at) || (at.parentElement !== null && shown(at.parentElement)),
    };
";

#[test]
fn the_whole_journey_by_keyboard() -> Result<()> {
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        tab_to(&page, "input").await?;
        page.type_text("Hello! ").await?;
        tab_to(&page, "run").await?;
        page.press(Key::Enter).await?;
        page.until_done().await?;
        tab_to(&page, "lane-template").await?;
        page.type_text(" Thank you.").await?;
        let first = page.lanes().await?[0].clone();
        let template = page.value(&page.find_in(&first, "lane-template").await?).await?;
        ensure!(template.contains("Thank you."), "the template became {template:?}");
        tab_to(&page, "share").await?;
        page.press(Key::Enter).await?;
        let link = page.find("share-link").await.context("Enter on Share shows no link")?;
        ensure!(link.is_displayed().await?, "the link is not shown");
        Ok(())
    })
}
