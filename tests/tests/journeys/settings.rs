//! Settings, links and the theme: what a person changes once for all lanes, and sends on.

use anyhow::{Context, Result, ensure};
use end_to_end::{Damage, LaneSnapshot, Page, Setup, Theme, default_scenario, journey};
use fantoccini::key::Key;

use super::lanes::{A_MOMENT, OWN_TEXT, SLOW, names, outputs, shows_recorded, until_count, until_focus};

#[test]
fn reset_brings_the_scenario_and_can_be_undone() -> Result<()> {
    let scenario = default_scenario()?;
    journey(Setup::default(), async |stage| {
        stage.inflict("worker.js", Damage::Prepended(SLOW));
        let page = stage.visit("").await?;
        let first = page.lanes().await?[0].clone();
        page.set_in(&first, "lane-name", "Mine").await?;
        page.set("temperature", "2").await?;
        page.run().await?;
        page.until_lanes("a lane runs", |lanes| lanes.iter().any(|lane| lane.state == "running")).await?;
        page.click("reset").await?;
        page.until_lanes("the scenario is back", |lanes| lanes[0].name == scenario.lanes[0].name).await?;
        shows_recorded(&page, &scenario, 0).await?;
        ensure!(page.value(&page.find("temperature").await?).await? == "0", "the dice stay hot");
        let words = page.text_of("put-aside").await?;
        ensure!(words.contains("This is the scenario as it opens"), "the banner says {words:?}");
        page.click("bring-back").await?;
        let back = page.until_lanes("it is undone", |lanes| lanes[0].name == "Mine").await?;
        ensure!(page.value(&page.find("temperature").await?).await? == "2", "the settings are lost");
        ensure!(back.len() == scenario.lanes.len() && !page.shows("put-aside").await?);
        page.click("reset").await?;
        page.click("dismiss-put-aside").await?;
        ensure!(!page.shows("put-aside").await?, "the banner stays");
        Ok(())
    })
}

/// Opens the settings that are folded away.
async fn more_settings(page: &Page) -> Result<()> {
    page.click_by(".settings .more > summary").await
}

#[test]
fn the_seed_decides_where_dice_are_thrown() -> Result<()> {
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        // Nothing that the model has an answer to, so that the dice decide.
        page.set("input", "Hello! Zebra, piano.").await?;
        page.set("temperature", "1").await?;
        page.set("seed", "7").await?;
        let seven: Vec<_> = page.run_to_the_end().await?.iter().map(LaneSnapshot::result).collect();
        page.set("seed", "8").await?;
        let eight: Vec<_> = page.run_to_the_end().await?.iter().map(LaneSnapshot::result).collect();
        ensure!(seven != eight, "another seed gives the same: {eight:?}");
        page.set("seed", "7").await?;
        let again: Vec<_> = page.run_to_the_end().await?.iter().map(LaneSnapshot::result).collect();
        ensure!(seven == again, "the same seed gives {again:?} instead of {seven:?}");
        Ok(())
    })
}

#[test]
fn every_setting_of_the_dice_has_its_effect() -> Result<()> {
    let scenario = default_scenario()?;
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        let greedy = page.run_to_the_end().await?;
        more_settings(&page).await?;
        // Each of these leaves only the most likely token, however hot the dice are.
        page.set("temperature", "2").await?;
        for (name, only_the_first, all) in [("top-k", "1", "0"), ("top-p", "0.01", "1"), ("min-p", "1", "0")]
        {
            page.set(name, only_the_first).await?;
            let ran = page.run_to_the_end().await?;
            ensure!(outputs(&ran) == outputs(&greedy), "{name}: {:?}", outputs(&ran));
            page.set(name, all).await?;
        }
        page.set("max-tokens", "20").await?;
        let hot = page.run_to_the_end().await?;
        ensure!(outputs(&hot) != outputs(&greedy), "heat changes nothing");
        page.set("temperature", "0").await?;
        page.set("max-tokens", "64").await?;

        page.set("repetition-penalty", "2").await?;
        let shy = page.run_to_the_end().await?;
        ensure!(outputs(&shy) != outputs(&greedy), "a penalty changes nothing");
        page.set("repetition-penalty", "1").await?;

        page.set("stop-texts", "\"priority\", \"tone\"").await?;
        page.find("input").await?.click().await?;
        for (lane, whole) in page.run_to_the_end().await?.iter().zip(&scenario.recorded) {
            let end = ["\"priority\"", "\"tone\""].iter().filter_map(|text| whole.output.find(text)).min();
            let expected = &whole.output[..end.context("every answer has one of them")?];
            ensure!(lane.output.trim() == expected.trim(), "{lane:?} is not {expected:?}");
            ensure!(lane.mark == "done, at stop text", "{lane:?}");
        }
        Ok(())
    })
}

