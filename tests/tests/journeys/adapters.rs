//! Adapters in every format, out of dropped folders, and on the bases that they fit.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use axum::body::Bytes;
use end_to_end::{Hub, HubFault, HubFile, LaneSnapshot, Page, Setup, Stage, journey};
use xtask::root;

use crate::{
    architectures::{model, sha256, write},
    sources::{choose, own, random_cuts, setup, until_offered, until_stored, visit_models},
    support::{Gguf, Tensor, Value, safetensors},
};

const RANK: usize = 2;

/// Numbers that differ, so that the adapter changes something.
fn numbers(count: usize) -> impl Iterator<Item = f32> {
    (0..count).map(|at| ((at * 37 % 101) as f32 - 50.0) / 400.0)
}

/// Row length and number of rows of the first layer's down projection.
fn shape(base: &Gguf) -> Result<(usize, usize)> {
    let down = base.tensors.iter().find(|tensor| tensor.name == "blk.0.ffn_down.weight");
    let shape = &down.context("the base has one")?.shape;
    Ok((shape[0] as usize, shape[1] as usize))
}

/// An adapter as llama.cpp's converter writes it.
fn gguf_adapter(base: &Gguf, architecture: &str) -> Result<Vec<u8>> {
    let (inputs, outputs) = shape(base)?;
    let mut file = Gguf { version: 3, entries: Vec::new(), tensors: Vec::new() };
    for (key, value) in
        [("general.type", "adapter"), ("general.architecture", architecture), ("adapter.type", "lora")]
    {
        file.set(key, Value::Text(value.to_owned()));
    }
    file.set("adapter.lora.alpha", Value::F32(4.0));
    for (half, shape) in [("a", [inputs, RANK]), ("b", [RANK, outputs])] {
        file.tensors.push(Tensor {
            name: format!("blk.0.ffn_down.weight.lora_{half}"),
            shape: shape.map(|length| length as u64).into(),
            type_id: 0,
            bytes: numbers(shape[0] * shape[1]).flat_map(f32::to_le_bytes).collect(),
            offset: None,
        });
    }
    Ok(file.bytes())
}

const MLX_CONFIG: &str = r#"{"fine_tune_type": "lora", "lora_parameters": {"rank": 2, "scale": 2.0}}"#;
const PEFT_CONFIG: &str = r#"{"peft_type": "LORA", "r": 2, "lora_alpha": 4, "bias": "none"}"#;

/// A change of the first layer's down projection, with names and shapes for its halves.
fn weights(names: [&str; 2], shapes: [[usize; 2]; 2]) -> Vec<u8> {
    let tensor = |(name, shape): (&str, [usize; 2])| {
        let values = numbers(shape[0] * shape[1]).map(|number| -number).collect();
        (name.to_owned(), shape, values)
    };
    safetensors(&names.into_iter().zip(shapes).map(tensor).collect::<Vec<_>>())
}

/// The weights of an adapter as mlx-lm writes them.
fn mlx_weights(base: &Gguf) -> Result<Vec<u8>> {
    let (inputs, outputs) = shape(base)?;
    let names = ["model.layers.0.mlp.down_proj.lora_a", "model.layers.0.mlp.down_proj.lora_b"];
    Ok(weights(names, [[inputs, RANK], [RANK, outputs]]))
}

/// The weights of an adapter as PEFT writes them.
fn peft_weights(base: &Gguf) -> Result<Vec<u8>> {
    let (inputs, outputs) = shape(base)?;
    let names = [
        "base_model.model.model.layers.0.mlp.down_proj.lora_A.weight",
        "base_model.model.model.layers.0.mlp.down_proj.lora_B.weight",
    ];
    Ok(weights(names, [[RANK, inputs], [outputs, RANK]]))
}

/// Runs the lanes, each on its own adapter, and checks what they ran.
async fn run_on(page: &Page, adapters: &[&str]) -> Result<Vec<LaneSnapshot>> {
    page.click("open-compare").await?;
    let lanes = page.lanes().await?;
    for (lane, hash) in lanes.iter().zip(adapters) {
        until_offered(page, lane, hash).await?;
        page.select(lane, "lane-adapter", &own(hash)).await?;
    }
    page.write(&page.find("max-tokens").await?, "3").await?;
    page.run().await?;
    let lanes = page.until_ended().await?;
    for (lane, hash) in lanes.iter().zip(adapters) {
        ensure!(lane.state == "done" && lane.adapter_sha256 == *hash, "{lane:?} did not run {hash}");
    }
    Ok(lanes)
}

