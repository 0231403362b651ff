//! The low-rank term of an adapter (Hu et al., 2021), applied at run time and never merged.

use super::f32_dot::dot;

/// `output += scale * B (A x)` for each row: `x` is `(M, columns)`, `a` `(R, columns)`, `b`
/// `(rows, R)`, `output` `(M, rows)`. Every product is a [`dot`].
pub fn add_low_rank(x: &[f32], a: &[f32], b: &[f32], rank: usize, scale: f32, output: &mut [f32]) {
    let (columns, rows) = (a.len() / rank, b.len() / rank);
    let mut low = vec![0.0; rank];
    for (x, output) in x.chunks_exact(columns).zip(output.chunks_exact_mut(rows)) {
        for (low, a) in low.iter_mut().zip(a.chunks_exact(columns)) {
            *low = dot(a, x);
        }
        for (output, b) in output.iter_mut().zip(b.chunks_exact(rank)) {
            *output += scale * dot(b, &low);
        }
    }
}

/// `output += scale * B A[:, token]`, the change of a token's embedding: `a` `(R, V)`, `b` `(D, R)`, `output` `(D,)`.
pub fn add_low_rank_column(token: usize, a: &[f32], b: &[f32], rank: usize, scale: f32, output: &mut [f32]) {
    let low: Vec<f32> = a.chunks_exact(a.len() / rank).map(|a| a[token]).collect();
    for (output, b) in output.iter_mut().zip(b.chunks_exact(rank)) {
        *output += scale * dot(b, &low);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{assert_close, noise};

    #[test]
    fn agrees_with_the_definition_and_leaves_the_base_alone() {
        for (m, columns, rows, rank) in [(1, 1, 1, 1), (3, 40, 7, 8), (2, 33, 64, 3)] {
            let (x, a, b) = (noise(1, m * columns), noise(2, rank * columns), noise(3, rows * rank));
            let base = noise(4, m * rows);
            let mut got = base.clone();
            add_low_rank(&x, &a, &b, rank, 0.75, &mut got);
            let mut expected = base;
            for i in 0..m {
                for o in 0..rows {
                    let mut sum = 0.0;
                    for r in 0..rank {
                        let low: f32 = (0..columns).map(|c| a[r * columns + c] * x[i * columns + c]).sum();
                        sum += b[o * rank + r] * low;
                    }
                    expected[i * rows + o] += 0.75 * sum;
                }
            }
            assert_close(&got, &expected, 1e-4);
        }
    }

    #[test]
    fn a_column_is_the_product_with_a_row_of_zeros_and_one_one() {
        let (tokens, width, rank) = (9, 12, 3);
        let (a, b) = (noise(1, rank * tokens), noise(2, width * rank));
        let one: Vec<f32> = (0..tokens).map(|token| f32::from(u8::from(token == 7))).collect();
        let (mut got, mut expected) = (noise(3, width), noise(3, width));
        add_low_rank_column(7, &a, &b, rank, 1.5, &mut got);
        add_low_rank(&one, &a, &b, rank, 1.5, &mut expected);
        assert_close(&got, &expected, 1e-6);
    }
}
