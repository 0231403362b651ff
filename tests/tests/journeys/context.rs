//! How much a lane holds is for the person to choose.

use anyhow::{Result, ensure};
use end_to_end::{Page, Setup, journey};

use crate::{
    architectures::{model, write},
    sources::{choose, proof, until_stored},
    support::Value,
};

/// What a lane does with a prompt of more than 1,024 and less than 4,096 tokens.
async fn ask_much(page: &Page) -> Result<(String, String)> {
    page.click("open-compare").await?;
    page.write(&page.find("max-tokens").await?, "2").await?;
    let script = r#"
        const field = document.querySelector('[data-testid="input"]');
        field.value = "7 ".repeat(700);
        field.dispatchEvent(new Event("input", { bubbles: true }));
    "#;
    page.execute(script, Vec::new()).await?;
    page.run().await?;
    let lanes = page.until_ended().await?;
    let lane = lanes.into_iter().find(|lane| lane.weights == "base").unwrap_or_default();
    let text = page.text_of("lane").await?;
    Ok((lane.state, text))
}

async fn choose_context(page: &Page, length: &str) -> Result<()> {
    page.click("open-models").await?;
    page.find("context-length").await?.select_by_value(length).await?;
    Ok(())
}

#[test]
fn a_lane_holds_what_was_chosen() -> Result<()> {
    let mut file = model("qwen3-Q8_0")?;
    file.set("qwen3.context_length", Value::U32(8192));
    let files = write(&[("long.gguf".to_owned(), file.bytes())])?;
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        page.click("open-models").await?;
        choose(&page, "model-file", &files).await?;
        until_stored(&page, 1).await?;
        let card = page.text_of("base-card").await?;
        ensure!(card.contains("4,096 of 8,192 tokens"), "{card}");
        let row = page.text_of("stored-item").await?;
        ensure!(row.contains("with a lane of 4,096 tokens"), "{row}");
        let (state, text) = ask_much(&page).await?;
        ensure!(state == "done", "{state}: {text}");

        choose_context(&page, "1024").await?;
        until_stored(&page, 1).await?;
        let card = page.text_of("base-card").await?;
        ensure!(card.contains("1,024 of 8,192 tokens"), "{card}");
        let (state, text) = ask_much(&page).await?;
        ensure!(state == "failed" && text.contains("context holds 1024"), "{state}: {text}");

        page.reload().await?;
        page.click("open-models").await?;
        let chosen = page.value(&page.find("context-length").await?).await?;
        ensure!(chosen == "1024", "after a reload it is {chosen}");
        choose_context(&page, "16384").await?;
        let (state, text) = ask_much(&page).await?;
        ensure!(state == "done", "{state}: {text}");
        ensure!(proof(&page).await?.state == "done", "the lane has ended");
        Ok(())
    })
}
