//! Agreement with transformers and PEFT on random models of every architecture and tensor type, for both engines;
//! `tests/architectures.rs` asks for it natively, `tests/wasm_boundary.rs` in a browser.
#![allow(dead_code, unreachable_pub)]

use std::sync::Arc;

use model_wasm::{
    adapter::Adapter,
    engine::{
        Engine, Weights,
        cpu::{Cpu, Processor},
        reference::Reference,
    },
    model::Model,
    session::Base,
};

use crate::{
    random::{Entry, Index},
    support::{self, noise, safetensors},
};

/// Single precision on the same weights; logits reach 25 in size.
const EXACT_TOLERANCE: f32 = 1e-3;

/// 8-bit activations, as a share of the logits' size in the mean square: each activation is off by 0.23 % of its
/// block's largest in the mean square, and random weights do not let such errors cancel. Measured: 3.2 % at most.
const QUANTISED_TOLERANCE: f64 = 0.04;

/// Of the fast engine's logits for all models as they are stored, one after another: the same on every processor.
pub const FINGERPRINT: u64 = 0xcac7_6782_942b_405f;

/// Compares all models on a processor, and gives the fingerprint of the fast engine's logits.
pub async fn check(processor: Processor) -> u64 {
    let (index, all) = Index::read();
    let mut goldens = all.chunks_exact(index.tokens.len() * 262);
    let mut next = || goldens.next().expect("goldens for every model");
    let mut fast = Vec::new();
    for entry in &index.models {
        let name = &entry.name;
        let base = Base::load(&index.file(entry).bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
        let expected = next();
        let exact = Arc::new(base.model.dequantised().expect("it fits in memory"));
        let mut plain = Reference::new(exact.clone());
        let got = logits(&mut plain, Weights::base(), &index.tokens).await;
        assert_exact(&format!("{name} in single precision, plain"), &got, expected);
        let got = logits(&mut Reference::new(base.model.clone()), Weights::base(), &index.tokens).await;
        assert_near(&format!("{name}, plain"), &got, expected);
        let mut engine = Cpu::on(processor, exact.clone());
        let of_base = logits(&mut engine, Weights::base(), &index.tokens).await;
        assert_exact(&format!("{name} in single precision"), &of_base, expected);
        let got = logits(&mut Cpu::on(processor, base.model.clone()), Weights::base(), &index.tokens).await;
        assert_near(name, &got, expected);
        fast.extend(got);
        if !entry.adapter.is_empty() {
            let adapter = adapter(&index, entry, &exact);
            let with_adapter = |scale| Weights::adapter(adapter.clone(), scale);
            let expected = next();
            let got = logits(&mut engine, with_adapter(1.0), &index.tokens).await;
            assert_exact(&format!("{name} with an adapter"), &got, expected);
            let got = logits(&mut plain, with_adapter(1.0), &index.tokens).await;
            assert_exact(&format!("{name} with an adapter, plain"), &got, expected);
            let bits = |numbers: &[f32]| numbers.iter().map(|number| number.to_bits()).collect::<Vec<_>>();
            let nothing = logits(&mut engine, with_adapter(0.0), &index.tokens).await;
            assert_eq!(bits(&nothing), bits(&of_base), "{name}: scale 0 is not the base");
        }
    }
    assert!(goldens.next().is_none(), "goldens of no model");
    support::fingerprint(&fast)
}

/// The adapter of a random model.
fn adapter(index: &Index, entry: &Entry, model: &Model) -> Arc<Adapter> {
    let tensors: Vec<_> = entry
        .adapter
        .iter()
        .zip(1001..)
        .map(|(tensor, seed)| {
            let n = tensor.shape[0] * tensor.shape[1];
            let values = (0..n as u64).map(|i| noise(seed, i) / 8.0).collect();
            (tensor.name.clone(), tensor.shape, values)
        })
        .collect();
    let config = format!(
        r#"{{"peft_type": "LORA", "r": {}, "lora_alpha": {}, "bias": "none"}}"#,
        index.rank, index.alpha
    );
    let adapter = Adapter::load(config.as_bytes(), &safetensors(&tensors), model);
    Arc::new(adapter.unwrap_or_else(|error| panic!("{}: {error}", entry.name)))
}

async fn logits(engine: &mut impl Engine, weights: Weights, tokens: &[u32]) -> Vec<f32> {
    let sequence = engine.open(weights);
    let logits = engine.score(sequence, tokens).await.expect("logits").concat();
    engine.close(sequence);
    logits
}

fn assert_exact(name: &str, got: &[f32], expected: &[f32]) {
    assert_eq!(got.len(), expected.len(), "{name}");
    let worst = got.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0_f32, f32::max);
    assert!(worst <= EXACT_TOLERANCE, "{name}: off by {worst}");
}

fn assert_near(name: &str, got: &[f32], expected: &[f32]) {
    let squares = |numbers: &mut dyn Iterator<Item = f32>| numbers.map(|x| f64::from(x).powi(2)).sum::<f64>();
    let error = squares(&mut got.iter().zip(expected).map(|(a, b)| a - b));
    let share = (error / squares(&mut expected.iter().copied())).sqrt();
    assert!(share <= QUANTISED_TOLERANCE, "{name}: off by {share} of the logits");
}
