//! Agreement with PEFT on adapters in every format, from the files that `recipe/adapters.py` writes: PEFT's own, and
//! the same adapter as GGUF and as mlx-lm lays it out.
#![cfg(not(target_arch = "wasm32"))]

#[path = "support/mod.rs"]
mod support;

use std::{fs, path::PathBuf, sync::Arc};

use model_wasm::{
    adapter::{Adapter, Files, choose},
    engine::{
        Engine, Weights,
        cpu::{Cpu, Processor},
        reference::Reference,
    },
    session::Base,
};
use support::{Quantisation, tiny};

/// Single precision on the same weights; logits reach 5 in size. Measured: 2.1e-6 at most.
const TOLERANCE: f32 = 2e-5;

fn goldens(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/goldens/adapters").join(name)
}

/// An adapter of a file, or of the files in a folder.
fn adapter(name: &str, base: &Base) -> Adapter {
    let path = goldens(name);
    let paths: Vec<PathBuf> = if path.is_dir() {
        path.read_dir().expect("a folder").map(|entry| entry.expect("a file").path()).collect()
    } else {
        vec![path]
    };
    let name_of = |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let names: Vec<String> = paths.iter().filter_map(name_of).collect();
    let places = choose(&names.iter().map(String::as_str).collect::<Vec<_>>()).expect(name);
    let read = |place: usize| fs::read(&paths[place]).expect("a file");
    let (config, weights) = (places.config.map(read), read(places.weights));
    Adapter::from_files(Files { config: config.as_deref(), weights: &weights }, &base.model).expect(name)
}

fn now<T>(future: impl Future<Output = T>) -> T {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("these engines never wait"),
    }
}

fn assert_agrees(engine: &mut impl Engine, weights: Weights, file: &str, what: &str) {
    let tokens: Vec<u32> = (0..16).map(|i| (i * 37 + 5) % 262).collect();
    let bytes = fs::read(goldens(file)).expect("goldens");
    let expected: Vec<f32> = bytes.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
    let sequence = engine.open(weights);
    let got = now(engine.score(sequence, &tokens)).expect("logits").concat();
    engine.close(sequence);
    assert_eq!(got.len(), expected.len(), "{what}");
    let worst = got.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0_f32, f32::max);
    assert!(worst <= TOLERANCE, "{what}: off by {worst}");
}

#[test]
fn adapters_of_every_format_agree_with_peft() {
    let base = Base::load(&tiny(Quantisation::F32).bytes()).expect("a sound model");
    let exact = Arc::new(base.model.dequantised().expect("it fits in memory"));
    let (mut plain, mut fast) = (Reference::new(exact.clone()), Cpu::on(Processor::best(), exact));
    assert_agrees(&mut plain, Weights::base(), "base.bin", "the base");
    for (name, logits) in [
        ("plain-peft", "plain.bin"),
        ("plain-mlx", "plain.bin"),
        ("plain.gguf", "plain.bin"),
        ("patterns-peft", "patterns.bin"),
        ("ends-peft", "ends.bin"),
        ("ends.gguf", "ends.bin"),
    ] {
        let adapter = Arc::new(adapter(name, &base));
        assert_agrees(&mut plain, Weights::adapter(adapter.clone(), 1.0), logits, name);
        assert_agrees(&mut fast, Weights::adapter(adapter, 1.0), logits, &format!("{name}, fast"));
    }
}
