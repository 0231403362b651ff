//! What people write stays theirs: through links, reloads, other tabs and other bases.

use anyhow::{Context, Result, ensure};
use end_to_end::{LaneSnapshot, Page, Setup, journey};

use crate::{
    architectures::{model, write},
    sources::{choose, other_model, until_stored},
    support::Value,
};

/// Writes a text into a field at once, as a paste does; keys take long.
const PASTE: &str = r#"
    const field = document.querySelector(`[data-testid="${arguments[0]}"]`);
    field.value = arguments[1];
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
"#;

async fn paste(page: &Page, testid: &str, text: &str) -> Result<()> {
    page.execute(PASTE, vec![testid.into(), text.into()]).await.map(|_| ())
}

/// Waits until the input is `text`.
async fn until_input(page: &Page, text: &str) -> Result<()> {
    let script = r#"return document.querySelector('[data-testid="input"]').value === arguments[0]"#;
    page.until_script(&format!("the input is {text:?}"), script, vec![text.into()]).await
}

/// A link to a comparison with that input, as another person makes it.
async fn link(page: &Page, input: &str) -> Result<String> {
    paste(page, "input", input).await?;
    let link = page.share().await?;
    page.click("share").await?;
    Ok(link)
}

async fn remark(page: &Page, lane: &LaneSnapshot) -> Result<String> {
    Ok(page.find_in(lane, "lane-remark").await?.text().await?)
}

#[test]
fn what_gave_way_to_a_link_comes_back_after_a_reload_and_a_second_link() -> Result<()> {
    journey(Setup::default(), async |stage| {
        let other = stage.visit("").await?;
        let (first, second) = (link(&other, "the first").await?, link(&other, "the second").await?);
        let page = stage.visit("").await?;
        paste(&page, "input", "mine").await?;
        page.goto(&first).await?;
        until_input(&page, "the first").await?;
        page.reload().await?;
        until_input(&page, "the first").await?;
        ensure!(page.shows("put-aside").await?, "nothing says what gave way");
        page.goto(&second).await?;
        until_input(&page, "the second").await?;
        page.reload().await?;
        page.click("bring-back").await?;
        until_input(&page, "mine").await?;
        ensure!(!page.shows("put-aside").await?, "there is more to bring back");
        page.reload().await?;
        until_input(&page, "mine").await
    })
}

#[test]
fn two_tabs_keep_their_own() -> Result<()> {
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        paste(&page, "input", "one").await?;
        let tab = page.new_tab(&stage.address("")).await?;
        until_input(&tab, "one").await?;
        paste(&tab, "input", "two").await?;
        page.show_tab(0).await?;
        page.reload().await?;
        until_input(&page, "one").await?;
        page.show_tab(1).await?;
        tab.reload().await?;
        until_input(&tab, "two").await
    })
}

#[test]
fn long_texts_come_back_whole() -> Result<()> {
    let (name, long) = ("é".repeat(80), "A ticket, länger. ".repeat(1_500));
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        paste(&page, "input", &long).await?;
        paste(&page, "lane-name", &name).await?;
        page.reload().await?;
        until_input(&page, &long).await?;
        ensure!(page.lanes().await?[0].name == name, "the name became shorter");
        let other = stage.open(&page.share().await?).await?;
        until_input(&other, &long).await
    })
}

/// Text that does not get much shorter.
fn noise(length: usize) -> String {
    let next = |state: &u32| Some(state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    let states = std::iter::successors(Some(1_u32), next);
    states.map(|state| char::from(b'!' + (state >> 24) as u8 % 90)).take(length).collect()
}

#[test]
fn a_comparison_that_no_link_can_hold_is_said_and_not_copied() -> Result<()> {
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        paste(&page, "input", &noise(99_000)).await?;
        page.click("share").await?;
        let problem = page.text_of("share-problem").await?;
        ensure!(problem.contains("64 KiB"), "the panel says {problem:?}");
        let disabled = page.attribute_of("copy-link", "disabled").await?;
        ensure!(disabled.is_some(), "a link that nobody can open can be copied");
        paste(&page, "input", "short").await?;
        let is_there =
            r##"return document.querySelector('[data-testid="share-link"]').value.includes("#v")"##;
        page.until_script("there is a link again", is_there, Vec::new()).await?;
        ensure!(!page.shows("share-problem").await?, "the panel goes on complaining");
        Ok(())
    })
}

#[test]
fn another_base_has_no_recordings_and_makes_answers_old() -> Result<()> {
    let (file, _) = other_model()?;
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        page.write(&page.find("max-tokens").await?, "3").await?;
        let before = page.run_to_the_end().await?;
        page.click("open-models").await?;
        choose(&page, "model-file", &[file]).await?;
        until_stored(&page, 1).await?;
        page.click("open-compare").await?;
        let stale = r#"return document.querySelectorAll('[data-testid="lane"][data-stale]').length"#;
        let stale = page.execute(stale, Vec::new()).await?;
        ensure!(stale == before.len(), "{stale} answers are old, not {}", before.len());
        let text = page.text().await?;
        ensure!(text.contains("from another base model"), "nothing says why");
        page.click("reset").await?;
        let lanes = page.lanes().await?;
        ensure!(lanes.iter().all(|lane| lane.state == "empty"), "recordings of another base: {lanes:?}");
        page.run().await?;
        for lane in page.until_ended().await? {
            let remark = remark(&page, &lane).await?;
            ensure!(!remark.contains("recording"), "{} is compared with another base: {remark}", lane.name);
        }
        Ok(())
    })
}

/// Refuses a system role, as some models' own do.
const NO_SYSTEM: &str = "{% for message in messages %}{% if message.role == 'system' %}\
    {{ raise_exception('System role not supported') }}{% endif %}\
    {{ '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}{% endfor %}\
    {% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

#[test]
fn a_system_text_that_a_model_has_no_role_for_is_said() -> Result<()> {
    let mut file = model("llama-Q8_0")?;
    file.set("tokenizer.chat_template", Value::Text(NO_SYSTEM.to_owned()));
    let files = write(&[("no-system.gguf".to_owned(), file.bytes())])?;
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        page.click("open-models").await?;
        choose(&page, "model-file", &files).await?;
        until_stored(&page, 1).await?;
        page.click("open-compare").await?;
        page.write(&page.find("max-tokens").await?, "3").await?;
        let is_base = |lane: &LaneSnapshot| lane.weights == "base";
        let first = page.lanes().await?.into_iter().find(is_base).context("a lane is on the base")?;
        page.write(&page.find_in(&first, "lane-system").await?, "Be brief.").await?;
        page.run().await?;
        let lanes = page.until_ended().await?;
        let lane = lanes.iter().find(|lane| lane.id == first.id).context("the lane is still there")?;
        ensure!(lane.state == "done", "{lane:?} has not come to its end");
        let remark = remark(&page, lane).await?;
        ensure!(remark.contains("no system role"), "the lane says {remark:?}");
        Ok(())
    })
}
