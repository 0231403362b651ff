//! `cargo xtask size`: what a visitor downloads.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};

use crate::{
    build::{Profile, shown},
    say,
};

const FIRST_LOAD_LIMIT_BYTES: u64 = 500_000;
const ENGINE_LIMIT_BYTES: u64 = 1_500_000;

/// The builds of the engine.
const BUILDS: [&str; 3] = ["engine", "engine-threads", "engine-relaxed"];

/// Whether a file is a build's glue or module: its name, a hash and an ending.
fn is_of_build(file: &str, build: &str) -> bool {
    [format!("{build}-"), format!("{build}_bg-")].iter().any(|start| {
        let hash = file.strip_prefix(start.as_str()).and_then(|rest| rest.split('.').next());
        hash.is_some_and(|hash| hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
    })
}

/// Prints the sizes of `dist/` as brotli, and fails where they are over the limits.
///
/// # Errors
/// When there is no `dist/`, or it has grown too large.
pub fn size() -> Result<()> {
    let site = Profile::Release.site();
    let files = compressed_files(&site)?;
    let engine =
        |name: &str| ["crash", "engine", "helper", "worker"].iter().any(|start| name.starts_with(start));
    let page = |name: &str| {
        !engine(name) && [".html", ".css", ".js", ".wasm"].iter().any(|kind| name.ends_with(kind))
    };
    let first_load = report("first load (HTML, CSS, JavaScript, app)", &files, page);
    // A visitor downloads one of the builds.
    let engine = BUILDS.iter().map(|build| {
        let others = BUILDS.iter().filter(|other| *other != build);
        let is_others = |name: &str| others.clone().any(|other| is_of_build(name, other));
        report(&format!("engine, {build} (worker, JavaScript, model-wasm)"), &files, |name| {
            engine(name) && !is_others(name)
        })
    });
    let engine = engine.max().unwrap_or(0);
    if first_load > FIRST_LOAD_LIMIT_BYTES || engine > ENGINE_LIMIT_BYTES {
        bail!(
            "{} is too large: the first load may be {} KB and the engine {} KB",
            shown(&site),
            FIRST_LOAD_LIMIT_BYTES / 1000,
            ENGINE_LIMIT_BYTES / 1000
        );
    }
    Ok(())
}

/// Prints the files that `belongs` picks, and their sum.
fn report(title: &str, files: &[(String, u64)], belongs: impl Fn(&str) -> bool) -> u64 {
    let picked = || files.iter().filter(|(name, _)| belongs(name));
    let sum = picked().map(|(_, bytes)| bytes).sum();
    say::line(&format!("{:>9.1} KB  {title}", kilobytes(sum)));
    for (name, bytes) in picked() {
        say::line(&format!("{:>13.1} KB  {name}", kilobytes(*bytes)));
    }
    sum
}

fn kilobytes(bytes: u64) -> f64 {
    bytes as f64 / 1000.0
}

/// Every compressed file's name without `.br`, with its size on the wire.
fn compressed_files(folder: &Path) -> Result<Vec<(String, u64)>> {
    let mut files = Vec::new();
    collect(folder, folder, &mut files).context("there is no dist/; `cargo xtask build` makes it")?;
    files.sort();
    Ok(files)
}

fn collect(folder: &Path, base: &Path, files: &mut Vec<(String, u64)>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, base, files)?;
        } else if path.extension().is_some_and(|extension| extension == "br") {
            let name = path.with_extension("").strip_prefix(base)?.to_string_lossy().into_owned();
            files.push((name, fs::metadata(&path)?.len()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_is_known_by_its_name() {
        for (file, build) in [
            ("engine-0123456789abcdef.js", "engine"),
            ("engine_bg-0123456789abcdef.wasm", "engine"),
            ("engine-threads-0123456789abcdef.js", "engine-threads"),
            ("engine-relaxed_bg-0123456789abcdef.wasm", "engine-relaxed"),
        ] {
            let builds: Vec<&str> = BUILDS.into_iter().filter(|other| is_of_build(file, other)).collect();
            assert_eq!(builds, [build], "{file}");
        }
        assert!(!BUILDS.iter().any(|build| is_of_build("engine-start-0123456789abcdef.js", build)));
    }
}
