//! An adapter's configuration and, after a zero byte, its weights.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model_wasm::adapter;

fuzz_target!(|bytes: &[u8]| {
    let at = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let (config, weights) = bytes.split_at(at);
    if let Ok(info) = adapter::inspect("fuzz", config, weights.get(1..).unwrap_or_default()) {
        assert!(info.parameters <= bytes.len() as u64);
    }
});
