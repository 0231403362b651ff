//! An adapter, by itself and on a base: a configuration and, after a zero byte, weights; or a GGUF file.
#![no_main]

use std::sync::LazyLock;

use fuzz::bounded;
use libfuzzer_sys::fuzz_target;
use model_wasm::{
    adapter::{Adapter, Files},
    session::Base,
};

/// The sound one of the models' seeds; some of the adapters' seeds fit it.
static BASE: LazyLock<Option<Base>> =
    LazyLock::new(|| Base::load(include_bytes!("../../tests/hostile/gguf/sound")).ok());

fn files(bytes: &[u8]) -> Files<'_> {
    if bytes.starts_with(b"GGUF") {
        return Files { config: None, weights: bytes };
    }
    let at = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let (config, weights) = bytes.split_at(at);
    Files { config: Some(config), weights: weights.get(1..).unwrap_or_default() }
}

fuzz_target!(|bytes: &[u8]| {
    let Some(base) = &*BASE else { panic!("the seed is sound") };
    bounded(bytes, || {
        let info = files(bytes).info("fuzz");
        if let Ok(info) = &info {
            assert!(info.parameters <= bytes.len() as u64);
        }
        if let Ok(adapter) = Adapter::from_files(files(bytes), &base.model) {
            assert_eq!(info.map(|info| info.parameters).ok(), Some(adapter.info("fuzz").parameters));
        }
    });
});
