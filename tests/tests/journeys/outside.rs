//! A link made with a model that is not the page's own: it says where everybody finds it, and fetches nothing by itself.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, ensure};
use axum::body::Bytes;
use end_to_end::{Hub, HubFile, Page, Stage, journey};

use crate::sources::{
    adapter, choose, fetch_by_name, hub, other_model, own, proof, setup, until_offered, until_stored,
    visit_models,
};

/// The link of a page that runs on a model of the hub, as somebody else opens it who has that hub, too.
async fn link_to(stage: &Stage, hub: &Hub) -> Result<String> {
    let page = visit_models(stage, hub).await?;
    fetch_by_name(&page).await?;
    until_stored(&page, 1).await?;
    page.click("open-compare").await?;
    ensure!(!page.shows("outside").await?, "the sender has what it needs");
    fragment(&page.share().await?)
}

fn fragment(link: &str) -> Result<String> {
    Ok(link.split_once('#').context("a link has a fragment")?.1.to_owned())
}

async fn open(stage: &Stage, hub: &Hub, fragment: &str) -> Result<Page> {
    stage.open(&stage.address(&format!("?hub={}#{fragment}", hub.origin))).await
}

async fn until_nothing_is_missing(page: &Page) -> Result<()> {
    let script = r#"return !document.querySelector('[data-testid="outside"]')"#;
    page.until_script("all that the link names is in use", script, Vec::new()).await
}

#[test]
fn a_model_of_the_hub_comes_when_the_person_says_so() -> Result<()> {
    journey(setup(), async |stage| {
        let (hub, _, sha256) = hub().await?;
        let fragment = link_to(stage, &hub).await?;
        let (asked, sent) = (hub.requests(), hub.sent_bytes());
        let page = open(stage, &hub, &fragment).await?;
        let facts = page.text_of("outside-facts").await?;
        for fact in ["localhost", "small.gguf", "MB", "apache-2.0"] {
            ensure!(facts.contains(fact), "{fact} is not among {facts:?}");
        }
        ensure!((hub.requests(), hub.sent_bytes()) == (asked, sent), "the link fetches by itself");
        page.click("outside-fetch").await?;
        until_nothing_is_missing(&page).await?;
        ensure!(hub.sent_bytes() > sent, "nothing was fetched");
        let lane = proof(&page).await?;
        ensure!(lane.weights_sha256 == sha256, "{lane:?} ran other weights than {sha256}");
        Ok(())
    })
}

#[test]
fn an_adapter_of_a_lane_comes_the_same_way() -> Result<()> {
    let ([weights, config], sha256) = adapter("triage-50")?;
    journey(setup(), async |stage| {
        let file = |path, content: &PathBuf, sha256| -> Result<HubFile> {
            Ok(HubFile { path, content: Bytes::from(fs::read(content)?), sha256 })
        };
        let weights = file("adapter_model.safetensors", &weights, Some(sha256.clone()))?;
        let hub = Hub::start(vec![weights, file("adapter_config.json", &config, None)?]).await?;
        let page = visit_models(stage, &hub).await?;
        fetch_by_name(&page).await?;
        until_stored(&page, 1).await?;
        page.click("open-compare").await?;
        let first = page.lanes().await?[0].clone();
        until_offered(&page, &first, &sha256).await?;
        page.select(&first, "lane-adapter", &own(&sha256)).await?;
        page.set("max-tokens", "3").await?;
        let other = open(stage, &hub, &fragment(&page.share().await?)?).await?;
        other.click("outside-fetch").await?;
        until_nothing_is_missing(&other).await?;
        let lanes = other.run_to_the_end().await?;
        ensure!(lanes[0].adapter_sha256 == sha256, "{:?} ran another adapter than {sha256}", lanes[0]);
        Ok(())
    })
}

#[test]
fn another_file_in_its_place_is_not_kept() -> Result<()> {
    journey(setup(), async |stage| {
        let (hub, ..) = hub().await?;
        let fragment = link_to(stage, &hub).await?;
        let mut content = fs::read(other_model()?.0)?;
        let last = content.last_mut().context("it is not empty")?;
        *last ^= 1;
        let file = HubFile { path: "small.gguf", content: Bytes::from(content), sha256: None };
        let changed = Hub::start(vec![file]).await?;
        let page = open(stage, &changed, &fragment).await?;
        page.click("outside-fetch").await?;
        let problem = page.text_of("model-error").await?;
        ensure!(problem.contains("SHA-256"), "the page says {problem:?}");
        page.find("outside-fetch").await.context("it cannot be tried again")?;
        page.click("open-models").await?;
        ensure!(!page.shows("stored-item").await?, "the other file was kept");
        Ok(())
    })
}

#[test]
fn a_model_from_the_senders_disk_is_named_by_its_hash() -> Result<()> {
    let (file, sha256) = other_model()?;
    journey(setup(), async |stage| {
        let page = stage.visit("").await?;
        page.click("open-models").await?;
        choose(&page, "model-file", std::slice::from_ref(&file)).await?;
        until_stored(&page, 1).await?;
        page.click("open-compare").await?;
        let fragment = fragment(&page.share().await?)?;
        let other = stage.visit(&format!("#{fragment}")).await?;
        let words = other.text_of("outside-item").await?;
        ensure!(words.contains(&sha256[..8]) && words.contains("sender"), "it says {words:?}");
        ensure!(!other.shows("outside-fetch").await?, "there is nothing to fetch");
        // Whoever has the file brings it.
        other.click("open-models").await?;
        choose(&other, "model-file", &[file]).await?;
        until_stored(&other, 1).await?;
        other.click("open-compare").await?;
        ensure!(!other.shows("outside").await?, "it is here now");
        Ok(())
    })
}
