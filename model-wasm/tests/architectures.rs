//! Agreement with transformers and PEFT on random models of every architecture and tensor type, from the files that
//! `recipe/architectures.py` writes. The weights are not kept: both sides draw them by the same rule.
#![cfg(not(target_arch = "wasm32"))]

#[path = "support/architectures.rs"]
mod architectures;
#[path = "support/random.rs"]
mod random;
#[path = "support/mod.rs"]
mod support;

use model_wasm::engine::cpu::Processor;

fn now<T>(future: impl Future<Output = T>) -> T {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("these engines never wait"),
    }
}

#[test]
fn every_architecture_and_tensor_type_agrees_with_transformers() {
    for processor in Processor::all() {
        assert_eq!(now(architectures::check(processor)), architectures::FINGERPRINT, "{processor:?}");
    }
}
