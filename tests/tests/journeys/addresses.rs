//! Addresses that somebody types: host, size and licence are shown before anything is fetched.

use std::fs;

use anyhow::{Context, Result, ensure};
use axum::body::Bytes;
use end_to_end::{Hub, HubFault, HubFile, Page, journey};

use crate::{
    architectures::{sha256, split_model},
    sources::{adapter, fetch_by_name, hub, proof, setup, until_stored, visit_models},
};

/// Types an address and asks about it; gives what the host says.
async fn ask(page: &Page, field: &str, button: &str, address: &str) -> Result<String> {
    page.write(&page.find(field).await?, address).await?;
    page.click(button).await?;
    page.text_of("address-facts").await
}

async fn stage_of(page: &Page, button: &str) -> Result<String> {
    Ok(page.attribute_of(button, "data-stage").await?.unwrap_or_default())
}

#[test]
fn an_address_of_the_hub_shows_size_and_licence_and_is_pinned() -> Result<()> {
    journey(setup(), async |stage| {
        let (hub, _, sha256) = hub().await?;
        let page = visit_models(stage, &hub).await?;
        let facts = ask(&page, "model-url", "load-model", &hub.address_at("main", "small.gguf")).await?;
        for expected in ["localhost", "small.gguf", "2.8 MB", "apache-2.0"] {
            ensure!(facts.contains(expected), "{expected} is not in {facts:?}");
        }
        ensure!(hub.requests() == 0, "the file was fetched before anybody agreed");
        let button = page.text_of("load-model").await?;
        ensure!(button == "Download 2.8 MB from localhost", "the button says {button:?}");
        page.click("load-model").await?;
        until_stored(&page, 1).await?;
        // Files are served at the commit only, so the address was pinned.
        ensure!(proof(&page).await?.weights_sha256 == sha256, "other weights than {sha256}");
        Ok(())
    })
}

#[test]
fn an_address_elsewhere_is_asked_for_its_size_only() -> Result<()> {
    journey(setup(), async |stage| {
        let (other, size, sha256) = hub().await?;
        // The page takes another host for the hub.
        let page = visit_models(stage, &Hub::start(Vec::new()).await?).await?;
        for refuses_head in [false, true] {
            if refuses_head {
                other.refuse_head();
            }
            let facts = ask(&page, "model-url", "load-model", &other.address("small.gguf")).await?;
            ensure!(facts.contains("2.8 MB") && facts.contains("does not say"), "{facts:?}");
            ensure!(other.requests() == 0, "the file was fetched before anybody agreed");
            page.write(&page.find("model-url").await?, &other.address("none.gguf")).await?;
            ensure!(
                stage_of(&page, "load-model").await? == "typed",
                "the old answer stands for a new address"
            );
            page.click("load-model").await?;
            let error = page.text_of("address-error").await?;
            ensure!(error.contains("404"), "the error says {error:?}");
        }
        ask(&page, "model-url", "load-model", &other.address("small.gguf")).await?;
        page.click("load-model").await?;
        until_stored(&page, 1).await?;
        ensure!(other.sent_bytes() == size, "{} bytes were sent of {size}", other.sent_bytes());
        ensure!(proof(&page).await?.weights_sha256 == sha256, "other weights than {sha256}");
        Ok(())
    })
}

#[test]
fn a_host_that_shows_no_headers_is_fetched_from() -> Result<()> {
    journey(setup(), async |stage| {
        let (other, size, sha256) = hub().await?;
        other.show_nothing();
        let page = visit_models(stage, &Hub::start(Vec::new()).await?).await?;
        let facts = ask(&page, "model-url", "load-model", &other.address("small.gguf")).await?;
        ensure!(facts.contains("2.8 MB"), "{facts:?}");
        // The first answer is a part of which nobody sees which; the second one breaks, and so it starts over.
        other.inflict(&[HubFault::CutAfter(size / 4), HubFault::CutAfter(size / 3)]);
        page.click("load-model").await?;
        until_stored(&page, 1).await?;
        ensure!(proof(&page).await?.weights_sha256 == sha256, "other weights than {sha256}");
        Ok(())
    })
}

#[test]
fn a_file_that_changes_after_a_cut_starts_over() -> Result<()> {
    journey(setup(), async |stage| {
        // Not the hub, so that no hash is known before the file.
        let (other, size, old) = hub().await?;
        let page = visit_models(stage, &Hub::start(Vec::new()).await?).await?;
        ask(&page, "model-url", "load-model", &other.address("small.gguf")).await?;
        other.inflict(&[HubFault::CutAfter(size / 3), HubFault::Changed]);
        page.click("load-model").await?;
        until_stored(&page, 1).await?;
        let new = sha256(&other.content("small.gguf").context("the file is there")?);
        ensure!(new != old, "the file has not changed");
        let sent = other.sent_bytes();
        ensure!(sent == size / 3 + size, "{sent} bytes were sent of a file of {size}");
        ensure!(proof(&page).await?.weights_sha256 == new, "other weights than {new}");
        Ok(())
    })
}