/// The page with a base chosen and a folder of so many adapters dropped on it, all stored and loaded.
async fn with_dropped(stage: &Stage, base: &[PathBuf], folder: &str, adapters: usize) -> Result<Page> {
    let page = stage.visit("").await?;
    page.click("open-models").await?;
    choose(&page, "model-file", base).await?;
    until_stored(&page, 1).await?;
    let folder = root().join("target/journeys/models").join(folder);
    page.drop_on("drop-zone", &[&folder.to_string_lossy()]).await?;
    until_stored(&page, 1 + adapters).await?;
    Ok(page)
}

async fn states(page: &Page) -> Result<Vec<String>> {
    let script = r#"return [...document.querySelectorAll('[data-testid="stored-item"][data-kind="adapter"]')]
        .map(item => item.dataset.state)"#;
    let states = page.execute(script, Vec::new()).await?;
    let states = states.as_array().context("a list")?;
    Ok(states.iter().map(|state| state.as_str().unwrap_or_default().to_owned()).collect())
}

#[test]
fn a_dropped_folder_of_adapters_is_read_and_each_is_offered_on_its_base_only() -> Result<()> {
    let base = model("qwen3-Q8_0")?;
    let (gguf, mlx) = (gguf_adapter(&base, "qwen3")?, mlx_weights(&base)?);
    let hashes = [sha256(&gguf), sha256(&mlx)];
    let files = write(&[
        ("base.gguf".to_owned(), base.bytes()),
        ("runs/first/lora.gguf".to_owned(), gguf),
        ("runs/second/adapters.safetensors".to_owned(), mlx),
        ("runs/second/adapter_config.json".to_owned(), MLX_CONFIG.as_bytes().to_vec()),
        ("runs/second/README.md".to_owned(), b"not a part of it".to_vec()),
        ("runs/second/0000100_adapters.safetensors".to_owned(), vec![0; 100]),
    ])?;
    journey(Setup::default(), async |stage| {
        let page = with_dropped(stage, &files[..1], "runs", 2).await?;
        let ran = run_on(&page, &[&hashes[0], &hashes[1]]).await?;
        ensure!(ran[0].weights_sha256 == ran[1].weights_sha256, "one base under both");
        // On the page's own model neither is offered, and both are said not to fit when tried.
        page.click("open-models").await?;
        page.click("default-model").await?;
        until_stored(&page, 3).await?;
        ensure!(states(&page).await? == ["idle", "idle"], "{:?}", states(&page).await?);
        page.execute(
            r#"document.querySelector('[data-kind="adapter"] [data-testid="use-item"]').click()"#,
            Vec::new(),
        )
        .await?;
        let remark = page.text_of("stored-remark").await?;
        ensure!(remark.contains("Does not run on this base"), "the row says {remark:?}");
        Ok(())
    })
}

/// Each may be told to be kept while the list of what is stored is made for the one before it: when that list counted, some
/// of twelve were missing in three runs of three.
#[test]
fn many_adapters_dropped_at_once_are_all_offered() -> Result<()> {
    let base = model("qwen3-Q8_0")?;
    let adapters: Vec<Vec<u8>> = (0..12)
        .map(|n| {
            let mut bytes = peft_weights(&base)?;
            // The last number's lowest byte.
            let at = bytes.len() - 4;
            bytes[at] ^= n;
            Ok(bytes)
        })
        .collect::<Result<_>>()?;
    let hashes: Vec<String> = adapters.iter().map(|bytes| sha256(bytes)).collect();
    let named = adapters.into_iter().enumerate().flat_map(|(n, bytes)| {
        let config = (format!("many/{n}/adapter_config.json"), PEFT_CONFIG.as_bytes().to_vec());
        [(format!("many/{n}/adapter_model.safetensors"), bytes), config]
    });
    let files =
        write(&std::iter::once(("many.gguf".to_owned(), base.bytes())).chain(named).collect::<Vec<_>>())?;
    journey(Setup::default(), async |stage| {
        let page = with_dropped(stage, &files[..1], "many", 12).await?;
        page.click("open-compare").await?;
        let lanes = page.lanes().await?;
        for hash in &hashes {
            until_offered(&page, &lanes[0], hash).await?;
        }
        Ok(())
    })
}

#[test]
fn a_folder_can_be_chosen() -> Result<()> {
    let base = model("qwen3-Q8_0")?;
    let weights = mlx_weights(&base)?;
    let hash = sha256(&weights);
    let files = write(&[
        ("chosen-base.gguf".to_owned(), base.bytes()),
        ("chosen/adapters.safetensors".to_owned(), weights),
        ("chosen/adapter_config.json".to_owned(), MLX_CONFIG.as_bytes().to_vec()),
        ("chosen/tokenizer.json".to_owned(), b"{}".to_vec()),
    ])?;
    let folder = root().join("target/journeys/models/chosen");
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        page.click("open-models").await?;
        choose(&page, "model-file", &files[..1]).await?;
        until_stored(&page, 1).await?;
        choose(&page, "adapter-folder", &[folder]).await?;
        until_stored(&page, 2).await?;
        run_on(&page, &[&hash]).await.map(|_| ())
    })
}

