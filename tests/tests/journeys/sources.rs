//! Models and adapters that people bring: from disk, from an address, from the hub, from the store.

use std::{fs, path::PathBuf, time::Duration};

use anyhow::{Context, Result, ensure};
use axum::body::Bytes;
use end_to_end::{Hub, HubFault, HubFile, LaneSnapshot, Page, Setup, Stage, journey};
use xtask::root;

fn models() -> PathBuf {
    root().join("public/models")
}

fn card() -> Result<serde_json::Value> {
    Ok(serde_json::from_str(&fs::read_to_string(models().join("card.json"))?)?)
}

/// The smallest of the page's own model files, and its hash.
pub(crate) fn other_model() -> Result<(PathBuf, String)> {
    let card = card()?;
    let files = card["base"]["files"].as_array().context("the card names files")?;
    let file = files.iter().min_by_key(|file| file["size_bytes"].as_u64()).context("there is a file")?;
    let name = file["file"].as_str().context("it has a name")?;
    Ok((models().join(name), file["sha256"].as_str().context("it has a hash")?.to_owned()))
}

/// The files of an adapter, and the hash of its weights.
pub(crate) fn adapter(id: &str) -> Result<([PathBuf; 2], String)> {
    let card = card()?;
    let adapters = card["adapters"].as_array().context("the card names adapters")?;
    let found = adapters.iter().find(|adapter| adapter["id"] == id).context("an adapter of that name")?;
    let folder = models().join("adapters").join(id);
    let files = ["adapter_model.safetensors", "adapter_config.json"].map(|name| folder.join(name));
    Ok((files, found["weights_sha256"].as_str().context("it has a hash")?.to_owned()))
}

/// Waits until as many items are stored, and nothing is on its way.
pub(crate) async fn until_stored(page: &Page, count: usize) -> Result<()> {
    let script = r#"
        const shown = id => document.querySelectorAll(`[data-testid="${id}"]`).length;
        return shown("stored-item") === arguments[0] && shown("download") === 0
            && document.querySelector('[data-testid="model-status"]').dataset.state === "ready";
    "#;
    page.until_script(&format!("{count} items are stored and loaded"), script, vec![count.into()]).await
}

/// The name of a stored adapter in lanes.
pub(crate) fn own(sha256: &str) -> String {
    format!("own-{}", &sha256[..12])
}

/// Waits until a lane can choose a stored adapter.
pub(crate) async fn until_offered(page: &Page, lane: &LaneSnapshot, sha256: &str) -> Result<()> {
    let script = r#"
        const lane = document.querySelector(`[data-testid="lane"][data-lane-id="${arguments[0]}"]`);
        return !!lane.querySelector(`[data-testid="lane-adapter"] option[value="${arguments[1]}"]`);
    "#;
    page.until_script("the adapter is offered", script, vec![lane.id.clone().into(), own(sha256).into()])
        .await
}

/// Chooses files from disk.
pub(crate) async fn choose(page: &Page, testid: &str, files: &[PathBuf]) -> Result<()> {
    let names: Vec<_> = files.iter().map(|file| file.to_string_lossy().into_owned()).collect();
    page.choose_files(testid, &names.join("\n")).await
}

/// Runs the lanes on what is chosen, and gives the first on the base.
pub(crate) async fn proof(page: &Page) -> Result<LaneSnapshot> {
    page.click("open-compare").await?;
    page.write(&page.find("max-tokens").await?, "3").await?;
    page.run().await?;
    // On another base the lanes of the page's own adapters fail, and so they should.
    let lanes = page.until_ended().await?;
    let on_base = lanes.into_iter().find(|lane| lane.weights == "base").context("a lane runs on the base")?;
    ensure!(on_base.state == "done", "{on_base:?} has not come to its end");
    Ok(on_base)
}

