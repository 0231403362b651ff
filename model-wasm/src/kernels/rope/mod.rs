//! Rotary positions (Su et al., 2021).

/// Which components of a head rotate together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pairs {
    /// `2 i` and `2 i + 1`
    Adjacent,
    /// `i` and `i +` half of those that rotate
    Halves,
}

/// Cosines and sines for every position so far.
#[derive(Debug, Clone)]
pub struct Rope {
    pairs: Pairs,
    head_width: usize,
    magnitude: f32,
    /// Radians a position, `(rotated / 2,)`
    frequencies: Vec<f32>,
    /// Cosine and sine, `(positions, rotated / 2)`
    table: Vec<(f32, f32)>,
}

/// What [`Rope`] needs to know.
#[derive(Debug, Clone, Copy)]
pub struct Settings<'a> {
    /// Which components rotate together.
    pub pairs: Pairs,
    /// `E`
    pub head_width: usize,
    /// Components of a head that rotate: the first so many.
    pub rotated: usize,
    /// Frequency `i` is `base^(-2 i / rotated)`.
    pub base: f32,
    /// Divides all frequencies.
    pub stretch: f32,
    /// Divide one frequency each, `(rotated / 2,)`
    pub factors: Option<&'a [f32]>,
    /// Multiplies cosines and sines.
    pub magnitude: f32,
}

impl Rope {
    /// An empty table.
    pub fn new(settings: Settings) -> Self {
        let Settings { pairs, head_width, rotated, base, stretch, factors, magnitude } = settings;
        let frequency = |i: usize| {
            let exponent = -((2 * i) as f64) / rotated as f64;
            let factor = factors.map_or(1.0, |factors| factors[i]) * stretch;
            libm::pow(f64::from(base), exponent) as f32 / factor
        };
        let frequencies = (0..rotated / 2).map(frequency).collect();
        Self { pairs, head_width, magnitude, frequencies, table: Vec::new() }
    }

    /// Makes the table long enough for `positions`.
    pub fn extend(&mut self, positions: usize) {
        let pairs = self.frequencies.len();
        for position in self.table.len() / pairs..positions {
            // The angle in single precision, as the frameworks have it that train such models.
            let angles = self.frequencies.iter().map(|frequency| f64::from(position as f32 * frequency));
            let magnitude = self.magnitude;
            self.table.extend(
                angles
                    .map(|angle| (libm::cos(angle) as f32 * magnitude, libm::sin(angle) as f32 * magnitude)),
            );
        }
    }

    /// Rotates the heads in `heads`, `(heads, E)`, to `position`, for which the table is long enough.
    pub fn rotate(&self, heads: &mut [f32], position: usize) {
        let pairs = self.frequencies.len();
        let angles = &self.table[position * pairs..][..pairs];
        for head in heads.chunks_exact_mut(self.head_width) {
            let rotated = &mut head[..2 * pairs];
            match self.pairs {
                Pairs::Adjacent => {
                    for ([a, b], angle) in rotated.as_chunks_mut::<2>().0.iter_mut().zip(angles) {
                        turn(a, b, *angle);
                    }
                }
                Pairs::Halves => {
                    let (first, second) = rotated.split_at_mut(pairs);
                    for ((a, b), angle) in first.iter_mut().zip(second).zip(angles) {
                        turn(a, b, *angle);
                    }
                }
            }
        }
    }
}

fn turn(a: &mut f32, b: &mut f32, (cos, sin): (f32, f32)) {
    (*a, *b) = (*a * cos - *b * sin, *a * sin + *b * cos);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::{
        f32_dot::dot,
        testing::{assert_close, noise},
    };

    fn settings(rotated: usize) -> Settings<'static> {
        Settings {
            pairs: Pairs::Adjacent,
            head_width: rotated,
            rotated,
            base: 10_000.0,
            stretch: 1.0,
            factors: None,
            magnitude: 1.0,
        }
    }

    #[test]
    fn halves_rotate_as_neighbours_do_and_the_rest_stays() {
        let rest = Settings { head_width: 9, pairs: Pairs::Halves, magnitude: 2.0, ..settings(6) };
        let (mut halves, mut adjacent) = (Rope::new(rest), Rope::new(settings(6)));
        halves.extend(5);
        adjacent.extend(5);
        let mut x = noise(1, 9);
        let mut permuted: Vec<f32> = [0, 3, 1, 4, 2, 5].map(|i| x[i]).into();
        let end = x[6..].to_vec();
        halves.rotate(&mut x, 4);
        adjacent.rotate(&mut permuted, 4);
        let expected: Vec<f32> = [0, 2, 4, 1, 3, 5].map(|i| 2.0 * permuted[i]).into();
        assert_close(&x[..6], &expected, 1e-6);
        assert_eq!(x[6..], end);
    }

    #[test]
    fn a_stretched_position_is_an_earlier_one() {
        let (mut stretched, mut plain) =
            (Rope::new(Settings { stretch: 4.0, ..settings(6) }), Rope::new(settings(6)));
        stretched.extend(9);
        plain.extend(9);
        let (mut a, mut b) = (noise(1, 6), noise(1, 6));
        stretched.rotate(&mut a, 8);
        plain.rotate(&mut b, 2);
        assert_close(&a, &b, 1e-6);
    }

    #[test]
    fn agrees_with_the_definition() {
        let mut rope = Rope::new(settings(6));
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
        let mut rope = Rope::new(Settings { factors: Some(&[1.0, 2.0, 4.0, 8.0]), ..settings(8) });
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