#[test]
fn a_setting_out_of_range_is_brought_into_it() -> Result<()> {
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        for (name, typed, held) in [("temperature", "9", "2"), ("max-tokens", "0", "1"), ("seed", "-4", "0")]
        {
            page.set(name, typed).await?;
            page.press(Key::Tab).await?;
            let value = page.value(&page.find(name).await?).await?;
            ensure!(value == held, "{name} holds {value:?} instead of {held}");
        }
        Ok(())
    })
}

/// The theme that was asked for, and the colour behind everything.
async fn theme(page: &Page) -> Result<(String, String)> {
    let script = "return [document.documentElement.dataset.theme ?? '', getComputedStyle(document.body).backgroundColor]";
    let found = page.execute(script, Vec::new()).await?;
    let text = |at: usize| found[at].as_str().unwrap_or_default().to_owned();
    Ok((text(0), text(1)))
}

#[test]
fn the_theme_is_chosen_and_kept() -> Result<()> {
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        page.ask_for(Theme::Dark).await?;
        let (of_system, dark) = theme(&page).await?;
        page.click("theme").await?;
        let (light_name, light) = theme(&page).await?;
        page.click("theme").await?;
        let (dark_name, dark_again) = theme(&page).await?;
        ensure!((of_system.as_str(), light_name.as_str(), dark_name.as_str()) == ("", "light", "dark"));
        ensure!(light != dark && dark == dark_again, "{dark}, {light}, {dark_again}");
        let name = page.attribute_of("theme", "aria-label").await?;
        ensure!(name.as_deref() == Some("Theme: dark"), "the button is called {name:?}");
        page.ask_for(Theme::Light).await?;
        page.reload().await?;
        ensure!(theme(&page).await? == (dark_name, dark_again), "a reload forgets the theme");
        page.click("theme").await?;
        ensure!(theme(&page).await? == (String::new(), light), "the system's is not asked again");
        Ok(())
    })
}

/// The link as it stands in the panel, and the length that is shown.
async fn link_shown(page: &Page) -> Result<(String, String)> {
    let link = page.value(&page.find("share-link").await?).await?;
    let length =
        page.execute("return document.querySelector('.share-length').textContent", Vec::new()).await?;
    Ok((link, length.as_str().unwrap_or_default().to_owned()))
}

