use super::*;
use crate::kernels::testing::noise;

/// Every operation on some operands, as bits.
struct Everything;

impl Kernel for Everything {
    type Output = Vec<u32>;

    fn run<S: Simd>(self) -> Vec<u32> {
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
            let dot = S::dot_small(S::start_small(-7), small, S::load(&signed));
            let dot = S::dot_small(dot, S::pick(S::load(&weights), 4, 15), S::splat4(&[1, 255, 3, 130]));
            let most = S::dot_small(dot, S::load(&[127; 16]), S::load(&[127; 16]));
            keep(S::small_to_floats(most));

            let offset = |bytes: [u8; 16]| bytes.map(|byte| byte.wrapping_add(S::ACTIVATION_OFFSET));
            let rows: [i16; 4] =
                std::array::from_fn(|i| weights[4 * i..4 * i + 4].iter().map(|&w| i16::from(w as i8)).sum());
            let dot = S::dot_weights(S::start_weights(&rows), S::load(&weights), S::load(&offset(signed)));
            keep(S::weights_to_floats(dot));
            let extreme = S::dot_weights(
                S::start_weights(&[-512; 4]),
                S::load(&[128; 16]),
                S::load(&offset([129; 16])),
            );
            keep(S::weights_to_floats(extreme));

            let (a, b) = (S::floats(&floats(3)), S::floats(&floats(4)));
            for floats in [
                S::add(a, b),
                S::sub(a, b),
                S::mul(a, b),
                S::div(a, b),
                S::min(a, b),
                S::max(a, b),
                S::abs(a),
            ] {
                keep(floats);
            }
            keep(S::from_bits(S::add_ints(S::to_bits(a), S::to_exponent(S::to_bits(S::splat(1e-44))))));
            let halves: [u16; 4] = std::array::from_fn(|i| {
                (round as u16).wrapping_mul(317).wrapping_add(i as u16 * 9973) & 0xbbff
            });
            keep(S::widen_halves(&halves));
            keep(S::widen_bfloats(&halves));
            keep(S::widen_bytes(&std::array::from_fn(|i| weights[i].cast_signed())));
            let shift = S::to_bits(S::splat(f32::from_bits(0_u32.wrapping_sub(12_582_912.0_f32.to_bits()))));
            let whole = S::add_ints(S::to_bits(S::add(a, S::splat(12_582_912.0))), shift);
            got_bytes(&mut keep, S::narrow([whole; 4]), S::splat);

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

fn got_bytes<F>(keep: &mut impl FnMut(F), bytes: [u8; 16], splat: impl Fn(f32) -> F) {
    for byte in bytes {
        keep(splat(f32::from(byte as i8)));
    }
}

#[test]
fn every_processor_gives_the_same_bits() {
    let expected = Portable::run(Everything);
    assert!(!expected.is_empty());
    #[cfg(target_arch = "x86_64")]
    {
        assert!(Sse2::run(Everything) == expected);
        if AvxVnni::is_there() {
            assert!(AvxVnni::run(Everything) == expected);
        }
    }
}

#[test]
fn dot_products_are_those_of_the_definition() {
    let weights: [u8; 16] = std::array::from_fn(|i| (i as u8).wrapping_mul(37));
    let activations: [u8; 16] = std::array::from_fn(|i| (i as u8).wrapping_mul(91).max(1));
    let expected: [f32; 4] = std::array::from_fn(|lane| {
        (4 * lane..4 * lane + 4).map(|i| f32::from(weights[i] as i8) * f32::from(activations[i] as i8)).sum()
    });
    let sums = Portable::start_weights(&[0; 4]);
    assert_eq!(Portable::weights_to_floats(Portable::dot_weights(sums, weights, activations)), expected);
}
