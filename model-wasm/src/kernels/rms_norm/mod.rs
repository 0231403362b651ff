//! Root-mean-square norm with a learnt gain (Zhang and Sennrich, 2019).

use super::f32_dot::dot;

/// `output = x / sqrt(mean(x^2) + epsilon) * gain` for each row of `x`, `(M, D)`; `gain` is `(D,)`.
/// The squares are summed in the order of [`dot`].
pub fn rms_norm(x: &[f32], gain: &[f32], epsilon: f32, output: &mut [f32]) {
    let width = gain.len();
    for (x, output) in x.chunks_exact(width).zip(output.chunks_exact_mut(width)) {
        let scale = 1.0 / (dot(x, x) / width as f32 + epsilon).sqrt();
        for ((output, x), gain) in output.iter_mut().zip(x).zip(gain) {
            *output = x * scale * gain;
        }
    }
}

/// As [`rms_norm`], with `x` as its own output.
pub fn norm_in_place(x: &mut [f32], gain: &[f32], epsilon: f32) {
    let width = gain.len();
    for x in x.chunks_exact_mut(width) {
        let scale = 1.0 / (dot(x, x) / width as f32 + epsilon).sqrt();
        for (x, gain) in x.iter_mut().zip(gain) {
            *x = *x * scale * gain;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{assert_close, noise};

    #[test]
    fn agrees_with_the_definition() {
        for width in [1, 7, 64] {
            let (x, gain) = (noise(1, 3 * width), noise(2, width));
            let mut got = vec![0.0; x.len()];
            rms_norm(&x, &gain, 1e-5, &mut got);
            let mut expected = Vec::new();
            for row in x.chunks(width) {
                let mean = row.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / width as f64;
                let scale = 1.0 / (mean + 1e-5).sqrt();
                expected.extend(
                    row.iter().zip(&gain).map(|(&x, &g)| (f64::from(x) * scale * f64::from(g)) as f32),
                );
            }
            assert_close(&got, &expected, 1e-6);
            let mut in_place = x;
            norm_in_place(&mut in_place, &gain, 1e-5);
            assert_eq!(in_place, got);
        }
    }
}
