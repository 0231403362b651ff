//! Builds, serves, tests and measures the playground.
//!
//! A library besides a program, so that the browser tests serve the site with the very same server.

use std::path::{Path, PathBuf};

pub mod bench;
pub mod browser;
pub mod build;
pub mod fuzz;
pub mod say;
pub mod serve;
pub mod server;
pub mod size;
pub mod test;

mod apt;
mod command;
mod toolchain;
mod watch;

/// The repository's root.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}
