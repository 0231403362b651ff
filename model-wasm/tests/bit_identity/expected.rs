// Fingerprints of the small model's logits over TOKENS, of the reference engine and of the fast one.
// tests/bit_identity.rs checks them natively and prints them where they differ; tests/wasm_boundary.rs checks the
// same ones in a browser.
const TOKENS: [u32; 12] = [1, 7, 77, 149, 3, 260, 261, 20, 20, 99, 2, 258];
type Fingerprints = [(support::Quantisation, bool, u64); 8];
const REFERENCE: Fingerprints = [
    (support::Quantisation::F32, false, 0xe0f0_f8e6_6e6b_661e),
    (support::Quantisation::F32, true, 0xebe9_7dda_f4dd_5123),
    (support::Quantisation::F16, false, 0x9124_b90b_031f_8134),
    (support::Quantisation::F16, true, 0x1cd3_8c8d_9071_92e7),
    (support::Quantisation::Q8_0, false, 0x7b64_0d29_1d1c_bb97),
    (support::Quantisation::Q8_0, true, 0xef97_3ff8_b03b_2ee2),
    (support::Quantisation::Q4_0, false, 0x9de8_6c3d_88f2_2b01),
    (support::Quantisation::Q4_0, true, 0x4516_6c76_fa7e_e3cd),
];

const CPU: Fingerprints = [
    (support::Quantisation::F32, false, 0x80a8_6652_036f_cc96),
    (support::Quantisation::F32, true, 0x5dc2_2830_7511_9a13),
    (support::Quantisation::F16, false, 0x67f4_70cd_1f35_5b8f),
    (support::Quantisation::F16, true, 0xb090_7a93_d682_7e26),
    (support::Quantisation::Q8_0, false, 0x5f54_9fe9_a25d_b74c),
    (support::Quantisation::Q8_0, true, 0x2304_b4d3_308a_b2ba),
    (support::Quantisation::Q4_0, false, 0xb27c_42b3_de85_2fda),
    (support::Quantisation::Q4_0, true, 0xaf80_3698_5259_f27e),
];

/// The fingerprints of the logits after each of [`TOKENS`], as `expected` has them if all is well.
async fn fingerprints<E: Engine>(
    engine_for: impl Fn(std::sync::Arc<Model>) -> E,
    expected: &Fingerprints,
) -> Fingerprints {
    let mut got = *expected;
    for (quantisation, with_adapter, fingerprint) in &mut got {
        let base = Base::load(&support::tiny(*quantisation).bytes()).expect("a sound model");
        let mut engine = engine_for(base.model);
        let (config, weights) = support::tiny_adapter(4);
        let adapter = Adapter::load(config.as_bytes(), &weights, engine.model()).expect("a sound adapter");
        let weights = if *with_adapter { Weights::adapter(adapter.into(), 0.75) } else { Weights::base() };
        let sequence = engine.open(weights);
        let logits = engine.score(sequence, &TOKENS).await.expect("it fits");
        *fingerprint = support::fingerprint(&logits.concat());
    }
    got
}
