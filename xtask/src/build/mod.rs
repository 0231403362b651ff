//! Writes the static site: both WebAssembly modules, hashed names, brotli beside them.

mod assemble;
mod compile;
mod compress;
mod hash;
mod headers;
mod publish;

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::Result;

pub use self::headers::{Isolation, headers_for};
pub(crate) use self::{
    compile::{bind, compile_crate},
    hash::is_hashed,
};
use crate::{root, say, toolchain::Toolchain};

/// How the site is compiled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Profile {
    /// What visitors get: small and fast, slow to build.
    #[default]
    Release,
    /// Quick to build.
    Dev,
}

impl Profile {
    /// cargo's profile for the engine.
    pub(crate) fn of_the_engine(self) -> &'static str {
        match self {
            Self::Release => "web-engine",
            Self::Dev => "web-dev",
        }
    }

    /// cargo's profile for the page.
    pub(crate) fn of_the_page(self) -> &'static str {
        match self {
            Self::Release => "web-app",
            Self::Dev => "web-dev",
        }
    }

    /// Where the site of this profile lies.
    pub fn site(self) -> PathBuf {
        match self {
            Self::Release => root().join("dist"),
            Self::Dev => root().join("target/dist-dev"),
        }
    }
}

/// Builds the site and says where it lies.
///
/// # Errors
/// When something is missing on this machine, does not compile or cannot be written.
pub fn build(profile: Profile) -> Result<PathBuf> {
    let started = Instant::now();
    let toolchain = Toolchain::set_up()?;
    toolchain.fetch()?;
    let modules = compile::modules(&toolchain, profile)?;
    let files = assemble::site(&root().join("public"), &modules)?;
    let site = profile.site();
    if !files.keys().any(|path| assemble::extension(path) == "gguf") {
        say::progress("Note", "there is no model in public/models yet");
    }
    publish::publish(&files, &site, profile)?;
    say::progress("Built", &format!("{} in {:.1} s", shown(&site), started.elapsed().as_secs_f64()));
    Ok(site)
}

/// A path as the person knows it: from the repository's root.
pub(crate) fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}
