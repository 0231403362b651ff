//! Causal attention of one query position over the keys and values before it.

use super::{f32_dot::dot, softmax::softmax};

/// The widths that attention needs to know: `H`, `K` and `E`.
#[derive(Debug, Clone, Copy)]
pub struct Heads {
    /// `H`
    pub n_heads: usize,
    /// `K`, a divisor of `H`
    pub n_kv_heads: usize,
    /// `E`
    pub head_width: usize,
}

/// `queries` and `output` are `(H, E)`; `keys` and `values` are `(T, K, E)`, all of which the
/// query sees. Scores are scalar products over `sqrt(E)`; the weighted values are summed from the
/// first position to the last. `scores` is scratch space.
pub fn attend(
    heads: Heads,
    queries: &[f32],
    keys: &[f32],
    values: &[f32],
    scores: &mut Vec<f32>,
    output: &mut [f32],
) {
    let Heads { n_heads, n_kv_heads, head_width } = heads;
    let scale = 1.0 / (head_width as f32).sqrt();
    let position_width = n_kv_heads * head_width;
    for head in 0..n_heads {
        let query = &queries[head * head_width..][..head_width];
        let output = &mut output[head * head_width..][..head_width];
        let offset = head / (n_heads / n_kv_heads) * head_width;
        scores.clear();
        let keys = keys.chunks_exact(position_width);
        scores.extend(keys.map(|key| dot(query, &key[offset..offset + head_width]) * scale));
        softmax(scores);
        output.fill(0.0);
        for (weight, value) in scores.iter().zip(values.chunks_exact(position_width)) {
            for (output, value) in output.iter_mut().zip(&value[offset..offset + head_width]) {
                *output += weight * value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{assert_close, noise};

    fn naive(heads: Heads, queries: &[f32], keys: &[f32], values: &[f32]) -> Vec<f32> {
        let Heads { n_heads, n_kv_heads, head_width: e } = heads;
        let positions = keys.len() / (n_kv_heads * e);
        let mut output = Vec::new();
        for head in 0..n_heads {
            let kv = head * n_kv_heads / n_heads;
            let at = |t: usize, i: usize| (t * n_kv_heads + kv) * e + i;
            let score = |t: usize| -> f64 {
                let sum: f64 =
                    (0..e).map(|i| f64::from(queries[head * e + i]) * f64::from(keys[at(t, i)])).sum();
                sum / (e as f64).sqrt()
            };
            let weights: Vec<f64> = (0..positions).map(|t| score(t).exp()).collect();
            let total: f64 = weights.iter().sum();
            output.extend((0..e).map(|i| {
                (0..positions).map(|t| weights[t] / total * f64::from(values[at(t, i)])).sum::<f64>() as f32
            }));
        }
        output
    }

    #[test]
    fn agrees_with_the_definition() {
        for (n_heads, n_kv_heads, head_width, positions) in
            [(1, 1, 2, 1), (4, 2, 6, 5), (3, 1, 32, 17), (8, 4, 32, 40)]
        {
            let heads = Heads { n_heads, n_kv_heads, head_width };
            let queries = noise(1, n_heads * head_width);
            let keys = noise(2, positions * n_kv_heads * head_width);
            let values = noise(3, positions * n_kv_heads * head_width);
            let mut got = vec![0.0; queries.len()];
            attend(heads, &queries, &keys, &values, &mut Vec::new(), &mut got);
            assert_close(&got, &naive(heads, &queries, &keys, &values), 1e-5);
        }
    }
}
