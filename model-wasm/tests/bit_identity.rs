//! The native half of the check that WebAssembly and native compute the same bits.
#![cfg(not(target_arch = "wasm32"))]

mod support;

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

include!("bit_identity/expected.rs");

fn now<T>(future: impl Future<Output = T>) -> T {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("engines on the CPU never wait"),
    }
}

#[test]
fn the_reference_gives_the_same_bits_as_ever() {
    assert_eq!(now(fingerprints(Reference::new, &REFERENCE)), REFERENCE);
}

#[test]
fn the_fast_engine_gives_the_same_bits_on_every_processor() {
    for processor in Processor::all() {
        assert_eq!(now(fingerprints(|model| Cpu::on(processor, model), &CPU)), CPU, "{processor:?}");
    }
}