#[test]
fn a_model_from_disk_runs_and_runs_again_from_the_store() -> Result<()> {
    let (file, sha256) = other_model()?;
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        page.click("open-models").await?;
        choose(&page, "model-file", &[file]).await?;
        until_stored(&page, 1).await?;
        let lane = proof(&page).await?;
        ensure!(lane.weights_sha256 == sha256, "{lane:?} ran other weights than {sha256}");
        let before = stage.weights_requested().len();
        page.reload().await?;
        let again = proof(&page).await?;
        ensure!(again.weights_sha256 == sha256 && again.output == lane.output, "{again:?} is not {lane:?}");
        let bases = stage.weights_requested()[before..]
            .iter()
            .filter(|path| path.rsplit('.').next() == Some("gguf"))
            .count();
        ensure!(bases == 0, "the base was fetched {bases} times after the reload");
        Ok(())
    })
}

#[test]
fn two_lanes_run_two_adapters_from_disk() -> Result<()> {
    let (first, second) = (adapter("triage-50")?, adapter("polite-reply")?);
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        page.click("open-models").await?;
        choose(&page, "adapter-file", &first.0).await?;
        until_stored(&page, 1).await?;
        choose(&page, "adapter-file", &second.0).await?;
        until_stored(&page, 2).await?;
        page.click("open-compare").await?;
        let lanes = page.lanes().await?;
        for (lane, hash) in lanes.iter().zip([&first.1, &second.1]) {
            until_offered(&page, lane, hash).await?;
            page.select(lane, "lane-adapter", &own(hash)).await?;
        }
        page.write(&page.find("max-tokens").await?, "3").await?;
        let lanes = page.run_to_the_end().await?;
        for (lane, hash) in lanes.iter().zip([&first.1, &second.1]) {
            ensure!(lane.adapter_sha256 == *hash, "{lane:?} ran another adapter than {hash}");
        }
        Ok(())
    })
}

/// A hub that holds the other model.
pub(crate) async fn hub() -> Result<(Hub, usize, String)> {
    let (file, sha256) = other_model()?;
    let content = Bytes::from(fs::read(file)?);
    let size = content.len();
    let file = HubFile { path: "small.gguf", content, sha256: Some(sha256.clone()) };
    Ok((Hub::start(vec![file]).await?, size, sha256))
}

pub(crate) async fn visit_models(stage: &Stage, hub: &Hub) -> Result<Page> {
    let page = stage.visit(&format!("?hub={}", hub.origin)).await?;
    page.click("open-models").await?;
    Ok(page)
}

pub(crate) async fn fetch_by_name(page: &Page) -> Result<()> {
    page.write(&page.find("hub-name").await?, "somebody/small").await?;
    page.click("hub-list").await?;
    page.click("hub-file").await
}

pub(crate) fn setup() -> Setup {
    Setup { requests_may_fail: true, ..Setup::default() }
}

#[test]
fn a_model_from_the_hub_survives_every_fault_and_costs_no_byte_twice() -> Result<()> {
    journey(setup(), async |stage| {
        let (hub, size, sha256) = hub().await?;
        let page = visit_models(stage, &hub).await?;
        ensure!(hub.requests() == 0, "a file was fetched before anybody asked");
        let cuts = [size / 9, size / 5, size / 7, size / 11];
        let mut faults: Vec<_> = cuts.map(HubFault::CutAfter).to_vec();
        faults.insert(2, HubFault::TooMany);
        hub.inflict(&faults);
        fetch_by_name(&page).await?;
        until_stored(&page, 1).await?;
        let sent = hub.sent_bytes();
        ensure!(sent as f64 <= 1.05 * size as f64, "{sent} bytes were sent of a file of {size}");
        ensure!(
            hub.requests() > faults.len(),
            "only {} requests, so the faults were not met",
            hub.requests()
        );
        let lane = proof(&page).await?;
        ensure!(lane.weights_sha256 == sha256, "{lane:?} ran other weights than {sha256}");
        Ok(())
    })
}

/// Where a cable is pulled: as many bytes after the last time, anywhere below twice the mean.
pub(crate) fn random_cuts(count: usize, size: usize, seed: u64) -> Vec<HubFault> {
    let mut dice = seed;
    let cut = |_| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        HubFault::CutAfter(1 + (dice >> 33) as usize % (2 * size / (count + 10)))
    };
    (0..count).map(cut).collect()
}

