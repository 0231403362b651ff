//! The scalar product of two vectors in single precision.

/// Running sums, wide enough for two SIMD registers.
const LANES: usize = 8;

/// Sum of `a[i] * b[i]`. Element `i` goes to running sum `i % 8`, in order of `i`; the eight sums
/// are added as `((0 + 4) + (2 + 6)) + ((1 + 5) + (3 + 7))`. Both have the same length.
#[inline]
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    debug_assert_eq!(a.len(), b.len());
    let mut sums = [0.0_f32; LANES];
    let ((a_chunks, a_rest), (b_chunks, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    for (lane, (a, b)) in a_rest.iter().zip(b_rest).enumerate() {
        sums[lane] += a * b;
    }
    fold(sums)
}

/// The eight running sums as one, in the order that [`dot`] documents.
#[inline]
pub fn fold(sums: [f32; LANES]) -> f32 {
    ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::noise;

    fn naive(a: &[f32], b: &[f32]) -> f64 {
        a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
    }

    #[test]
    fn agrees_with_the_naive_sum_at_every_length() {
        for length in (0..40).chain([255, 256, 1001]) {
            let (a, b) = (noise(1, length), noise(2, length));
            // Rounding grows with the number of additions in one running sum.
            let tolerance = f64::from(f32::EPSILON) * (length as f64 / 8.0 + 4.0);
            assert!((f64::from(dot(&a, &b)) - naive(&a, &b)).abs() <= tolerance, "length {length}");
        }
    }

    #[test]
    fn the_order_of_the_sum_is_the_documented_one() {
        let a = noise(3, 19);
        let b = noise(4, 19);
        let mut sums = [0.0; 8];
        for i in 0..19 {
            sums[i % 8] += a[i] * b[i];
        }
        assert_eq!(dot(&a, &b).to_bits(), fold(sums).to_bits());
    }
}
