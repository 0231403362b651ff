//! The runner that cargo calls for each WebAssembly test: wasm-bindgen's own, as a library.

fn main() -> anyhow::Result<()> {
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(std::env::args_os())
}
