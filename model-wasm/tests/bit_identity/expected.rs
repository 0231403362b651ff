// Fingerprints of the small model's logits over TOKENS. tests/bit_identity.rs checks them natively and
// prints them where they differ; tests/wasm_boundary.rs checks the same ones in a browser.
const TOKENS: [u32; 12] = [1, 7, 77, 149, 3, 260, 261, 20, 20, 99, 2, 258];
const EXPECTED: [(support::Quantisation, bool, u64); 8] = [
    (support::Quantisation::F32, false, 0),
    (support::Quantisation::F32, true, 0),
    (support::Quantisation::F16, false, 0),
    (support::Quantisation::F16, true, 0),
    (support::Quantisation::Q8_0, false, 0),
    (support::Quantisation::Q8_0, true, 0),
    (support::Quantisation::Q4_0, false, 0),
    (support::Quantisation::Q4_0, true, 0),
];
