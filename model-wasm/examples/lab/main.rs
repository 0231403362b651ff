//! The inference module on the command line: `cargo run --release -p model-wasm --example lab -- VERB`.
//!
//! JSON on standard output, progress on standard error. A failure prints
//! `{"error":{"kind","message"}}` and exits with 2.
#![allow(missing_docs, clippy::print_stdout)]

#[cfg(not(target_arch = "wasm32"))]
mod native;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    native::main()
}

#[cfg(target_arch = "wasm32")]
fn main() {}
