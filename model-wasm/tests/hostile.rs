//! Hostile files: each is refused with the error that names what is wrong.
//!
//! They lie in `tests/hostile/` and are the seeds of the fuzz targets as well. `HOSTILE=write` in the environment writes
//! them anew.
#![cfg(not(target_arch = "wasm32"))]

#[path = "support/adapter_seed.rs"]
mod adapter_seed;
#[path = "hostile/adapters.rs"]
mod adapters;
#[path = "hostile/models.rs"]
mod models;
#[path = "support/mod.rs"]
mod support;
#[path = "hostile/templates.rs"]
mod templates;
#[path = "hostile/tokenizers.rs"]
mod tokenizers;

use std::{fs, path::PathBuf};

/// A file, and a part of what is said of it; nothing when it is sound.
type Case = (&'static str, Vec<u8>, &'static str);

/// Checks that the folder holds the cases and nothing else, and that `read` says of each what it should.
fn check<T, E: ToString>(folder: &str, cases: Vec<Case>, read: impl Fn(&[u8]) -> Result<T, E>) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/hostile").join(folder);
    if std::env::var("HOSTILE").is_ok_and(|value| value == "write") {
        fs::create_dir_all(&folder).expect("a folder");
        for (name, bytes, _) in &cases {
            fs::write(folder.join(name), bytes).expect("a file");
        }
    }
    let mut names: Vec<String> = fs::read_dir(&folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .collect();
    names.sort();
    let mut expected: Vec<&str> = cases.iter().map(|(name, ..)| *name).collect();
    expected.sort_unstable();
    assert_eq!(names, expected);
    for (name, bytes, complaint) in cases {
        assert_eq!(fs::read(folder.join(name)).expect("a file"), bytes, "{name} is not what is written here");
        match read(&bytes) {
            Ok(_) => assert_eq!(complaint, "", "{name} passes"),
            Err(error) => {
                let error = error.to_string();
                assert!(!complaint.is_empty() && error.contains(complaint), "{name}: {error}");
            }
        }
    }
}
