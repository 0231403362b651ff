use super::*;
use crate::{
    kernels::{
        matmul::{self, dequantise_row},
        simd::Portable,
        testing::{assert_close, noise},
    },
    model::{Format, Matrix},
    threads::pool,
};

fn matrices(rows: usize, columns: usize) -> Vec<Matrix> {
    [Format::F32, Format::F16, Format::Q8_0, Format::Q4_0]
        .map(|format| Matrix::from_values(format, rows, columns, &noise(7, rows * columns)))
        .into()
}

fn product<S: Simd>(packed: &Packed, x: &[f32]) -> Vec<f32> {
    let mut inputs = Inputs::default();
    inputs.set::<S>(pool(), x, packed.columns(), [packed]);
    let mut values = vec![f32::NAN; inputs.rows() * packed.rows()];
    let output = Output::new(&mut values, packed.rows());
    matmul::<S>(packed, 0..packed.panels(), &inputs, output);
    values
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn agrees_with_the_reference() {
    for (rows, columns) in [(16, 32), (33, 64), (7, 96), (48, 256)] {
        for matrix in matrices(rows, columns) {
            let packed = Packed::new(&matrix);
            for m in [1, 2, 3, 4, 5, 9] {
                let x = noise(9, m * columns);
                let mut expected = vec![0.0; m * rows];
                matmul::matmul(&matrix, &matmul::Activations::new(&x, columns), &mut expected);
                assert_close(&product::<Portable>(&packed, &x), &expected, 1e-4);
            }
        }
    }
}

#[test]
fn every_processor_gives_the_same_bits_at_every_batch_size() {
    let columns = 160;
    for matrix in matrices(37, columns) {
        let packed = Packed::new(&matrix);
        let x = noise(4, 7 * columns);
        let expected: Vec<u32> =
            x.chunks(columns).flat_map(|row| bits(&product::<Portable>(&packed, row))).collect();
        assert_eq!(bits(&product::<Portable>(&packed, &x)), expected);
        #[cfg(target_arch = "x86_64")]
        {
            use crate::kernels::simd::{AvxVnni, Sse2};
            assert_eq!(bits(&product::<Sse2>(&packed, &x)), expected);
            if AvxVnni::is_there() {
                assert_eq!(bits(&product::<AvxVnni>(&packed, &x)), expected);
            }
        }
    }
}

#[test]
fn rows_come_back_as_they_were() {
    for matrix in matrices(21, 64) {
        let packed = Packed::new(&matrix);
        for index in [0, 15, 16, 20] {
            let (mut got, mut expected) = (vec![0.0; 64], vec![0.0; 64]);
            packed.row(index, &mut got);
            dequantise_row(&matrix, index, &mut expected);
            assert_close(&got, &expected, 1e-6);
        }
    }
}
