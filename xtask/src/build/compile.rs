//! From Rust to JavaScript glue and WebAssembly.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context, Result, anyhow, bail};
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
    /// What it is compiled for.
    features: Features,
}

/// What a browser must have to run a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Features {
    /// SIMD of 128 bits.
    Simd,
    /// And shared memory with threads.
    SimdThreads,
    /// And relaxed SIMD.
    RelaxedThreads,
}

const APP: Module = Module {
    package: "app",
    library: "app",
    profile: Profile::of_the_page,
    name: "app",
    features: Features::Simd,
};
const fn engine(name: &'static str, features: Features) -> Module {
    Module { package: "model-wasm", library: "model_wasm", profile: Profile::of_the_engine, name, features }
}

const MODULES: [Module; 4] = [
    APP,
    engine("engine", Features::Simd),
    engine("engine-threads", Features::SimdThreads),
    engine("engine-relaxed", Features::RelaxedThreads),
];

impl Features {
    /// The flags for rustc, as `CARGO_ENCODED_RUSTFLAGS` holds them; `None` for those of `.cargo/config.toml`.
    fn flags(self) -> Option<String> {
        if self == Self::Simd {
            return None;
        }
        // The memory is made by the worker's glue and given to the helpers; each thread's variables have their
        // place in it.
        let arguments = ["shared-memory", "import-memory", MOST_MEMORY]
            .into_iter()
            .map(str::to_owned)
            .chain(
                ["__wasm_init_tls", "__tls_size", "__tls_align", "__tls_base"]
                    .map(|it| format!("export={it}")),
            )
            .map(|argument| format!("-Clink-arg=--{argument}"));
        let flags = [THREADS.to_owned(), "--cfg=getrandom_backend=\"wasm_js\"".to_owned()];
        Some(flags.into_iter().chain(arguments).collect::<Vec<_>>().join("\x1f"))
    }

    /// Those of the module's crate, as cargo knows them: its kernels alone are compiled for them, and what it depends on is
    /// compiled once.
    fn of_the_crate(self) -> &'static [&'static str] {
        if self == Self::RelaxedThreads { &["--features", "relaxed-simd"] } else { &[] }
    }
}

/// What is compiled for shared memory, the standard library too.
const THREADS: &str = "-Ctarget-feature=+simd128,+atomics,+bulk-memory,+mutable-globals";

/// Shared memory needs a bound: all that 32 bits address.
const MOST_MEMORY: &str = "max-memory=4294967296";

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
    // Half of the time of each is that of one core, which optimises the whole module. Those that share what they depend on
    // follow one another.
    let (alone, with_threads) = MODULES.split_at(2);
    let one_by_one = |modules: &[Module]| -> Result<()> {
        for module in modules {
            let wasm = compile(toolchain, module, profile)?;
            bind(&wasm, module.name, profile, &folder)?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let others = scope.spawn(|| one_by_one(with_threads));
        let alone = one_by_one(alone);
        alone.and(others.join().map_err(|_| anyhow!("a module was not compiled"))?)
    })?;
    Ok(folder)
}

fn compile(toolchain: &Toolchain, module: &Module, profile: Profile) -> Result<PathBuf> {
    let dev = profile == Profile::Dev;
    let profile = (module.profile)(profile);
    say::progress("Compiling", &format!("{} ({profile})", module.name));
    // For every day one build of the engine is enough; it goes by all three names.
    let features = if dev { Features::Simd } else { module.features };
    let mut cargo = match features.flags() {
        None => toolchain.cargo_wasm("build"),
        Some(flags) => {
            // Their own folder, so that the builds do not undo one another's work.
            let mut cargo = toolchain.cargo_wasm_std("build");
            cargo.arg("--target-dir").arg(root().join("target/threads"));
            // Two modules of one crate: without this, cargo keeps the one it compiled last, and the other anew each time.
            cargo.env("CARGO_ENCODED_RUSTFLAGS", flags).env("__CARGO_DEFAULT_LIB_METADATA", "threads");
            cargo
        }
    };
    cargo.args(["--quiet", "--lib", "--package", module.package, "--profile", profile]);
    cargo.args(features.of_the_crate());
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

/// Compiles a crate that is none of the workspace's for WebAssembly.
pub(crate) fn compile_crate(toolchain: &Toolchain, manifest: &Path, library: &str) -> Result<PathBuf> {
    let mut cargo = toolchain.cargo_wasm("build");
    cargo
        .args(["--quiet", "--release", "--message-format=json-render-diagnostics", "--manifest-path"])
        .arg(manifest);
    cargo.arg("--target-dir").arg(root().join("target").join(library));
    let output =
        cargo.stdin(Stdio::null()).stderr(Stdio::inherit()).output().context("cargo cannot be started")?;
    if !output.status.success() {
        bail!("`{}` did not succeed", command::in_words(&cargo));
    }
    artifact(&String::from_utf8_lossy(&output.stdout), library)
        .with_context(|| format!("cargo named no .wasm file for {library}"))
}

/// Writes the glue of a module, and the module as the glue wants it, into `folder` under `name`.
pub(crate) fn bind(wasm: &Path, name: &str, profile: Profile, folder: &Path) -> Result<()> {
    let dev = profile == Profile::Dev;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(wasm).out_name(name).typescript(false).omit_default_module_path(false);
    bindgen.remove_name_section(!dev).remove_producers_section(!dev);
    let bound = bindgen.web(true).and_then(|bindgen| bindgen.generate(folder));
    bound.with_context(|| format!("the glue of {name} cannot be made"))
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
