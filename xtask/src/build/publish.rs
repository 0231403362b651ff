//! Brings the folder that is served up to date, so that a page being loaded meanwhile stays whole:
//! new files first, then what refers to them, then the old ones go.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use super::{Profile, assemble::Site, compress, is_hashed};

/// Writes what changed and removes what is no longer there.
pub(super) fn publish(files: &Site, folder: &Path, profile: Profile) -> Result<()> {
    let mut kept = BTreeSet::new();
    let (hashed, named): (Vec<_>, Vec<_>) = files.iter().partition(|(path, _)| is_hashed(path));
    for (path, content) in hashed.into_iter().chain(named) {
        let file = folder.join(path);
        let changed = write_if_changed(&file, content)?;
        if compress::shrinks(path) {
            let compressed = folder.join(format!("{path}.br"));
            if changed || !compressed.is_file() {
                write(&compressed, &compress::compress(content, profile)?)?;
            }
            kept.insert(compressed);
        }
        kept.insert(file);
    }
    remove_others(folder, &kept)
}

fn write_if_changed(file: &Path, content: &[u8]) -> Result<bool> {
    if fs::read(file).is_ok_and(|present| present == content) {
        return Ok(false);
    }
    write(file, content)?;
    Ok(true)
}

/// Writes beside the file and renames, so that nobody reads half of it.
fn write(file: &Path, content: &[u8]) -> Result<()> {
    let folder = file.parent().expect("a file of the site lies in its folder");
    let half = folder.join(".writing");
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(&half, content));
    written
        .and_then(|()| fs::rename(&half, file))
        .with_context(|| format!("{} cannot be written", file.display()))
}

fn remove_others(folder: &Path, kept: &BTreeSet<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            remove_others(&path, kept)?;
            if fs::read_dir(&path)?.next().is_none() {
                fs::remove_dir(&path)?;
            }
        } else if !kept.contains(&path) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}