#[test]
fn a_cable_pulled_fifty_times_costs_no_byte_twice() -> Result<()> {
    journey(setup(), async |stage| {
        let (hub, size, sha256) = hub().await?;
        let page = visit_models(stage, &hub).await?;
        hub.inflict(&random_cuts(50, size, 7));
        fetch_by_name(&page).await?;
        until_stored(&page, 1).await?;
        let (sent, requests) = (hub.sent_bytes(), hub.requests());
        ensure!(requests == 51, "{requests} requests, so not every cut was met");
        ensure!(sent as f64 <= 1.05 * size as f64, "{sent} bytes were sent of a file of {size}");
        ensure!(proof(&page).await?.weights_sha256 == sha256, "other weights than {sha256}");
        Ok(())
    })
}

#[test]
fn what_was_on_its_way_when_a_connection_broke_comes_again() -> Result<()> {
    journey(setup(), async |stage| {
        let (hub, size, sha256) = hub().await?;
        let page = visit_models(stage, &hub).await?;
        hub.inflict(&[size / 9, size / 3, size / 2].map(HubFault::BreakAfter));
        fetch_by_name(&page).await?;
        until_stored(&page, 1).await?;
        ensure!(hub.requests() == 4, "{} requests, so not every break was met", hub.requests());
        ensure!(proof(&page).await?.weights_sha256 == sha256, "other weights than {sha256}");
        Ok(())
    })
}

#[test]
fn a_connection_that_falls_silent_is_taken_for_broken() -> Result<()> {
    journey(setup(), async |stage| {
        let (hub, size, sha256) = hub().await?;
        let page = visit_models(stage, &hub).await?;
        hub.inflict(&[HubFault::StallAfter(size / 2)]);
        fetch_by_name(&page).await?;
        until_stored(&page, 1).await?;
        let (sent, requests) = (hub.sent_bytes(), hub.requests());
        ensure!(requests == 2, "{requests} requests");
        ensure!(sent as f64 <= 1.05 * size as f64, "{sent} bytes were sent of a file of {size}");
        ensure!(proof(&page).await?.weights_sha256 == sha256, "other weights than {sha256}");
        Ok(())
    })
}

#[test]
fn a_page_that_is_loaded_again_goes_on_where_the_download_was() -> Result<()> {
    journey(setup(), async |stage| {
        let (hub, size, sha256) = hub().await?;
        let page = visit_models(stage, &hub).await?;
        hub.inflict(&[HubFault::StallAfter(size / 2)]);
        fetch_by_name(&page).await?;
        let comes =
            r#"return document.querySelector('[data-testid="download"]')?.dataset.stage === "receiving""#;
        page.until_script("it is coming", comes, Vec::new()).await?;
        tokio::time::sleep(Duration::from_secs(2)).await;
        page.reload().await?;
        page.click("open-models").await?;
        page.find("delete-unfinished").await.context("nothing of it was kept")?;
        fetch_by_name(&page).await?;
        until_stored(&page, 1).await?;
        let sent = hub.sent_bytes();
        ensure!(sent as f64 <= 1.05 * size as f64, "{sent} bytes were sent of a file of {size}");
        ensure!(proof(&page).await?.weights_sha256 == sha256, "other weights than {sha256}");
        Ok(())
    })
}

#[test]
fn a_model_to_begin_with_is_fetched_from_its_repository() -> Result<()> {
    let (file, sha256) = other_model()?;
    let content = Bytes::from(fs::read(file)?);
    let files = ["SmolLM2-135M-Instruct-F16.gguf", "SmolLM2-135M-Instruct-Q8_0.gguf"];
    let files = files.map(|path| HubFile { path, content: content.clone(), sha256: Some(sha256.clone()) });
    journey(setup(), async |stage| {
        let hub = Hub::start_as("bartowski/SmolLM2-135M-Instruct-GGUF", files.to_vec()).await?;
        let page = visit_models(stage, &hub).await?;
        page.click("preset").await?;
        let listing = page.text_of("hub-listing").await?;
        for expected in ["SmolLM2-135M-Instruct-Q8_0.gguf", "2.8 MB", "apache-2.0"] {
            ensure!(listing.contains(expected), "{expected} is not in {listing:?}");
        }
        ensure!(hub.requests() == 0, "a file was fetched before anybody asked");
        let preferred = r#"
            const rows = document.querySelectorAll('[data-testid="hub-listing"] [data-preferred="true"]');
            rows[0]?.querySelector('[data-testid="hub-file"]').click();
            return rows.length === 1 && rows[0].textContent.includes("Q8_0");
        "#;
        page.until_script("one file is preferred", preferred, Vec::new()).await?;
        until_stored(&page, 1).await?;
        ensure!(proof(&page).await?.weights_sha256 == sha256, "other weights than {sha256}");
        Ok(())
    })
}

