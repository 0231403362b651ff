//! Agreement with transformers and PEFT on random models of every architecture and tensor type, from the files that
//! `recipe/architectures.py` writes. The weights are not kept: both sides draw them by the same rule.
#![cfg(not(target_arch = "wasm32"))]

#[path = "support/random.rs"]
mod random;
#[path = "support/mod.rs"]
mod support;

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
use random::{Entry, Index};
use support::{noise, safetensors};

/// Single precision on the same weights; logits reach 25 in size.
const EXACT_TOLERANCE: f32 = 1e-3;

/// 8-bit activations, as a share of the logits' size in the mean square: each activation is off by 0.23 % of its
/// block's largest in the mean square, and random weights do not let such errors cancel. Measured: 2.9 % at most.
const QUANTISED_TOLERANCE: f64 = 0.04;

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

fn now<T>(future: impl Future<Output = T>) -> T {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("these engines never wait"),
    }
}

fn logits(engine: &mut impl Engine, weights: Weights, tokens: &[u32]) -> Vec<f32> {
    let sequence = engine.open(weights);
    let logits = now(engine.score(sequence, tokens)).expect("logits").concat();
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

#[test]
fn every_architecture_and_tensor_type_agrees_with_transformers() {
    let (index, all) = Index::read();
    let mut goldens = all.chunks_exact(index.tokens.len() * 262);
    let mut next = || goldens.next().expect("goldens for every model");
    for entry in &index.models {
        let name = &entry.name;
        let base = Base::load(&index.file(entry).bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
        let expected = next();
        let exact = Arc::new(base.model.dequantised().expect("it fits in memory"));
        let run_base = |model: &Arc<Model>, fast: bool| {
            if fast {
                logits(&mut Cpu::on(Processor::best(), model.clone()), Weights::base(), &index.tokens)
            } else {
                logits(&mut Reference::new(model.clone()), Weights::base(), &index.tokens)
            }
        };
        for fast in [false, true] {
            assert_exact(
                &format!("{name} in single precision, fast: {fast}"),
                &run_base(&exact, fast),
                expected,
            );
            assert_near(&format!("{name}, fast: {fast}"), &run_base(&base.model, fast), expected);
        }
        if !entry.adapter.is_empty() {
            let adapter = adapter(&index, entry, &exact);
            let with_adapter = |scale| Weights::adapter(adapter.clone(), scale);
            let mut engine = Cpu::on(Processor::best(), exact.clone());
            let got = logits(&mut engine, with_adapter(1.0), &index.tokens);
            let expected = next();
            assert_exact(&format!("{name} with an adapter"), &got, expected);
            let got = logits(&mut Reference::new(exact.clone()), with_adapter(1.0), &index.tokens);
            assert_exact(&format!("{name} with an adapter, plain"), &got, expected);
            let bits = |numbers: Vec<f32>| numbers.into_iter().map(f32::to_bits).collect::<Vec<_>>();
            let nothing = logits(&mut engine, with_adapter(0.0), &index.tokens);
            assert_eq!(bits(nothing), bits(run_base(&exact, true)), "{name}: scale 0 is not the base");
        }
    }
    assert!(goldens.next().is_none(), "goldens of no model");
}
