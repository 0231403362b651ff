use super::*;
use crate::kernels::{
    f16,
    testing::{noise, on_x86},
};

/// Every operation on some operands, as bits.
struct Everything;

impl<S: Simd> Kernel<S> for Everything {
    type Output = Vec<u32>;

    fn run(self) -> Vec<u32> {
        let mut got = Vec::new();
        let mut keep = |floats: S::Floats| got.extend(S::store(floats).map(f32::to_bits));
        for round in 0..200_u64 {
            let bytes = |seed: u64| -> [u8; 16] {
                let values = noise(round * 10 + seed, 16);
                std::array::from_fn(|i| (values[i] * 127.9) as i8 as u8)
            };
            let floats = |seed: u64| -> [f32; 4] {
                let values = noise(round * 10 + seed, 4);
                std::array::from_fn(|i| values[i] * 100.0)
            };
            let (weights, signed) = (bytes(1), bytes(2));
            let small = S::pick(S::load(&weights), 0, 15);
            for most in [3, 15, 31, 63] {
                keep(sum_of_steps::<S, S::Small>(S::Small::start(&(SHIFTED - 7)), most, |at| {
                    (weights[at] & most, signed[at])
                }));
                keep(sum_of_steps::<S, S::Small>(S::Small::start(&SHIFTED), most, |_| (most, -127_i8 as u8)));
            }
            let sum = signed[..4].iter().map(|&activation| 16 * i32::from(activation as i8)).sum();
            let start = S::Signed::start_signed(&signed_start(sum));
            keep(sum_of_steps::<S, S::Signed>(start, u8::MAX, |at| (weights[at], signed[at])));
            for (weight, activation) in [(0, -127_i8), (255, -127), (0, 127), (255, 127)] {
                let start = S::Signed::start_signed(&signed_start(16 * 4 * i32::from(activation)));
                keep(sum_of_steps::<S, S::Signed>(start, u8::MAX, |_| (weight, activation as u8)));
            }

            let (a, b) = (S::floats(&floats(3)), S::floats(&floats(4)));
            for floats in [
                S::add(a, b),
                S::sub(a, b),
                S::mul(a, b),
                S::div(a, b),
                S::min(a, b),
                S::max(a, b),
                S::largest(a),
                S::abs(a),
            ] {
                keep(floats);
            }
            keep(S::from_bits(S::add_ints(S::to_bits(a), S::to_exponent(S::to_bits(S::splat(1e-44))))));
            let halves: [u16; 4] = std::array::from_fn(|i| {
                (round as u16).wrapping_mul(317).wrapping_add(i as u16 * 9973) & 0xbbff
            });
            keep(S::widen_halves(&halves, S::splat(f16::unit(round as u16 % 31))));
            keep(S::widen_bfloats(&halves));
            keep(S::widen_bytes(&std::array::from_fn(|i| weights[i].cast_signed())));
            let whole = S::nearest(a);
            got_bytes(&mut keep, S::narrow([whole; 4]), S::splat);
            for [first, second] in S::narrow_pairs([whole, S::nearest(S::mul(b, S::splat(300.0)))]) {
                keep(S::splat(f32::from(first)));
                keep(S::splat(f32::from(second)));
            }

            let parts = S::or(S::pick(S::load(&weights), -2, 0x30), S::pick(S::load(&signed), 6, 3));
            let table: [u8; 16] = std::array::from_fn(|i| signed[i] ^ 0x55);
            for bytes in [parts, S::look_up(&table, small)] {
                let mut place = [0; 16];
                S::store_bytes(bytes, &mut place);
                got_bytes(&mut keep, place, S::splat);
            }
        }
        got
    }
}

/// Sixteen steps of the same weights, with the activations of the first row.
fn sum_of_steps<S: Simd, P: Products<S>>(
    start: P::Sums,
    most: u8,
    of: impl Fn(usize) -> (u8, u8),
) -> S::Floats {
    let weights: [u8; 16] = std::array::from_fn(|at| of(at).0);
    let activations = P::activations(&P::keep(std::array::from_fn(|at| of(at).1.cast_signed())));
    let mut sums = start;
    for step in 0..16 {
        sums = P::add(sums, P::load(&weights), activations);
        let steps = if most < 64 { until_settled(most) } else { SIGNED_STEPS };
        if step % steps == steps - 1 {
            sums = P::settle(sums);
        }
    }
    P::floats(P::settle(sums), 0.0)
}

fn got_bytes<F>(keep: &mut impl FnMut(F), bytes: [u8; 16], splat: impl Fn(f32) -> F) {
    for byte in bytes {
        keep(splat(f32::from(byte as i8)));
    }
}

#[test]
fn every_processor_gives_the_same_bits() {
    let expected = Portable::run(Everything);
    assert!(!expected.is_empty());
    on_x86!(X86 => assert!(X86::run(Everything) == expected));
}

#[test]
fn products_are_those_of_the_definition() {
    type Signed = <Portable as Simd>::Signed;
    let weights: [u8; 16] = std::array::from_fn(|i| (i as u8).wrapping_mul(37));
    let activations = [91, -127, 3, 127];
    let expected: [f32; 4] = std::array::from_fn(|row| {
        (0..4).map(|i| (f32::from(weights[4 * row + i]) - 128.0) * f32::from(activations[i])).sum()
    });
    let start = Signed::start_signed(&signed_start(91 - 127 + 3 + 127));
    let activations = Signed::activations(&Signed::keep(activations));
    let weights = <Signed as Products<Portable>>::load(&weights);
    let sums = <Signed as Products<Portable>>::add(start, weights, activations);
    assert_eq!(<Signed as Products<Portable>>::floats(sums, 0.0), expected);
}

#[test]
fn sums_are_settled_before_they_overflow() {
    for most in 1..=63 {
        let steps = until_settled(most);
        assert!(steps * 2 * 127 * usize::from(most) <= 32767 && 8 % steps == 0, "{most}: {steps}");
    }
}
