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
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let std::task::Poll::Ready(fingerprint) =
            std::pin::pin!(fingerprint(quantisation, adapted)).poll(&mut context)
        else {
            panic!("this engine never waits")
        };
        got.push((quantisation, adapted, fingerprint));
    }
    assert_eq!(got, EXPECTED);
}