#[test]
fn nobody_is_told_who_asks() -> Result<()> {
    journey(setup(), async |stage| {
        let ((hub, ..), (other, ..)) = (hub().await?, hub().await?);
        let page = visit_models(stage, &hub).await?;
        // Cookies count for a host, whatever its port.
        page.execute("document.cookie = 'who=somebody; path=/'", Vec::new()).await?;
        ask(&page, "model-url", "load-model", &other.address("small.gguf")).await?;
        other.refuse_head();
        ask(&page, "model-url", "load-model", &other.address("small.gguf?again")).await?;
        page.click("load-model").await?;
        until_stored(&page, 1).await?;
        fetch_by_name(&page).await?;
        until_stored(&page, 1).await?;
        for (name, host) in [("the hub", &hub), ("the other host", &other)] {
            ensure!(host.told().is_empty(), "{name} was told {:?}", host.told());
        }
        Ok(())
    })
}

#[test]
fn a_busy_hub_is_asked_again() -> Result<()> {
    journey(setup(), async |stage| {
        let (hub, ..) = hub().await?;
        let page = visit_models(stage, &hub).await?;
        hub.refuse_listings(2);
        page.write(&page.find("hub-name").await?, "somebody/small").await?;
        page.click("hub-list").await?;
        let listing = page.text_of("hub-listing").await?;
        ensure!(listing.contains("small.gguf"), "the listing says {listing:?}");
        hub.refuse_listings(usize::MAX);
        page.click("hub-list").await?;
        let error = page.text_of("hub-error").await?;
        ensure!(error.contains("busy"), "the error says {error:?}");
        Ok(())
    })
}

#[test]
fn an_adapter_is_fetched_by_the_address_of_its_folder() -> Result<()> {
    let (files, sha256) = adapter("triage-50")?;
    let mut served = Vec::new();
    for (file, path) in files.iter().zip(["adapters.safetensors", "adapter_config.json"]) {
        // Called as mlx-lm does, so that the first reading of the address is not the right one.
        served.push(HubFile { path, content: Bytes::from(fs::read(file)?), sha256: None });
    }
    journey(setup(), async |stage| {
        let hub = Hub::start(served).await?;
        let page = visit_models(stage, &hub).await?;
        let facts = ask(&page, "adapter-url", "load-adapter", &hub.address("")).await?;
        ensure!(facts.contains("adapters.safetensors, adapter_config.json"), "{facts:?}");
        page.click("load-adapter").await?;
        until_stored(&page, 1).await?;
        let stored = page.attribute_of("stored-item", "data-sha256").await?;
        ensure!(stored.as_deref() == Some(sha256.as_str()), "another adapter is stored");
        page.until_script(
            "the adapter is loaded",
            r#"return document.querySelector('[data-testid="stored-item"]').dataset.state === "in-use""#,
            Vec::new(),
        )
        .await
    })
}

#[test]
fn a_web_page_is_never_kept() -> Result<()> {
    journey(setup(), async |stage| {
        let (hub, ..) = hub().await?;
        let page = visit_models(stage, &hub).await?;
        ask(&page, "model-url", "load-model", &hub.address("small.gguf")).await?;
        hub.inflict(&[HubFault::WebPage]);
        page.click("load-model").await?;
        let text = page.text_of("model-error").await?;
        ensure!(text.contains("web page"), "the error says {text:?}");
        ensure!(!page.shows("stored-item").await?, "something was kept");
        Ok(())
    })
}

#[test]
fn a_split_model_that_was_stopped_costs_no_byte_twice() -> Result<()> {
    let parts = split_model()?;
    let size: usize = parts.iter().map(|(_, bytes)| bytes.len()).sum();
    let first = parts[0].1.len();
    let served = parts.map(|(path, bytes)| HubFile { path, content: Bytes::from(bytes), sha256: None });
    journey(setup(), async |stage| {
        // Another host than the hub, so that no file's hash is known before the file.
        let other = Hub::start(served.to_vec()).await?;
        let page = visit_models(stage, &Hub::start(Vec::new()).await?).await?;
        let address = other.address("split-00001-of-00002.gguf");
        ask(&page, "model-url", "load-model", &address).await?;
        let whole = HubFault::CutAfter(usize::MAX);
        other.inflict(&[whole, HubFault::TooMany, HubFault::TooMany, HubFault::TooMany]);
        page.click("load-model").await?;
        page.until_script(
            "the second file has to wait",
            r#"return document.querySelector('[data-testid="download"]')?.dataset.stage === "resting""#,
            Vec::new(),
        )
        .await?;
        page.click("stop-download").await?;
        page.until_script(
            "the download is stopped",
            r#"return !document.querySelector('[data-testid="download"]')"#,
            Vec::new(),
        )
        .await?;
        ensure!(other.sent_bytes() == first, "{} bytes were sent of {first}", other.sent_bytes());
        other.inflict(&[]);
        ask(&page, "model-url", "load-model", &address).await?;
        page.click("load-model").await?;
        until_stored(&page, 1).await?;
        ensure!(other.sent_bytes() == size, "{} bytes were sent of {size}", other.sent_bytes());
        Ok(())
    })
}
