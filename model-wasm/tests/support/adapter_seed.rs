//! How the files of an adapter lie in one seed; the fuzz target reads them by this too.

use model_wasm::adapter::Files;

/// A GGUF file, or a configuration and, after a zero byte, weights.
pub(crate) fn files(bytes: &[u8]) -> Files<'_> {
    if bytes.starts_with(b"GGUF") {
        return Files { config: None, weights: bytes };
    }
    let at = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let (config, weights) = bytes.split_at(at);
    Files { config: Some(config), weights: weights.get(1..).unwrap_or_default() }
}
