//! Models of other kinds than the page's own, from disk: the random ones that the engine's own tests check natively.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, ensure};
use end_to_end::{Setup, journey};
use sha2::{Digest, Sha256};
use xtask::root;

use crate::{
    random::Index,
    sources::{choose, proof, until_stored},
    support::{Gguf, TEMPLATE, Value},
};

/// A random model with a template, so that a conversation can be had with it.
pub(crate) fn model(name: &str) -> Result<Gguf> {
    let (index, _) = Index::read();
    let entry = index.models.iter().find(|entry| entry.name == name).context("a model of that name")?;
    let mut file = index.file(entry);
    let architecture = entry.metadata["general.architecture"].as_str().context("it has an architecture")?;
    // The page's own prompts are longer than the texts of the native tests.
    file.set(&format!("{architecture}.context_length"), Value::U32(2048));
    file.set("general.name", Value::Text(name.to_owned()));
    file.set("tokenizer.chat_template", Value::Text(TEMPLATE.to_owned()));
    Ok(file)
}

/// Writes files for the browser to pick.
pub(crate) fn write(files: &[(String, Vec<u8>)]) -> Result<Vec<PathBuf>> {
    let folder = root().join("target/journeys/models");
    fs::create_dir_all(&folder)?;
    let mut paths = Vec::new();
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap_or(&folder))?;
        fs::write(&path, bytes)?;
        paths.push(path);
    }
    Ok(paths)
}

fn hex_digit(value: u8) -> char {
    char::from_digit(value.into(), 16).unwrap_or_default()
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().flat_map(|byte| [byte >> 4, byte & 15]).map(hex_digit).collect()
}

/// Loads a model from disk and runs the lanes on it; again after the page was loaded anew, from what it stored.
fn runs(name: &str) -> Result<()> {
    let bytes = model(name)?.bytes();
    let hash = sha256(&bytes);
    let files = write(&[(format!("{name}.gguf"), bytes)])?;
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        page.click("open-models").await?;
        choose(&page, "model-file", &files).await?;
        until_stored(&page, 1).await?;
        let lane = proof(&page).await?;
        ensure!(lane.weights_sha256 == hash, "{lane:?} ran other weights than {hash}");
        page.reload().await?;
        let again = proof(&page).await?;
        ensure!(again.weights_sha256 == hash && again.output == lane.output, "{again:?} is not {lane:?}");
        Ok(())
    })
}

#[test]
fn a_qwen3_from_disk_runs() -> Result<()> {
    runs("qwen3-Q8_0")
}

#[test]
fn a_gemma3_from_disk_runs() -> Result<()> {
    runs("gemma3-Q4_0")
}

/// A model in two files, with their names.
pub(crate) fn split_model() -> Result<[(&'static str, Vec<u8>); 2]> {
    let whole = model("llama-Q4_K")?;
    let (first, second) = whole.tensors.split_at(whole.tensors.len() / 2);
    let names = ["split-00001-of-00002.gguf", "split-00002-of-00002.gguf"];
    Ok([(0, first), (1, second)].map(|(number, tensors)| {
        let mut part = Gguf { version: 3, entries: Vec::new(), tensors: tensors.to_vec() };
        if number == 0 {
            part.entries.clone_from(&whole.entries);
        }
        part.set("split.no", Value::U32(number as u32));
        part.set("split.count", Value::U32(2));
        (names[number], part.bytes())
    }))
}

#[test]
fn a_split_model_is_put_together() -> Result<()> {
    let parts = split_model()?;
    let hashes: String = parts.iter().map(|(_, bytes)| sha256(bytes)).collect();
    let files = write(&parts.map(|(name, bytes)| (name.to_owned(), bytes)))?;
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        page.click("open-models").await?;
        choose(&page, "model-file", &files).await?;
        until_stored(&page, 1).await?;
        let lane = proof(&page).await?;
        ensure!(lane.weights_sha256 == sha256(hashes.as_bytes()), "{lane:?} ran other weights");
        Ok(())
    })
}
