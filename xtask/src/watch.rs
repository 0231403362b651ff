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

/// Files and folders that are watched, and how they were when they were last built.
#[derive(Debug)]
pub(crate) struct Watcher {
    sources: Vec<PathBuf>,
    built: State,
}

/// Every file with the time it was last written.
type State = Vec<(PathBuf, Option<SystemTime>)>;

impl Watcher {
    /// Watches what the site is made of, from now on.
    pub(crate) fn of_the_site() -> Self {
        Self::new(SOURCES.iter().map(|source| root().join(source)).collect())
    }

    fn new(sources: Vec<PathBuf>) -> Self {
        let built = state(&sources);
        Self { sources, built }
    }

    /// Waits until something differs from what it was at the last call and has been still for a moment.
    pub(crate) fn wait(&mut self) {
        let mut seen = state(&self.sources);
        loop {
            thread::sleep(LOOK_EVERY);
            let now = state(&self.sources);
            if now == seen && now != self.built {
                self.built = now;
                return;
            }
            seen = now;
        }
    }
}

fn state(sources: &[PathBuf]) -> State {
    let mut files = Vec::new();
    for source in sources {
        collect(source, &mut files);
    }
    files
}

fn collect(path: &Path, files: &mut State) {
    if let Ok(entries) = fs::read_dir(path) {
        entries.flatten().for_each(|entry| collect(&entry.path(), files));
    } else {
        let written = fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
        files.push((path.to_owned(), written));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn every_change_is_noticed_once_and_stillness_never() {
        let folder = root().join("target/watch-tests");
        fs::create_dir_all(folder.join("src")).expect("a folder");
        fs::write(folder.join("src/page.rs"), "one").expect("a file");
        let mut watcher = Watcher::new(vec![folder.clone()]);
        let (sender, changes) = mpsc::channel();
        thread::spawn(move || {
            loop {
                watcher.wait();
                if sender.send(()).is_err() {
                    return;
                }
            }
        });
        let nothing = || changes.recv_timeout(4 * LOOK_EVERY).is_err();
        let something = || changes.recv_timeout(20 * LOOK_EVERY).is_ok();
        assert!(nothing());
        fs::write(folder.join("src/page.rs"), "two").expect("a file");
        assert!(something(), "a file was written");
        fs::write(folder.join("src/new.rs"), "").expect("a file");
        assert!(something(), "a file was added");
        fs::remove_file(folder.join("src/new.rs")).expect("a file goes");
        assert!(something(), "a file was removed");
        assert!(nothing());
    }
}