#[test]
fn a_dropped_model_and_a_dropped_peft_folder_are_compared() -> Result<()> {
    let base = model("llama-Q8_0")?;
    let weights = peft_weights(&base)?;
    let hashes = [sha256(&base.bytes()), sha256(&weights)];
    let files = write(&[
        ("dropped-base.gguf".to_owned(), base.bytes()),
        ("dropped/adapter_model.safetensors".to_owned(), weights),
        ("dropped/adapter_config.json".to_owned(), PEFT_CONFIG.as_bytes().to_vec()),
        ("dropped/README.md".to_owned(), b"not a part of it".to_vec()),
    ])?;
    let folder = root().join("target/journeys/models/dropped");
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        page.click("open-models").await?;
        page.drop_on("drop-zone", &[&files[0].to_string_lossy()]).await?;
        until_stored(&page, 1).await?;
        page.drop_on("drop-zone", &[&folder.to_string_lossy()]).await?;
        until_stored(&page, 2).await?;
        let lanes = run_on(&page, &[&hashes[1]]).await?;
        let on_base = lanes.iter().find(|lane| lane.weights == "base").context("a lane runs on the base")?;
        for lane in [&lanes[0], on_base] {
            ensure!(lane.state == "done" && lane.weights_sha256 == hashes[0], "{lane:?}");
        }
        Ok(())
    })
}

/// Presses the button of a file that the listing of a repository shows.
async fn fetch_listed(page: &Page, name: &str) -> Result<()> {
    let script = r#"
        const rows = [...document.querySelectorAll('[data-testid="hub-listing"] li')];
        const button = rows.find(row => row.textContent.includes(arguments[0]))
            ?.querySelector('[data-testid="hub-file"]');
        button?.click();
        return !!button;
    "#;
    page.until_script(&format!("{name} is listed"), script, vec![name.into()]).await
}

/// Fetches a model and two adapters from a repository over a bad line, runs two lanes on them, and runs them again after
/// the page was loaded anew, from what it stored.
fn comes_with_two_adapters(name: &str, architecture: &str, seed: u64) -> Result<()> {
    let base = model(name)?;
    let (gguf, mlx) = (gguf_adapter(&base, architecture)?, mlx_weights(&base)?);
    let hashes = [sha256(&gguf), sha256(&mlx)];
    let content = base.bytes();
    let (size, hash) = (content.len(), sha256(&content));
    let files = [
        ("small.gguf", content),
        ("lora.gguf", gguf),
        ("adapters.safetensors", mlx),
        ("adapter_config.json", MLX_CONFIG.as_bytes().to_vec()),
    ];
    let files = files.map(|(path, bytes)| HubFile {
        path,
        sha256: Some(sha256(&bytes)),
        content: Bytes::from(bytes),
    });
    journey(setup(), async |stage| {
        let hub = Hub::start(files.to_vec()).await?;
        let page = visit_models(stage, &hub).await?;
        let mut faults = random_cuts(8, size, seed);
        faults.insert(3, HubFault::TooMany);
        hub.inflict(&faults);
        page.write(&page.find("hub-name").await?, "somebody/small").await?;
        page.click("hub-list").await?;
        fetch_listed(&page, "small.gguf").await?;
        until_stored(&page, 1).await?;
        let (sent, requests) = (hub.sent_bytes(), hub.requests());
        ensure!(requests == faults.len() + 1, "{requests} requests, so not every fault was met");
        ensure!(sent as f64 <= 1.05 * size as f64, "{sent} bytes were sent of a file of {size}");
        for (count, file) in [(2, "lora.gguf"), (3, "adapters.safetensors")] {
            fetch_listed(&page, file).await?;
            until_stored(&page, count).await?;
        }
        let ran = run_on(&page, &[&hashes[0], &hashes[1]]).await?;
        ensure!(ran[..2].iter().all(|lane| lane.weights_sha256 == hash), "{ran:?} ran another base");
        let asked = hub.requests();
        page.reload().await?;
        let again = run_on(&page, &[&hashes[0], &hashes[1]]).await?;
        for (lane, before) in again.iter().zip(&ran).take(2) {
            ensure!(lane.output == before.output, "{lane:?} is not {before:?}");
        }
        ensure!(hub.requests() == asked, "something was fetched again");
        Ok(())
    })
}

#[test]
fn a_qwen3_comes_from_the_hub_with_two_adapters() -> Result<()> {
    comes_with_two_adapters("qwen3-Q8_0", "qwen3", 3)
}

#[test]
fn a_gemma3_comes_from_the_hub_with_two_adapters() -> Result<()> {
    comes_with_two_adapters("gemma3-Q4_0", "gemma3", 5)
}
