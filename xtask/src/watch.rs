//! Notices that a source has changed, by looking: a few hundred files twice a second cost nothing,
//! and looking works on every file system.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, SystemTime},
};

use crate::root;

/// What the site is made of.
const SOURCES: [&str; 6] = ["app", "comparison", "model-wasm", "public", "Cargo.toml", "Cargo.lock"];
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Calls `changed` after every change of the sources, once they have been still for a moment.
/// Never returns.
pub(crate) fn on_change(mut changed: impl FnMut()) -> ! {
    let mut built = state();
    loop {
        thread::sleep(LOOK_EVERY);
        let mut seen = state();
        if seen == built {
            continue;
        }
        loop {
            thread::sleep(LOOK_EVERY);
            let now = state();
            if now == seen {
                break;
            }
            seen = now;
        }
        built = seen;
        changed();
    }
}

/// Every source file with the time it was last written.
fn state() -> Vec<(PathBuf, Option<SystemTime>)> {
    let mut files = Vec::new();
    for source in SOURCES {
        collect(&root().join(source), &mut files);
    }
    files
}

fn collect(path: &Path, files: &mut Vec<(PathBuf, Option<SystemTime>)>) {
    if let Ok(entries) = fs::read_dir(path) {
        entries.flatten().for_each(|entry| collect(&entry.path(), files));
    } else {
        let written = fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
        files.push((path.to_owned(), written));
    }
}
