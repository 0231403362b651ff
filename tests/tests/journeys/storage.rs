//! Where what people bring is kept: without a store, without room, and from two tabs at once.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use end_to_end::{Damage, HubFault, Page, Setup, journey};

use super::{
    architectures::{split_model, write},
    sources::{
        adapter, choose, damage_one, fetch_by_name, hub, other_model, proof, setup, until_stored,
        visit_models,
    },
};

/// As in a private window of some browsers.
const NO_STORE: &str = r#"
    navigator.storage.getDirectory = () => Promise.reject(new DOMException("not here", "SecurityError"));
"#;

/// Brings a model from disk, and checks that it runs although nothing is kept.
async fn runs_from_memory(page: &Page, file: PathBuf, sha256: &str) -> Result<()> {
    choose(page, "model-file", &[file]).await?;
    until_stored(page, 1).await?;
    let row = page.text_of("stored-item").await?;
    ensure!(row.contains("in memory until this page closes"), "the row says {row:?}");
    let lane = proof(page).await?;
    ensure!(lane.weights_sha256 == sha256, "{lane:?} ran other weights than {sha256}");
    page.click("open-models").await
}

/// Comes again: what was in memory is gone, and the page runs on its own model.
async fn starts_anew(page: &Page, sha256: &str) -> Result<()> {
    page.reload().await?;
    let lane = proof(page).await?;
    ensure!(lane.weights_sha256 != sha256, "{lane:?} ran what was never kept");
    ensure!(!page.shows("error").await?, "the page complains: {}", page.text().await?);
    Ok(())
}

#[test]
fn without_a_store_what_is_brought_runs_from_memory() -> Result<()> {
    let (file, sha256) = other_model()?;
    journey(Setup::default(), async |stage| {
        stage.inflict("downloader.js", Damage::Prepended(NO_STORE));
        let page = stage.visit("").await?;
        page.click("open-models").await?;
        let words = page.text_of("memory-only").await?;
        ensure!(words.contains("runs from memory"), "the page says {words:?}");
        runs_from_memory(&page, file, &sha256).await?;
        starts_anew(&page, &sha256).await
    })
}

#[test]
fn without_room_what_is_brought_runs_from_memory() -> Result<()> {
    const ROOM_BYTES: u64 = 4 << 20;
    let (file, sha256) = other_model()?;
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        page.limit_storage(&stage.address(""), ROOM_BYTES).await?;
        page.click("open-models").await?;
        runs_from_memory(&page, file, &sha256).await?;
        starts_anew(&page, &sha256).await
    })
}

const COUNT_FILES: &str = r#"
    const done = arguments[0];
    (async () => {
        const root = await (await navigator.storage.getDirectory()).getDirectoryHandle("store-v1");
        const counts = [];
        for (const folder of ["files", "items"]) {
            let count = 0;
            for await (const _ of (await root.getDirectoryHandle(folder)).keys()) count += 1;
            counts.push(count);
        }
        return counts.join(" and ");
    })().then(done, error => done(String(error)));
"#;

#[test]
fn a_damaged_model_from_disk_is_dropped_with_all_its_files() -> Result<()> {
    let parts = split_model()?.map(|(name, bytes)| (name.to_owned(), bytes));
    let files = write(&parts)?;
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        page.click("open-models").await?;
        choose(&page, "model-file", &files).await?;
        until_stored(&page, 1).await?;
        let own = proof(&page).await?.weights_sha256;
        damage_one(&page).await?;
        page.reload().await?;
        page.run().await?;
        page.click("open-models").await?;
        let says = r#"
            const problem = document.querySelector('[data-testid="model-error"]');
            return !!problem?.textContent.includes("choose the file again")
                && problem.textContent.includes("from your disk")
                && !document.querySelector('[data-testid="stored-item"]');
        "#;
        page.until_script("the page says that it is gone", says, Vec::new()).await?;
        let left = page.execute_async(COUNT_FILES, Vec::new()).await?;
        ensure!(left == "0 and 0", "{left} files and manifests are left");
        ensure!(proof(&page).await?.weights_sha256 != own, "the lanes ran what was dropped");
        Ok(())
    })
}

