//! Random numbers by their place in the sequence.

/// Number `step` of the sequence that `seed` begins, in `0.0..1.0`.
///
/// This is `SplitMix64` (Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
/// 2014; constants of Vigna's `splitmix64.c`), whose state after n steps is known without taking them.
pub fn dice(seed: u64, step: u64) -> f64 {
    let state = seed.wrapping_add(step.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let random = mixed ^ (mixed >> 31);
    // 53 bits are what a double holds exactly.
    (random >> 11) as f64 / (1_u64 << 53) as f64
}
