//! Rotary positions (Su et al., 2021), pairs side by side as in GGUF's llama.

/// Cosines and sines for every position so far.
#[derive(Debug, Clone)]
pub struct Rope {
    /// Radians a position, `(E / 2,)`
    frequencies: Vec<f32>,
    /// Cosine and sine, `(positions, E / 2)`
    table: Vec<(f32, f32)>,
}

impl Rope {
    /// For heads of `head_width`, with frequency `i` being `base^(-2 i / head_width)`, divided by
    /// `factors[i]` where there are such.
    pub fn new(head_width: usize, base: f32, factors: Option<&[f32]>) -> Self {
        let frequency = |i: usize| {
            let exponent = -((2 * i) as f64) / head_width as f64;
            let factor = factors.map_or(1.0, |factors| factors[i]);
            libm::pow(f64::from(base), exponent) as f32 / factor
        };
        Self { frequencies: (0..head_width / 2).map(frequency).collect(), table: Vec::new() }
    }

    /// Makes the table long enough for `positions`.
    pub fn extend(&mut self, positions: usize) {
        let pairs = self.frequencies.len();
        for position in self.table.len() / pairs..positions {
            // The angle in single precision, as the frameworks have it that train such models.
            let angles = self.frequencies.iter().map(|frequency| f64::from(position as f32 * frequency));
            self.table.extend(angles.map(|angle| (libm::cos(angle) as f32, libm::sin(angle) as f32)));
        }
    }

    /// Rotates the heads in `heads`, `(heads, E)`, to `position`, for which the table is long enough.
    pub fn rotate(&self, heads: &mut [f32], position: usize) {
        let pairs = self.frequencies.len();
        let angles = &self.table[position * pairs..][..pairs];
        for head in heads.chunks_exact_mut(2 * pairs) {
            for ([a, b], (cos, sin)) in head.as_chunks_mut::<2>().0.iter_mut().zip(angles) {
                (*a, *b) = (*a * cos - *b * sin, *a * sin + *b * cos);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::{
        f32_dot::dot,
        testing::{assert_close, noise},
    };

    #[test]
    fn agrees_with_the_definition() {
        let mut rope = Rope::new(6, 10_000.0, None);
        rope.extend(9);
        let x = noise(1, 12);
        let mut got = x.clone();
        rope.rotate(&mut got, 8);
        let mut expected = Vec::new();
        for head in x.chunks(6) {
            for (i, pair) in head.chunks(2).enumerate() {
                let angle = 8.0 * 10_000_f64.powf(-2.0 * i as f64 / 6.0);
                let (a, b) = (f64::from(pair[0]), f64::from(pair[1]));
                expected.push((a * angle.cos() - b * angle.sin()) as f32);
                expected.push((a * angle.sin() + b * angle.cos()) as f32);
            }
        }
        assert_close(&got, &expected, 2e-6);
    }

    #[test]
    fn position_zero_changes_nothing_and_only_distance_matters() {
        let mut rope = Rope::new(8, 10_000.0, Some(&[1.0, 2.0, 4.0, 8.0]));
        rope.extend(40);
        let (q, k) = (noise(1, 8), noise(2, 8));
        let at = |x: &[f32], position| {
            let mut x = x.to_vec();
            rope.rotate(&mut x, position);
            x
        };
        assert_eq!(at(&q, 0), q);
        let near = dot(&at(&q, 12), &at(&k, 10));
        let far = dot(&at(&q, 39), &at(&k, 37));
        assert!((near - far).abs() < 1e-5);
    }
}
