//! For everybody: by screen reader, by keyboard, on a small screen, in either theme.

use anyhow::{Context, Result, bail, ensure};
use end_to_end::{Page, Setup, Theme, journey};
use fantoccini::key::Key;

const SIZES: [(u32, u32); 3] = [(1280, 900), (360, 740), (320, 640)];
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
        stage.inflict(".gguf", end_to_end::Damage::NotFound);
        let page = stage.visit("").await?;
        page.run().await?;
        page.error().await?;
        clean(&page, "error").await
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
