//! Models that have no chat template, or a broken one, or that think before they answer.

use anyhow::{Context, Result, ensure};
use end_to_end::{LaneSnapshot, Page, Setup, journey};

use crate::{
    accessibility::clean,
    architectures::{model, write},
    scripted::script,
    sources::{choose, until_stored},
    support::{Gguf, IM_END, Value},
};

/// In the manner of Qwen3's: an empty thought where none is wanted.
const THINKS: &str = "{% for message in messages %}{{ '<|im_start|>' + message.role + '\n' + message.content + \
    '<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}\
    {% if not enable_thinking %}{{ '<think>\n\n</think>\n\n' }}{% endif %}{% endif %}";

/// Brings a model from disk, and waits until it is loaded.
async fn bring(page: &Page, name: &str, file: &Gguf) -> Result<()> {
    page.click("open-models").await?;
    choose(page, "model-file", &write(&[(format!("{name}.gguf"), file.bytes())])?).await?;
    until_stored(page, 1).await
}

/// The first lane on the base: those on the page's own adapters do not fit another base.
async fn on_base(page: &Page) -> Result<LaneSnapshot> {
    let lanes = page.lanes().await?;
    lanes.into_iter().find(|lane| lane.weights == "base").context("a lane is on the base")
}

async fn until_state(page: &Page, state: &str) -> Result<LaneSnapshot> {
    let is_there = |lane: &LaneSnapshot| lane.weights == "base" && lane.state == state;
    page.until_lanes(&format!("a lane is {state}"), |lanes| lanes.iter().any(is_there)).await?;
    on_base(page).await
}

async fn set_max_tokens(page: &Page, count: &str) -> Result<()> {
    page.write(&page.find("max-tokens").await?, count).await
}

/// The text of a part of a lane; nothing where it is not there.
async fn text_in(page: &Page, lane: &LaneSnapshot, testid: &str) -> Result<Option<String>> {
    let script = "return document.querySelector(`[data-lane-id='${arguments[0]}'] ${arguments[1]}`)?.innerText ?? null";
    let found = page.execute(script, vec![lane.id.clone().into(), testid.into()]).await?;
    Ok(found.as_str().map(str::to_owned))
}

/// Asks for a format once, runs in it, and runs in it again after the page was loaded anew.
async fn asks_and_runs(page: &Page, reason: &str) -> Result<()> {
    ensure!(page.shows("format-sheet").await?, "the page of models does not ask");
    clean(page, "asking on the page of models").await?;
    page.click("open-compare").await?;
    set_max_tokens(page, "3").await?;
    let ask = page.text_of("format-ask").await?;
    ensure!(ask.contains(reason), "it asks {ask:?}");
    page.run().await?;
    until_state(page, "waiting").await?;
    page.until_script("it waits for a person", WAITS, Vec::new()).await?;
    clean(page, "asking on the comparison").await?;
    page.click("format-gemma").await?;
    let first = until_state(page, "done").await?;
    ensure!(!page.shows("format-ask").await?, "it asks again");
    page.reload().await?;
    ensure!(!page.shows("format-ask").await?, "it has forgotten the answer");
    page.run().await?;
    let again = until_state(page, "done").await?;
    ensure!(again.result() == first.result(), "{again:?} is not {first:?}");
    page.click("open-models").await?;
    page.click("format-plain").await?;
    page.click("open-compare").await?;
    let stale = page.execute(STALE, vec![again.id.clone().into()]).await?;
    ensure!(stale == true, "another format leaves the answer as it is");
    page.run().await?;
    let other = until_state(page, "done").await?;
    ensure!(other.prompt_tokens != again.prompt_tokens, "{other:?} was asked as before");
    Ok(())
}

const WAITS: &str = r#"
    return document.querySelector('[data-testid="progress"]').innerText.includes("Waiting for a chat format");
"#;

const STALE: &str =
    "return document.querySelector(`[data-lane-id='${arguments[0]}']`).hasAttribute('data-stale')";

