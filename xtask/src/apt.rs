//! Debian's packages, where we may install them.

use std::process::Command;

use anyhow::{Context, Result};

use crate::{command, say};

/// Whether this is a Debian (or a child of it) and we are root.
pub(crate) fn may_install() -> bool {
    let root = command::read(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    root && command::succeeds(Command::new("apt-get").arg("--version"))
}

/// Installs packages.
///
/// # Errors
/// When apt-get does not succeed.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    say::progress("Installing", &packages.join(", "));
    command::read(Command::new("apt-get").arg("update")).context("Debian's package list cannot be read")?;
    let mut install = Command::new("apt-get");
    install.args(["install", "--yes", "--no-install-recommends"]).args(packages);
    command::read(install.env("DEBIAN_FRONTEND", "noninteractive"))?;
    Ok(())
}