#[test]
fn the_link_is_short_and_is_copied() -> Result<()> {
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        page.allow_clipboard(&stage.address("")).await?;
        let unchanged = page.share().await?;
        until_focus(&page, "share-link").await?;
        let first = page.lanes().await?[0].clone();
        page.set_in(&first, "lane-template", "What is this about? {{input}}").await?;
        let (ordinary, length) = link_shown(&page).await?;
        ensure!(ordinary != unchanged, "the link does not follow an edit");
        ensure!(length == format!("{} characters", ordinary.len()), "{length:?} of {}", ordinary.len());
        ensure!(ordinary.len() < 300, "an ordinary link has {} characters", ordinary.len());
        for (number, lane) in page.lanes().await?.iter().enumerate() {
            let system = format!("Prompt {number}: answer in one word, and in capitals.");
            page.set_in(lane, "lane-system", &system).await?;
            page.set_in(lane, "lane-name", &format!("Lane number {number}")).await?;
        }
        page.set("input", OWN_TEXT).await?;
        let (long, length) = link_shown(&page).await?;
        ensure!(length == format!("{} characters", long.len()), "{length:?} of {}", long.len());
        ensure!(long.len() < 1200, "a link of five edited lanes has {} characters", long.len());

        page.click("copy-link").await?;
        let is_copied = "return document.querySelector('.share-copied').textContent === 'Copied'";
        page.until_script("it says that it is copied", is_copied, Vec::new()).await?;
        let read = "navigator.clipboard.readText().then(arguments[0], error => arguments[0](String(error)))";
        let copied = page.execute_async(read, Vec::new()).await?;
        ensure!(copied == *long, "the clipboard holds {copied}");

        page.find("share-link").await?.click().await?;
        page.press(Key::Escape).await?;
        page.until_script(
            "Escape closes the panel",
            r#"return !document.querySelector('[data-testid="share-link"]')"#,
            Vec::new(),
        )
        .await?;
        until_focus(&page, "share").await?;

        page.share().await?;
        page.click("open-models").await?;
        ensure!(!page.shows("share-link").await?, "the panel stays on another page");
        Ok(())
    })
}

#[test]
fn outputs_travel_only_when_they_are_ticked() -> Result<()> {
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        page.set("input", OWN_TEXT).await?;
        let ran = page.run_to_the_end().await?;
        let bare = page.share().await?;
        page.click("share-outputs").await?;
        let (full, _) = link_shown(&page).await?;
        ensure!(full.len() > bare.len(), "the outputs add nothing to the link");

        let other = stage.open(&bare).await?;
        let lanes = other.lanes().await?;
        ensure!(lanes.iter().all(|lane| lane.state == "empty" && lane.output.is_empty()), "{lanes:?}");
        let other = stage.open(&full).await?;
        let lanes = other.lanes().await?;
        ensure!(outputs(&lanes) == outputs(&ran), "{:?} arrive", outputs(&lanes));
        let is_marked = |lane: &LaneSnapshot| lane.state == "recorded" && lane.mark == "sent with the link";
        ensure!(lanes.iter().all(is_marked), "{lanes:?}");
        ensure!(
            lanes.iter().all(|lane| lane.weights_sha256.is_empty()),
            "sent outputs claim a proof: {lanes:?}"
        );
        Ok(())
    })
}

#[test]
fn a_link_says_what_it_will_run_and_gives_back_what_was_there() -> Result<()> {
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        let lanes = page.lanes().await?;
        page.click_in(&lanes[2], "lane-remove").await?;
        page.select(&lanes[4], "lane-adapter", "polite-reply").await?;
        page.set("input", OWN_TEXT).await?;
        let link = page.share().await?;

        let other = stage.visit("").await?;
        let theirs = other.lanes().await?;
        other.set_in(&theirs[0], "lane-name", "Theirs").await?;
        tokio::time::sleep(A_MOMENT).await;
        other.goto(&link).await?;
        let words = other.text_of("put-aside").await?;
        for expected in
            ["4 lanes", "Desk 5M", "“House-style reply”", "“Triage, 10,000 tickets”", "Nothing has run"]
        {
            ensure!(words.contains(expected), "{expected} is not in {words:?}");
        }
        other.resize(360, 740).await?;
        let height = r#"return document.querySelector('[data-testid="put-aside"]').offsetHeight"#;
        let height = other.execute(height, Vec::new()).await?;
        ensure!(height.as_u64() < Some(250), "on a phone the banner is {height} px high");
        other.resize(1280, 900).await?;
        ensure!(other.lanes().await?.len() == 4, "{}", other.summary().await?);
        ensure!(stage.weights_requested().is_empty(), "opening a link downloads something");
        other.click("bring-back").await?;
        let back = until_count(&other, 5).await?;
        ensure!(back[0].name == "Theirs" && !other.shows("put-aside").await?, "{:?}", names(&back));
        // What was brought back stays, also over a reload.
        tokio::time::sleep(A_MOMENT).await;
        other.reload().await?;
        ensure!(other.lanes().await?[0].name == "Theirs", "{}", other.summary().await?);
        Ok(())
    })
}