#[test]
fn a_model_without_a_template_asks_which_format_it_is_asked_in() -> Result<()> {
    let mut file = model("llama-Q8_0")?;
    file.remove("tokenizer.chat_template");
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        bring(&page, "no-template", &file).await?;
        asks_and_runs(&page, "no chat template").await
    })
}

#[test]
fn a_broken_template_is_named_and_the_same_formats_are_offered() -> Result<()> {
    let mut file = model("llama-Q4_0")?;
    file.set("tokenizer.chat_template", Value::Text("{{ messages | no_such_filter }}".to_owned()));
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        bring(&page, "broken-template", &file).await?;
        asks_and_runs(&page, "no_such_filter").await
    })
}

/// A qwen3 that says `words`.
fn saying(words: &[&str]) -> Result<Gguf> {
    let mut file = model("qwen3-F32")?;
    file.set("tokenizer.chat_template", Value::Text(THINKS.to_owned()));
    let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
    script(&mut file, &words, IM_END);
    Ok(file)
}

#[test]
fn thoughts_are_folded_above_the_answer() -> Result<()> {
    let file = saying(&["<think>", "\nLet me", " see.", "\n</think>", "\n\n", "{\"a\":", "1}"])?;
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        ensure!(!page.shows("thinking").await?, "the default model cannot think");
        bring(&page, "thinks", &file).await?;
        page.click("open-compare").await?;
        let switch = page.find("thinking").await?;
        ensure!(!switch.is_selected().await?, "thinking is on by itself");
        let placed = on_base(&page).await?;
        switch.click().await?;
        ensure!(text_in(&page, &placed, ".lane-thought-none").await?.is_some(), "the fold has no place");
        let shift = page.layout_shift().await?;
        page.run().await?;
        let lane = until_state(&page, "done").await?;
        ensure!(page.layout_shift().await? - shift < 0.02, "the thought moves the page");
        ensure!(lane.output == "{\n  \"a\": 1\n}", "the answer is {:?}", lane.output);
        ensure!(lane.output_tokens == Some(7), "{lane:?}");
        let fold = text_in(&page, &lane, "[data-testid=lane-thought] summary").await?;
        ensure!(fold.as_deref() == Some("Thoughts, 4 tokens"), "the fold says {fold:?}");
        ensure!(!page.shows("lane-thought-text").await?, "the fold is open");
        clean(&page, "thoughts folded").await?;
        page.find_in(&lane, "lane-thought").await?.click().await?;
        let thought = text_in(&page, &lane, "[data-testid=lane-thought-text]").await?;
        ensure!(thought.as_deref() == Some("Let me see."), "the thought is {thought:?}");
        clean(&page, "thoughts open").await?;
        let link = page.share().await?;
        page.reload().await?;
        ensure!(page.find("thinking").await?.is_selected().await?, "the journal forgets about thinking");
        let other = stage.open(&link).await?;
        ensure!(other.find("thinking").await?.is_selected().await?, "the link forgets about thinking");
        Ok(())
    })
}

#[test]
fn a_thought_that_was_cut_leaves_no_answer() -> Result<()> {
    let file = saying(&["<think>", "\nWell", ", well", ", well.", "</think>", "No."])?;
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        bring(&page, "cut", &file).await?;
        page.click("open-compare").await?;
        page.click("thinking").await?;
        set_max_tokens(&page, "3").await?;
        page.run().await?;
        let lane = until_state(&page, "done").await?;
        ensure!(lane.output.is_empty(), "the answer is {:?}", lane.output);
        let fold = text_in(&page, &lane, "[data-testid=lane-thought] summary").await?;
        ensure!(fold.as_deref() == Some("Thoughts, cut off after 3 tokens"), "the fold says {fold:?}");
        let asked = lane.prompt_tokens;
        page.click("thinking").await?;
        page.run().await?;
        let without = until_state(&page, "done").await?;
        ensure!(without.prompt_tokens > asked, "{without:?} was asked as with thoughts");
        Ok(())
    })
}
