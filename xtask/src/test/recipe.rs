//! The recipe at smoke size: every stage, in minutes.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};

use super::{Context, Outcome};
use crate::{command, root, say};

pub(super) fn smoke(_: &Context) -> Result<Outcome> {
    let requirements = root().join("recipe/requirements.txt");
    let python = environment(&requirements)?;
    command::run(Command::new(python).arg("recipe/smoke.py").current_dir(root()))?;
    Ok(Outcome::Passed)
}

/// The Python of `.tools/venv`, with the recipe's requirements installed.
fn environment(requirements: &Path) -> Result<PathBuf> {
    let folder = root().join(".tools/venv");
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let wanted = fs::read_to_string(requirements).context("recipe/requirements.txt cannot be read")?;
    let stamp = folder.join("installed.txt");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    say::progress("Installing", "the recipe's Python packages into .tools/venv");
    let mut venv = Command::new("python3");
    command::run(venv.args(["-m", "venv"]).arg(&folder))
        .context("the recipe needs Python 3 with its venv module")?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--requirement"]).arg(requirements);
    command::run(&mut pip).context("the recipe's Python packages cannot be installed")?;
    fs::write(&stamp, wanted)?;
    Ok(python)
}
