use super::*;
use crate::{
    kernels::testing::{assert_close, noise},
    session::Base,
    support::{Quantisation, tiny},
};

const ALL: [Quantisation; 4] = [Quantisation::F32, Quantisation::F16, Quantisation::Q8_0, Quantisation::Q4_0];

fn rows(matrix: &Matrix) -> Vec<f32> {
    let mut values = vec![0.0; matrix.rows() * matrix.columns()];
    for (index, row) in values.chunks_exact_mut(matrix.columns()).enumerate() {
        dequantise_row(matrix, index, row);
    }
    values
}

#[test]
fn agrees_with_the_naive_product_in_every_format_and_batch() {
    for quantisation in ALL {
        let base = Base::load(&tiny(quantisation).bytes()).expect("a sound model");
        let matrix = &base.model.embedding;
        let (n, columns) = (matrix.rows(), matrix.columns());
        let weights = rows(matrix);
        for m in [1, 2, 3, 4, 5, 9] {
            let x = noise(7, m * columns);
            let mut got = vec![0.0; m * n];
            matmul(matrix, &Activations::new(&x, columns), &mut got);
            let naive: Vec<f32> = (0..m * n)
                .map(|at| {
                    let (x, w) = (&x[at / n * columns..][..columns], &weights[at % n * columns..][..columns]);
                    x.iter().zip(w).map(|(x, w)| f64::from(*x) * f64::from(*w)).sum::<f64>() as f32
                })
                .collect();
            // 64 products of weights up to 1/8 with activations off by 1/254 at most.
            let tolerance =
                if matches!(quantisation, Quantisation::F32 | Quantisation::F16) { 1e-5 } else { 0.01 };
            assert_close(&got, &naive, tolerance);
        }
    }
}

#[test]
fn candle_unpacks_the_same_weights() {
    for quantisation in ALL {
        let base = Base::load(&tiny(quantisation).bytes()).expect("a sound model");
        let exact = base.model.dequantised().expect("it fits in memory");
        assert_eq!(rows(&base.model.embedding), rows(&exact.embedding), "{quantisation:?}");
    }
}
