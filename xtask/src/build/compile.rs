//! From Rust to JavaScript glue and WebAssembly.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use super::Profile;
use crate::{command, root, say, toolchain::Toolchain};

/// A crate that becomes a WebAssembly module.
struct Module {
    package: &'static str,
    library: &'static str,
    profile: fn(Profile) -> &'static str,
    /// The name under which the page or the worker imports it.
    name: &'static str,
}

const MODULES: [Module; 2] = [
    Module { package: "app", library: "app", profile: Profile::of_the_page, name: "app" },
    Module { package: "model-wasm", library: "model_wasm", profile: Profile::of_the_engine, name: "engine" },
];

/// Compiles the page and the engine, and returns the folder that holds their glue and modules.
pub(super) fn modules(toolchain: &Toolchain, profile: Profile) -> Result<PathBuf> {
    let folder = root().join(match profile {
        Profile::Release => "target/glue",
        Profile::Dev => "target/glue-dev",
    });
    if folder.exists() {
        std::fs::remove_dir_all(&folder)
            .with_context(|| format!("{} cannot be emptied", folder.display()))?;
    }
    for module in &MODULES {
        let wasm = compile(toolchain, module, profile)?;
        bind(module, profile, &wasm, &folder)?;
    }
    Ok(folder)
}

fn compile(toolchain: &Toolchain, module: &Module, profile: Profile) -> Result<PathBuf> {
    let profile = (module.profile)(profile);
    say::progress("Compiling", &format!("{} ({profile})", module.package));
    let mut cargo = toolchain.cargo_wasm("build");
    cargo.args(["--quiet", "--lib", "--package", module.package, "--profile", profile]);
    cargo.arg("--message-format=json-render-diagnostics").stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = cargo.output().context("cargo cannot be started")?;
    if !output.status.success() {
        bail!("`{}` did not succeed", command::in_words(&cargo));
    }
    artifact(&String::from_utf8_lossy(&output.stdout), module.library)
        .with_context(|| format!("cargo named no .wasm file for {}", module.package))
}

/// The module's file, as cargo reports it: wherever the target directory may be.
fn artifact(messages: &str, library: &str) -> Option<PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let ours = messages.filter(|message| message["target"]["name"] == library);
    ours.rev().find_map(|message| {
        let files = message["filenames"].as_array()?.iter().filter_map(|file| file.as_str());
        files.map(PathBuf::from).find(|file| file.extension().is_some_and(|extension| extension == "wasm"))
    })
}

fn bind(module: &Module, profile: Profile, wasm: &Path, folder: &Path) -> Result<()> {
    let dev = profile == Profile::Dev;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(wasm).out_name(module.name).typescript(false).omit_default_module_path(false);
    bindgen.remove_name_section(!dev).remove_producers_section(!dev);
    let bound = bindgen.web(true).and_then(|bindgen| bindgen.generate(folder));
    bound.with_context(|| format!("the glue of {} cannot be made", module.package))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_artifact_is_the_last_wasm_file_of_the_library() {
        let messages = r#"
{"reason":"compiler-artifact","target":{"name":"protocol"},"filenames":["/t/libprotocol.rlib"]}
{"reason":"compiler-artifact","target":{"name":"app"},"filenames":["/t/libapp.rlib","/t/app.wasm"]}
{"reason":"build-finished","success":true}"#;
        assert_eq!(artifact(messages, "app"), Some(PathBuf::from("/t/app.wasm")));
        assert_eq!(artifact(messages, "protocol"), None);
    }
}
