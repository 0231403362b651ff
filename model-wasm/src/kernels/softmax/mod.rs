//! Softmax of one row.

/// Replaces scores by their softmax. The largest score is subtracted first; the exponentials are
/// summed from the first to the last.
pub fn softmax(scores: &mut [f32]) {
    let largest = scores.iter().fold(f32::NEG_INFINITY, |a, &b| if b > a { b } else { a });
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = libm::expf(*score - largest);
        sum += *score;
    }
    let scale = 1.0 / sum;
    for score in scores {
        *score *= scale;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{assert_close, noise};

    #[test]
    fn agrees_with_the_definition() {
        for length in [1, 2, 33] {
            let scores: Vec<f32> = noise(1, length).iter().map(|x| x * 50.0).collect();
            let mut got = scores.clone();
            softmax(&mut got);
            let largest = scores.iter().copied().fold(f32::MIN, f32::max);
            let exponentials: Vec<f64> = scores.iter().map(|&s| f64::from(s - largest).exp()).collect();
            let sum: f64 = exponentials.iter().sum();
            let expected: Vec<f32> = exponentials.iter().map(|e| (e / sum) as f32).collect();
            assert_close(&got, &expected, 1e-6);
        }
    }
}
