//! The native half of the check that WebAssembly and native compute the same bits.
#![cfg(not(target_arch = "wasm32"))]

mod support;

use model_wasm::{
    adapter::Adapter,
    engine::{Engine, Weights, reference::Reference},
    session::Base,
};

include!("bit_identity/expected.rs");

#[test]
fn the_fingerprints_are_those_of_this_engine() {
    let mut got = Vec::new();
    for (quantisation, adapted, _) in EXPECTED {
        let base = Base::load(&support::tiny(quantisation).bytes()).expect("a sound model");
        let mut engine = Reference::new(base.model);
        let (config, weights) = support::tiny_adapter(4);
        let adapter = Adapter::load(config.as_bytes(), &weights, engine.model()).expect("a sound adapter");
        let weights = if adapted { Weights::adapter(adapter.into(), 0.75) } else { Weights::base() };
        let sequence = engine.open(weights);
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let std::task::Poll::Ready(logits) =
            std::pin::pin!(engine.score(sequence, &TOKENS)).poll(&mut context)
        else {
            panic!("this engine never waits")
        };
        got.push((quantisation, adapted, support::fingerprint(&logits.expect("it fits").concat())));
    }
    assert_eq!(got, EXPECTED);
}
