//! The Rust toolchain: adds what is missing, and says how cargo is to be called.

use std::{path::Path, process::Command};

use anyhow::{Result, bail};

use crate::{apt, command, root, say};

/// The version that the lints and the recorded numbers were made with.
const PINNED: &str = "1.95.0";
const WASM: &str = "wasm32-unknown-unknown";

const BUILD_STD: [&str; 2] = ["-Z", "build-std=std,panic_abort"];

/// How cargo is called, natively and for WebAssembly.
#[derive(Debug, Default)]
pub(crate) struct Toolchain {
    /// `RUSTUP_TOOLCHAIN`, where the active toolchain is another one.
    pinned: bool,
    /// Debian's compiler for WebAssembly stands in, as rustup has no target for us.
    debian: bool,
}

impl Toolchain {
    /// Finds the toolchain and adds the WebAssembly target and rust-src where they are missing.
    ///
    /// # Errors
    /// When there is no way to compile for WebAssembly on this machine.
    pub(crate) fn set_up() -> Result<Self> {
        let mut toolchain = Self::default();
        toolchain.pin()?;
        if !toolchain.has_target()? {
            toolchain.add_target()?;
        }
        if !toolchain.debian && !toolchain.has_source()? {
            toolchain.add_source()?;
        }
        Ok(toolchain)
    }

    /// cargo for native code.
    pub(crate) fn cargo(&self) -> Command {
        let mut cargo = self.proxy("cargo");
        cargo.current_dir(root());
        cargo
    }

    /// The compiler for native code.
    pub(crate) fn rustc(&self) -> Command {
        self.proxy("rustc")
    }

    /// cargo for WebAssembly: `cargo VERB --target wasm32-unknown-unknown`.
    pub(crate) fn cargo_wasm(&self, verb: &str) -> Command {
        let mut cargo = if self.debian { Command::new("/usr/bin/cargo") } else { self.proxy("cargo") };
        cargo.current_dir(root()).args([verb, "--target", WASM]);
        if self.debian {
            cargo.args(BUILD_STD);
            cargo.env("RUSTC", "/usr/bin/rustc").env("RUSTC_BOOTSTRAP", "1").env_remove("RUSTUP_TOOLCHAIN");
            cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld-19");
        }
        cargo
    }

    /// As [`Self::cargo_wasm`], with the standard library compiled anew: for threads, with which the one that comes
    /// with the target is not compiled.
    pub(crate) fn cargo_wasm_std(&self, verb: &str) -> Command {
        let mut cargo = self.cargo_wasm(verb);
        if !self.debian {
            cargo.args(BUILD_STD).env("RUSTC_BOOTSTRAP", "1");
        }
        cargo
    }

    /// Downloads the crates that are not here yet, those of the standard library too.
    ///
    /// # Errors
    /// When one is missing and cannot be downloaded.
    pub(crate) fn fetch(&self) -> Result<()> {
        let fetch = || {
            let mut cargo = self.cargo_wasm_std("fetch");
            cargo.arg("--locked");
            cargo
        };
        if command::succeeds(fetch().arg("--offline")) {
            return Ok(());
        }
        say::progress("Fetching", "crates");
        match command::read(&mut fetch()) {
            Ok(_) => Ok(()),
            Err(refusal) => {
                bail!("the crates cannot be downloaded, and a first build needs a network: {refusal}")
            }
        }
    }

    /// Adds a part of the toolchain, unless `cargo VERB` works already.
    ///
    /// # Errors
    /// When it is missing and rustup cannot add it.
    pub(crate) fn add_component(&self, component: &str, verb: &str) -> Result<()> {
        if command::succeeds(self.cargo().args([verb, "--version"])) {
            return Ok(());
        }
        say::progress("Adding", component);
        command::read(self.proxy("rustup").args(["component", "add", component])).map(|_| ())
    }

    /// A program of rustup's toolchain. Under `cargo xtask` the caller's toolchain is in the
    /// environment already.
    fn proxy(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        if self.pinned {
            command.env("RUSTUP_TOOLCHAIN", PINNED);
        }
        command
    }

    /// Prefers the pinned version, and is content with a newer one where it is not to be had.
    fn pin(&mut self) -> Result<()> {
        let active = command::read(self.proxy("rustc").arg("--version"))?;
        if active.starts_with(&format!("rustc {PINNED} ")) {
            return Ok(());
        }
        self.pinned = command::succeeds(Command::new("rustup").args(["run", PINNED, "rustc", "--version"]));
        if !self.pinned {
            say::progress("Installing", &format!("Rust {PINNED}"));
            let install = ["toolchain", "install", PINNED, "--profile", "minimal", "--no-self-update"];
            self.pinned = command::succeeds(Command::new("rustup").args(install));
        }
        if !self.pinned {
            say::progress(
                "Note",
                &format!("Rust {PINNED} cannot be had here; going on with {}", active.trim()),
            );
        }
        Ok(())
    }

    fn has_target(&self) -> Result<bool> {
        let mut rustc = self.proxy("rustc");
        let libraries = command::read(rustc.args(["--print", "target-libdir", "--target", WASM]))?;
        Ok(Path::new(libraries.trim()).is_dir())
    }

    fn has_source(&self) -> Result<bool> {
        let sysroot = command::read(self.proxy("rustc").args(["--print", "sysroot"]))?;
        Ok(Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library").is_dir())
    }

    fn add_target(&mut self) -> Result<()> {
        say::progress("Adding", WASM);
        let Err(refusal) = command::read(self.proxy("rustup").args(["target", "add", WASM])) else {
            return Ok(());
        };
        self.debian = true;
        if debian_compiler_is_here() {
            return Ok(());
        }
        if !apt::may_install() {
            bail!(
                "no compiler for WebAssembly: {refusal}. Run `rustup target add {WASM}` where there is a network"
            );
        }
        apt::install(&["rustc-web", "cargo-web", "rust-web-src", "lld-19"])
            .map_err(|error| error.context(format!("no compiler for WebAssembly: {refusal}")))
    }

    /// The standard library's source, to build it for threads.
    fn add_source(&self) -> Result<()> {
        say::progress("Adding", "rust-src");
        command::read(self.proxy("rustup").args(["component", "add", "rust-src"])).map(|_| ())
    }
}

fn debian_compiler_is_here() -> bool {
    ["/usr/bin/cargo", "/usr/bin/rustc", "/usr/bin/wasm-ld-19"].iter().all(|path| Path::new(path).is_file())
}