#[test]
fn two_tabs_write_one_after_the_other() -> Result<()> {
    let ([weights, config], _) = adapter("triage-50")?;
    journey(setup(), async |stage| {
        let (hub, size, sha256) = hub().await?;
        let first = visit_models(stage, &hub).await?;
        // Each breaks the connection, and after each the download rests for a while.
        hub.inflict(&[HubFault::CutAfter(size / 5), HubFault::TooMany, HubFault::CutAfter(size / 3)]);
        fetch_by_name(&first).await?;
        let second = first.new_tab(&stage.address("")).await?;
        second.click("open-models").await?;
        choose(&second, "adapter-file", &[weights, config]).await?;
        let waits = r#"
            const download = document.querySelector('[data-testid="download"]');
            return download?.dataset.stage === "queued" && download.textContent.includes("another tab");
        "#;
        second.until_script("the second tab waits for the first", waits, Vec::new()).await?;
        second.until_script("both are stored", TWO_STORED, Vec::new()).await?;
        let sent = hub.sent_bytes();
        ensure!(sent as f64 <= 1.05 * size as f64, "{sent} bytes were sent of a file of {size}");
        first.show_tab(0).await?;
        until_stored(&first, 2).await.context("the first tab hears of what the second stored")?;
        let lane = proof(&first).await?;
        ensure!(lane.weights_sha256 == sha256, "{lane:?} ran other weights than {sha256}");
        Ok(())
    })
}

const TWO_STORED: &str = r#"
    const shown = id => document.querySelectorAll(`[data-testid="${id}"]`).length;
    return shown("stored-item") === 2 && shown("download") === 0;
"#;

/// Counts how often the browser is asked to keep what is stored, and keeps what is said of a download.
const LISTEN: &str = r#"
    window.asked = 0;
    window.told = [];
    navigator.storage.persist = () => { asked += 1; return Promise.resolve(false); };
    new MutationObserver(() => {
        const words = document.querySelector('[data-testid="download"] .coming-words')?.innerText;
        if (words && words !== told.at(-1)) told.push(words);
    }).observe(document.body, { childList: true, characterData: true, subtree: true });
"#;

#[test]
fn the_models_tab_tells_rate_and_time_left_size_last_use_and_room() -> Result<()> {
    journey(setup(), async |stage| {
        let (hub, size, _) = hub().await?;
        let page = visit_models(stage, &hub).await?;
        page.execute(LISTEN, Vec::new()).await?;
        hub.inflict(&[HubFault::Slow]);
        fetch_by_name(&page).await?;
        until_stored(&page, 1).await?;
        let told = page.execute("return told", Vec::new()).await?;
        let has_rate = page.execute(HAS_RATE, Vec::new()).await?;
        ensure!(has_rate == true, "neither rate nor time left in {told}");
        let asked = page.execute("return asked", Vec::new()).await?;
        ensure!(asked.as_u64() >= Some(1), "the browser was not asked to keep it");
        let row = page.text_of("stored-item").await?;
        let shown_size = format!("{:.1} MB", size as f64 / 1e6);
        ensure!(row.contains(&shown_size) && row.contains("used just now"), "no {shown_size} in {row:?}");
        let room = page.execute_async(ROOM, Vec::new()).await?;
        let number = |at: usize| room[at].as_u64().unwrap_or_default();
        let (used, quota) = (number(2), number(3));
        ensure!(used >= size as u64 && quota > used, "{room} for a file of {size}");
        let said =
            format!("{:.1} MB of {:.1} GB that this browser gives", used as f64 / 1e6, quota as f64 / 1e9);
        ensure!(room[0] == said && number(1) == 1000 * used / quota, "{room} is not {said:?}");
        Ok(())
    })
}

/// Whether a rate and the time left were told.
const HAS_RATE: &str = r"
    return told.some(it => /^[\d.]+ [kM]B of [\d.]+ MB, [\d.]+ [kM]B\/s, .+ left$/.test(it));
";

/// What is said of the room, the bar's value in thousandths, and what the browser says: bytes used and given.
const ROOM: &str = r#"
    const done = arguments[0];
    const room = document.querySelector('[data-testid="stored"] .room');
    const shown = [room.innerText.trim(), room.querySelector("progress").value];
    navigator.storage.estimate().then(({ usage, quota }) => done([...shown, usage, quota]));
"#;
