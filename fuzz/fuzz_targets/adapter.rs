//! An adapter, by itself and on a base: a configuration and, after a zero byte, weights; or a GGUF file.
#![no_main]

#[path = "../../model-wasm/tests/support/adapter_seed.rs"]
mod adapter_seed;

use std::sync::LazyLock;

use adapter_seed::files;
use fuzz::bounded;
use libfuzzer_sys::fuzz_target;
use model_wasm::{adapter::Adapter, session::Base};

/// The sound one of the models' seeds; some of the adapters' seeds fit it.
static BASE: LazyLock<Option<Base>> =
    LazyLock::new(|| Base::load(include_bytes!("../../tests/hostile/gguf/sound")).ok());

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
