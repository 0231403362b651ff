use std::sync::Arc;

use super::*;
use crate::{
    kernels::{
        activations::{Activations, InForm, quantise},
        f16,
        matmul::dequantise_row,
        simd::{Portable, Simd},
        testing::noise,
        unpack::{Multiples, NON_LINEAR},
    },
    model::Matrix,
};

/// Groups that a block of some kind can hold: integers below `integers`, factors below `factors`.
fn groups_of(integers: i16, factors: i16, offset: Option<i16>) -> Vec<Group> {
    let group = |row: i16| {
        let scales = Multiples {
            half: 0x2400 + 37 * row as u16,
            factors: [1 + 5 * row, 3 + 7 * row].map(|n| n % factors),
        };
        let minimums = match offset {
            Some(offset) => Multiples { factors: scales.factors.map(|factor| offset * factor), ..scales },
            None => Multiples {
                half: 0x2000 + 11 * row as u16,
                factors: [2 + 3 * row, 9 + row].map(|n| n % factors),
            },
        };
        Group { integers: std::array::from_fn(|i| (i as i16 * 29 + row) % integers), scales, minimums }
    };
    (0..PANEL as i16).map(group).collect()
}

fn reading() -> Reading<[f32; 4]> {
    Reading::new(Portable::splat(f16::unit(0)))
}

fn hold_and_multiply<B: FromGroup>(groups: &[Group])
where
    <B::Block as Block>::Form: InForm<Input<Portable> = Activations<[u8; 4]>>,
{
    let mut block = B::EMPTY;
    for (row, group) in groups.iter().enumerate() {
        block.set(row, group);
    }
    let mut space = B::Block::ZERO;
    let block = block.unpack::<Portable>(reading(), &mut space);
    let mut inputs = Activations::default();
    quantise::<Portable>(&noise(1, BLOCK)).keep::<Portable, Portable>(&mut inputs);
    let mut sums = [[Portable::splat(0.0); 4]; 1];
    block.add::<Portable, 1>([&inputs], reading(), &mut sums);
    for (row, group) in groups.iter().enumerate() {
        let weights = group.weights();
        let got: [f32; BLOCK] = std::array::from_fn(|column| block.weight(row, column, f16::unit(0)));
        assert_eq!(got, weights);
        let expected: f32 = (0..BLOCK)
            .map(|column| {
                let byte = inputs.steps[column / 4][column % 4];
                weights[column] * f32::from(byte.cast_signed()) * inputs.scale
            })
            .sum();
        assert!((sums[0][row / 4][row % 4] - expected).abs() < 1e-4 * expected.abs().max(1.0));
    }
}

#[test]
fn blocks_hold_the_weights_to_the_bit_and_multiply_them() {
    let even = |mut groups: Vec<Group>| {
        for group in &mut groups {
            for multiples in [&mut group.scales, &mut group.minimums] {
                multiples.factors = [multiples.factors[0]; 2];
            }
        }
        groups
    };
    let once = |integers, offset| {
        let mut groups = even(groups_of(integers, 2, Some(offset)));
        for group in &mut groups {
            (group.scales.factors, group.minimums.factors) = ([1; 2], [offset; 2]);
        }
        groups
    };
    hold_and_multiply::<Q4_0Block>(&once(16, 8));
    hold_and_multiply::<Q4Block>(&even(groups_of(16, 64, None)));
    hold_and_multiply::<Q5_0Block>(&once(32, 16));
    hold_and_multiply::<Q5Block>(&even(groups_of(32, 64, None)));
    hold_and_multiply::<Q2KBlock>(&groups_of(4, 16, None));
    hold_and_multiply::<Q3KBlock>(&groups_of(8, 32, Some(4)));
    hold_and_multiply::<Q6KBlock>(&groups_of(64, 128, Some(32)));
    let mut signed = once(16, 0);
    hold_and_multiply::<SignedBlock>(&signed);
    for group in &mut signed {
        group.integers = group.integers.map(|integer| i16::from(NON_LINEAR[integer as usize]));
    }
    hold_and_multiply::<NonLinearBlock>(&signed);
}

#[test]
fn blocks_are_little_larger_than_those_of_a_file() {
    for format in Format::ALL {
        let (weights, bytes) = format.tensor_type().block();
        let in_a_file = (PANEL * 256) as u64 / weights * bytes;
        let ratio = Packed::size_bytes(format, PANEL, 256) as f64 / in_a_file as f64;
        let most = match format {
            Format::F32 | Format::F16 | Format::Bf16 | Format::Q4_0 => 1.0,
            Format::Q2K => 1.34,
            _ => 1.25,
        };
        assert!((1.0..=most).contains(&ratio), "{format:?}: {ratio}");
    }
}

