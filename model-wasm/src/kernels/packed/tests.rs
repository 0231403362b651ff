use super::*;
use crate::kernels::{
    activations::quantise,
    simd::{Portable, Simd},
    testing::noise,
};

#[test]
fn small_blocks_multiply_what_they_hold() {
    let mut block = SmallBlock::ZERO;
    let integers: [i16; BLOCK] = std::array::from_fn(|i| (i as i16 * 29) % 128);
    for row in 0..PANEL {
        let scale = 0.01 * (row + 1) as f32;
        block.set(row, &integers, [scale, 2.0 * scale], [0.5, -0.25]);
    }
    assert_eq!(block.weight(3, 20), 0.08 * f32::from(integers[20]) + 0.25);
    let inputs = quantise::<Portable>(&noise(1, BLOCK));
    let mut sums = [[Portable::splat(0.0); 4]; 1];
    block.add::<Portable, 4, 1>(0, [&inputs], Steps::unknown(), &mut sums);
    for row in 0..PANEL {
        let expected: f32 = (0..BLOCK)
            .map(|column| {
                let byte = inputs.signed[column / 4][column % 4];
                block.weight(row, column) * f32::from(byte as i8) * inputs.scale
            })
            .sum();
        assert!((sums[0][row / 4][row % 4] - expected).abs() < 1e-4);
    }
}

#[test]
fn bfloats_are_the_upper_halves_of_floats() {
    let mut block = BFloatBlock::ZERO;
    block.set(5, 31, 0x3fc0);
    assert_eq!(block.weight(5, 31), 1.5);
    let mut sums = [[Portable::splat(0.0); 1]; 1];
    block.add::<Portable, 1, 1>(1, [&[2.0; BLOCK]], Steps::unknown(), &mut sums);
    assert_eq!(sums, [[[0.0, 3.0, 0.0, 0.0]]]);
}