#[test]
fn wrong_parts_and_whole_files_start_over() -> Result<()> {
    journey(setup(), async |stage| {
        let (hub, size, sha256) = hub().await?;
        let page = visit_models(stage, &hub).await?;
        hub.inflict(&[
            HubFault::CutAfter(size / 3),
            HubFault::WrongRange,
            HubFault::CutAfter(size / 4),
            HubFault::WholeFile,
        ]);
        fetch_by_name(&page).await?;
        until_stored(&page, 1).await?;
        ensure!(proof(&page).await?.weights_sha256 == sha256, "other weights than {sha256}");
        Ok(())
    })
}

#[test]
fn another_file_than_was_promised_is_never_kept() -> Result<()> {
    journey(setup(), async |stage| {
        let (file, _) = other_model()?;
        let content = Bytes::from(fs::read(file)?);
        let hub =
            Hub::start(vec![HubFile { path: "small.gguf", content, sha256: Some("ab".repeat(32)) }]).await?;
        let page = visit_models(stage, &hub).await?;
        fetch_by_name(&page).await?;
        let kind = page.attribute_of("model-error", "data-kind").await?;
        ensure!(kind.as_deref() == Some("other-file"), "{}", page.text_of("model-error").await?);
        ensure!(!page.shows("stored-item").await?, "something was kept");
        Ok(())
    })
}

/// Writes over the middle of stored files, so many at most.
const DAMAGE: &str = r"
    const [most, done] = arguments;
    (async () => {
        const root = await navigator.storage.getDirectory();
        const files = await (await root.getDirectoryHandle('store-v1')).getDirectoryHandle('files');
        let count = 0;
        for await (const file of files.values()) {
            if (count === most) break;
            const writable = await file.createWritable({ keepExistingData: true });
            await writable.write({ type: 'write', position: 5000, data: new Uint8Array(64).fill(7) });
            await writable.close();
            count += 1;
        }
        return count;
    })().then(done, error => done(String(error)));
";

/// Damages one of the stored files.
pub(crate) async fn damage_one(page: &Page) -> Result<()> {
    let damaged = page.execute_async(DAMAGE, vec![1.into()]).await?;
    ensure!(damaged == 1, "{damaged} files were damaged");
    Ok(())
}

#[test]
fn a_damaged_stored_file_is_fetched_again() -> Result<()> {
    journey(setup(), async |stage| {
        let (hub, _, sha256) = hub().await?;
        let page = visit_models(stage, &hub).await?;
        fetch_by_name(&page).await?;
        until_stored(&page, 1).await?;
        let fetched = hub.requests();
        damage_one(&page).await?;
        // Long enough to look at it while it is being repaired.
        hub.inflict(&[HubFault::TooMany; 3]);
        page.reload().await?;
        page.run().await?;
        page.click("open-models").await?;
        let rests =
            r#"return document.querySelector('[data-testid="download"]')?.dataset.stage === "resting""#;
        page.until_script("it is fetched again", rests, Vec::new()).await?;
        // As another tab does that has stored or deleted something.
        page.execute(r#"new BroadcastChannel("store-v1-shelf").postMessage(null)"#, Vec::new()).await?;
        tokio::time::sleep(Duration::from_millis(500)).await;
        let state = page.attribute_of("stored-item", "data-state").await?;
        ensure!(state.as_deref() == Some("in-use"), "what is being repaired is {state:?}");
        page.until_script(
            "the file is fetched again and loaded",
            r#"return document.querySelector('[data-testid="model-status"]').dataset.state === "ready""#,
            Vec::new(),
        )
        .await?;
        ensure!(hub.requests() > fetched, "the damaged file was not fetched again");
        ensure!(proof(&page).await?.weights_sha256 == sha256, "other weights than {sha256}");
        Ok(())
    })
}