#[test]
fn bfloats_are_the_upper_halves_of_floats() {
    let mut block = BFloatBlock::ZERO;
    let row: Vec<u8> = (0..BLOCK).flat_map(|column| [0, 0x3fc0_u16][column / 31].to_le_bytes()).collect();
    BFloatBlock::put(std::slice::from_mut(&mut block), 5, Format::Bf16, &row);
    assert_eq!(block.weight(5, 31, f16::unit(0)), 1.5);
    let mut sums = [[Portable::splat(0.0); TILES]; 1];
    block.add::<Portable, 1>([&[2.0; BLOCK]], reading(), &mut sums);
    assert_eq!(sums[0][1], [0.0, 3.0, 0.0, 0.0]);
    assert_eq!(sums[0][0], [0.0; 4]);
}

#[test]
fn a_matrix_comes_to_the_same_however_its_bytes_are_cut() {
    for format in Format::ALL {
        for (rows, columns) in [(1, 256), (16, 256), (40, 512)] {
            let (weights, bytes) = format.tensor_type().block();
            let row_bytes = columns / weights as usize * bytes as usize;
            // Exponents of floats that are finite.
            let bytes: Vec<u8> = (0..rows * row_bytes).map(|i| (i * 31 + i / 7) as u8 & 0x3f).collect();
            let whole = Packed::new(format, rows, columns, &bytes);
            assert_eq!(whole.bytes() as u64, Packed::size_bytes(format, rows, columns));
            for part_bytes in [1, row_bytes - 1, 16 * row_bytes, 17 * row_bytes, bytes.len() + 5] {
                let mut packer = Packer::new(format, rows, columns);
                packer.reserve().expect("room");
                let more = [bytes.as_slice(), b"other"].concat();
                let mut behind = Vec::new();
                for part in more.chunks(part_bytes) {
                    behind.extend_from_slice(packer.push(part));
                }
                assert!(packer.is_whole());
                assert_eq!(behind, b"other", "{format:?} in parts of {part_bytes}");
                let in_parts = packer.finish();
                assert_eq!(in_parts.bytes(), whole.bytes());
                let (mut got, mut expected) = (vec![0.0; columns], vec![0.0; columns]);
                for row in 0..rows {
                    in_parts.row(row, &mut got);
                    whole.row(row, &mut expected);
                    assert_eq!(got, expected, "{format:?} in parts of {part_bytes}");
                }
                assert!(expected.iter().any(|weight| *weight != 0.0), "{format:?}: zeros say nothing");
            }
        }
    }
}

#[test]
fn what_is_subnormal_in_a_file_is_not_in_memory() {
    for format in [Format::F16, Format::Q8_0, Format::Q2K, Format::Q3K, Format::Q4K, Format::Q5K, Format::Q6K]
    {
        let values: Vec<f32> = noise(5, 40 * 256).iter().map(|value| value / 4096.0).collect();
        let matrix = Matrix::from_values(format, 40, 256, &values);
        let mut packed = matrix.packed();
        let (mut got, mut expected) = (vec![0.0; 256], vec![0.0; 256]);
        for row in 0..40 {
            packed.row(row, &mut got);
            dequantise_row(&matrix, row, &mut expected);
            for (got, expected) in got.iter().zip(&expected) {
                assert!((got - expected).abs() <= 1e-6 * expected.abs(), "{format:?}: {got}, not {expected}");
            }
        }
        let packed = Arc::get_mut(&mut packed).expect("nobody else has it");
        assert!(packed.unit < f16::unit(0), "{format:?}: nothing was raised");
        let is_subnormal = |half: &mut u16| (1..f16::LEAST_NORMAL).contains(&(*half & f16::MAGNITUDE));
        let left = each_kind!(&mut packed.blocks, blocks => {
            blocks.iter_mut().flat_map(FromRow::halves).any(is_subnormal)
        });
        assert!(!left, "{format:?}");
    }
}

#[test]
fn what_has_no_room_above_stays_subnormal() {
    let halves = [0x7bff_u16, 0x0001, 0x8001, 0x03ff];
    let bytes: Vec<u8> = (0..64).flat_map(|at| halves[at % 4].to_le_bytes()).collect();
    let packed = Packed::new(Format::F16, 2, 32, &bytes);
    let mut row = [0.0; 32];
    packed.row(1, &mut row);
    assert_eq!(row[..4], halves.map(f16::to_f32));
}
