//! What the steps need besides Rust, a browser and a C++ compiler, looked for before the first of them runs.

use std::process::Command;

use anyhow::{Result, bail};

use crate::{apt, command};

/// A program that a step cannot do without.
struct Need {
    step: &'static str,
    /// For people.
    name: &'static str,
    /// Succeeds where it is there.
    program: &'static str,
    arguments: &'static [&'static str],
    /// Debian's package.
    package: &'static str,
}

const NEEDS: [Need; 2] = [
    Need { step: "journeys", name: "npm", program: "npm", arguments: &["--version"], package: "npm" },
    Need {
        step: "recipe",
        name: "Python 3 with venv",
        program: "python3",
        arguments: &["-c", "import ensurepip, venv"],
        package: "python3-venv",
    },
];

impl Need {
    fn is_met(&self) -> bool {
        command::succeeds(Command::new(self.program).args(self.arguments))
    }
}

/// Sees to it that these steps find what they need, and installs Debian's packages where we may.
///
/// # Errors
/// When something is missing; names all of it.
pub(super) fn set_up(steps: &[&str]) -> Result<()> {
    let missing =
        || NEEDS.iter().filter(|need| steps.contains(&need.step) && !need.is_met()).collect::<Vec<_>>();
    let packages: Vec<_> = missing().iter().map(|need| need.package).collect();
    if !packages.is_empty() && apt::may_install() {
        apt::install(&packages)?;
    }
    let names: Vec<_> = missing().iter().map(|need| format!("{} (for {})", need.name, need.step)).collect();
    if !names.is_empty() {
        bail!(
            "the tests need what is not there: {}; install it, or name the other steps with --only",
            names.join(", ")
        );
    }
    Ok(())
}
