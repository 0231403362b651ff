//! Adapters in every format, out of dropped folders, and on the bases that they fit.

use anyhow::{Context, Result, ensure};
use end_to_end::{LaneSnapshot, Page, Setup, journey};
use serde_json::{Map, json};
use xtask::root;

use crate::{
    architectures::{model, sha256, write},
    sources::{choose, own, until_offered, until_stored},
    support::{Gguf, Tensor, Value},
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

/// The weights of an adapter as mlx-lm writes them.
fn mlx_weights(base: &Gguf) -> Result<Vec<u8>> {
    let (inputs, outputs) = shape(base)?;
    let (mut header, mut data) = (Map::new(), Vec::new());
    for (half, shape) in [("a", [inputs, RANK]), ("b", [RANK, outputs])] {
        let start = data.len();
        data.extend(numbers(shape[0] * shape[1]).flat_map(|number| (-number).to_le_bytes()));
        let tensor = json!({ "dtype": "F32", "shape": shape, "data_offsets": [start, data.len()] });
        header.insert(format!("model.layers.0.mlp.down_proj.lora_{half}"), tensor);
    }
    let header = serde_json::to_vec(&header)?;
    Ok([&(header.len() as u64).to_le_bytes()[..], &header, &data].concat())
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
    let config = json!({ "fine_tune_type": "lora", "lora_parameters": { "rank": RANK, "scale": 2.0 } });
    let files = write(&[
        ("base.gguf".to_owned(), base.bytes()),
        ("runs/first/lora.gguf".to_owned(), gguf),
        ("runs/second/adapters.safetensors".to_owned(), mlx),
        ("runs/second/adapter_config.json".to_owned(), config.to_string().into_bytes()),
        ("runs/second/README.md".to_owned(), b"not a part of it".to_vec()),
        ("runs/second/0000100_adapters.safetensors".to_owned(), vec![0; 100]),
    ])?;
    let folder = root().join("target/journeys/models/runs");
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        page.click("open-models").await?;
        choose(&page, "model-file", &files[..1]).await?;
        until_stored(&page, 1).await?;
        page.drop_on("drop-zone", &[&folder.to_string_lossy()]).await?;
        until_stored(&page, 3).await?;
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

#[test]
fn a_folder_can_be_chosen() -> Result<()> {
    let base = model("qwen3-Q8_0")?;
    let config = json!({ "fine_tune_type": "lora", "lora_parameters": { "rank": RANK, "scale": 2.0 } });
    let weights = mlx_weights(&base)?;
    let hash = sha256(&weights);
    let files = write(&[
        ("chosen-base.gguf".to_owned(), base.bytes()),
        ("chosen/adapters.safetensors".to_owned(), weights),
        ("chosen/adapter_config.json".to_owned(), config.to_string().into_bytes()),
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
