//! What cannot run: refused with its first bytes, and never what a later visit begins with.

use anyhow::{Result, ensure};
use axum::body::Bytes;
use end_to_end::{Hub, HubFile, Setup, journey};

use crate::{
    architectures::{model, sha256, write},
    sources::{choose, fetch_by_name, proof, setup, until_stored, visit_models},
    support::{Tensor, Value},
};

/// A model of an architecture that nobody here knows, with much behind its header.
fn unknown(megabytes: usize) -> Result<Vec<u8>> {
    let mut file = model("llama-F16")?;
    file.set("general.architecture", Value::Text("mamba".to_owned()));
    file.tensors.push(Tensor {
        name: "padding".to_owned(),
        shape: vec![(megabytes << 18) as u64],
        type_id: 0,
        bytes: vec![0; megabytes << 20],
        offset: None,
    });
    Ok(file.bytes())
}

#[test]
fn a_model_that_cannot_run_is_refused_before_the_rest_of_it_comes() -> Result<()> {
    let content = Bytes::from(unknown(64)?);
    let size = content.len();
    journey(setup(), async |stage| {
        let file = HubFile { path: "small.gguf", sha256: Some(sha256(&content)), content };
        let hub = Hub::start(vec![file]).await?;
        let page = visit_models(stage, &hub).await?;
        fetch_by_name(&page).await?;
        let text = page.text_of("model-error").await?;
        let kind = page.attribute_of("model-error", "data-kind").await?;
        ensure!(kind.as_deref() == Some("unsupported-model"), "{text}");
        ensure!(text.contains("small.gguf") && text.contains("mamba"), "the error says {text:?}");
        ensure!(hub.sent_bytes() < size / 2, "{} of {size} bytes were sent", hub.sent_bytes());
        ensure!(
            !page.shows("stored-item").await? && !page.shows("delete-unfinished").await?,
            "something was kept"
        );
        ensure!(proof(&page).await?.state == "done", "the lanes run on");
        Ok(())
    })
}

#[test]
fn a_file_from_disk_that_cannot_run_is_refused_and_what_can_tells_its_memory() -> Result<()> {
    let files = write(&[
        ("unknown.gguf".to_owned(), unknown(1)?),
        ("known.gguf".to_owned(), model("qwen3-Q8_0")?.bytes()),
    ])?;
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        page.click("open-models").await?;
        choose(&page, "model-file", &files[..1]).await?;
        let text = page.text_of("model-error").await?;
        ensure!(text.contains("mamba"), "the error says {text:?}");
        choose(&page, "model-file", &files[1..]).await?;
        until_stored(&page, 1).await?;
        let row = page.text_of("stored-item").await?;
        ensure!(row.contains("qwen3 Q8_0, needs") && row.contains("MB of memory"), "the row says {row:?}");
        Ok(())
    })
}

/// Stores a file and its manifest as an earlier page left them, and makes it what the lanes run on.
const LEAVE_BEHIND: &str = r#"
    const [bytes, sha256, done] = arguments;
    (async () => {
        const root = await (await navigator.storage.getDirectory()).getDirectoryHandle("store-v1", { create: true });
        const put = async (folder, name, content) => {
            const place = await root.getDirectoryHandle(folder, { create: true });
            const file = await (await place.getFileHandle(name, { create: true })).createWritable();
            await file.write(content);
            await file.close();
        };
        const file = { name: "left.gguf", sha256, size_bytes: bytes.length, address: null };
        const item = { id: sha256, kind: "model", name: "left", licence: null, files: [file], in_memory: false,
                       kept_ms: 1, used_ms: 1 };
        await put("files", sha256, new Uint8Array(bytes));
        await put("items", `${sha256}.json`, JSON.stringify(item));
        localStorage.setItem("chosen", JSON.stringify({ base: item, adapters: [] }));
        return "left";
    })().then(done, error => done(String(error)));
"#;

#[test]
fn a_refused_model_does_not_stay_the_chosen_one() -> Result<()> {
    let mut file = model("llama-F16")?;
    file.set("general.architecture", Value::Text("mamba".to_owned()));
    file.tensors.truncate(1);
    let bytes = file.bytes();
    let hash = sha256(&bytes);
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        let left = page.execute_async(LEAVE_BEHIND, vec![bytes.into(), hash.clone().into()]).await?;
        ensure!(left == "left", "{left}");
        page.reload().await?;
        page.run().await?;
        // Lanes with adapters of the page's own model are refused first, for there are none for this one.
        let says =
            r#"return !!document.querySelector('[data-testid="error"]')?.textContent.includes("mamba")"#;
        page.until_script("the model is refused by its architecture", says, Vec::new()).await?;
        ensure!(proof(&page).await?.weights_sha256 != hash, "the refused model ran");
        page.click("open-models").await?;
        let row = page.text_of("stored-item").await?;
        let state = page.attribute_of("stored-item", "data-state").await?;
        ensure!(state.as_deref() == Some("refused"), "{row}");
        ensure!(row.contains("mamba"), "the row says {row:?}");
        page.reload().await?;
        ensure!(proof(&page).await?.state == "done", "the next visit does not work");
        page.click("open-models").await?;
        page.click("delete-item").await?;
        let gone = r#"return !document.querySelector('[data-testid="stored-item"]')"#;
        page.until_script("it is deleted", gone, Vec::new()).await
    })
}
