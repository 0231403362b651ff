use super::*;
use crate::{
    kernels::{
        BLOCK,
        matmul::{self, dequantise_row},
        quantise::Quantised,
        simd::Portable,
        testing::{assert_close, noise, on_x86},
    },
    model::{Format, Matrix},
    threads::pool,
};

/// A matrix in each format whose blocks fill the columns.
fn matrices(rows: usize, columns: usize) -> Vec<Matrix> {
    Format::ALL
        .into_iter()
        .filter(|format| (columns as u64).is_multiple_of(format.tensor_type().block().0))
        .map(|format| match format {
            Format::Iq4Nl => {
                let block =
                    |at| [0x00, 0x20].into_iter().chain((0..16).map(move |i| (at * 31 + i * 77) as u8));
                let bytes: Vec<u8> = (0..rows * columns / BLOCK).flat_map(block).collect();
                Matrix::new("test", format, rows, columns, &bytes).expect("a sound matrix")
            }
            format => Matrix::from_values(format, rows, columns, &noise(7, rows * columns)),
        })
        .collect()
}

/// Activations that stay what they are when they are quantised, nearly.
fn activations(seed: u64, n: usize) -> Vec<f32> {
    let quantised = Quantised::new(&noise(seed, n), n);
    let (integers, scales) = quantised.row(0);
    integers.iter().enumerate().map(|(i, &integer)| f32::from(integer) * scales[i / BLOCK]).collect()
}

fn product<S: Simd>(packed: &Packed, x: &[f32], streams: Streams) -> Vec<f32> {
    let mut inputs = Inputs::default();
    inputs.set::<S>(pool(), x, packed.columns(), [packed.form()]);
    let mut values = vec![f32::NAN; inputs.rows() * packed.rows()];
    let output = Output::new(&mut values, packed.rows());
    matmul::<S>(packed, 0..packed.panels(), &inputs, output, streams);
    values
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn agrees_with_the_reference() {
    for (rows, columns) in [(16, 32), (33, 64), (7, 96), (48, 256), (100, 64)] {
        for matrix in matrices(rows, columns) {
            let packed = matrix.packed();
            assert_eq!(packed.bytes() as u64, Packed::size_bytes(matrix.format(), rows, columns));
            for m in [1, 2, 3, 4, 5, 9] {
                let x = activations(9, m * columns);
                let mut expected = vec![0.0; m * rows];
                matmul::matmul(&matrix, &matmul::Activations::new(&x, columns), &mut expected);
                assert_close(&product::<Portable>(&packed, &x, Streams::One), &expected, 1e-4);
            }
        }
    }
}

#[test]
fn every_processor_gives_the_same_bits_at_every_batch_size_in_any_number_of_streams() {
    for matrix in [160, 512].into_iter().flat_map(|columns| matrices(100, columns)) {
        let columns = matrix.columns();
        let packed = matrix.packed();
        let x = noise(4, 41 * columns);
        let alone = |row: &[f32]| bits(&product::<Portable>(&packed, row, Streams::One));
        let expected: Vec<u32> = x.chunks(columns).flat_map(alone).collect();
        for streams in Streams::ALL {
            for rows in [1, 7, 9, 41] {
                let x = &x[..rows * columns];
                let expected = &expected[..rows * packed.rows()];
                assert_eq!(bits(&product::<Portable>(&packed, x, streams)), expected);
                on_x86!(X86 => assert_eq!(bits(&product::<X86>(&packed, x, streams)), expected));
            }
        }
    }
}

#[test]
fn rows_come_back_as_they_were() {
    for matrix in matrices(21, 64) {
        let packed = matrix.packed();
        for index in [0, 15, 16, 20] {
            let (mut got, mut expected) = (vec![0.0; 64], vec![0.0; 64]);
            packed.row(index, &mut got);
            dequantise_row(&matrix, index, &mut expected);
            assert_close(&got, &expected, 1e-6);
        }
    }
}
