//! Causal attention over a cache whose layout is made for it.
//!
//! Keys lie in blocks of four positions, position innermost, so that a vector holds one component of four
//! keys; values lie position after position. Query heads that share a key head are computed together.

#[cfg(test)]
mod tests;

use super::{
    exp::exp,
    simd::{Kernel, Simd},
};

/// Positions of a block of keys.
const POSITIONS: usize = 4;

/// Keys and values of one key head of one layer.
#[derive(Debug, Clone, Default)]
pub struct Cache {
    /// `(ceil(T / 4), E, 4)`
    keys: Vec<[f32; POSITIONS]>,
    /// `(T, E)`
    values: Vec<f32>,
}

impl Cache {
    /// Puts the key and value, `(E,)` each, of `position`, which is the first that is not yet there.
    pub fn push(&mut self, position: usize, key: &[f32], value: &[f32]) {
        let width = key.len();
        let block = position / POSITIONS * width;
        self.keys.resize(block + width, [0.0; POSITIONS]);
        for (keys, &key) in self.keys[block..].iter_mut().zip(key) {
            keys[position % POSITIONS] = key;
        }
        self.values.truncate(position * width);
        self.values.extend_from_slice(value);
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        size_of_val(self.keys.as_slice()) + size_of_val(self.values.as_slice())
    }
}

/// What attention needs to know besides its inputs.
#[derive(Debug, Clone, Copy)]
pub struct Attention {
    /// `E`
    pub head_width: usize,
    /// Multiplies the scores.
    pub scale: f32,
    /// Positions seen: the first and the one after the last.
    pub first: usize,
    /// See `first`.
    pub end: usize,
}

/// Attention of the heads in `queries`, `(heads, E)`, that share `cache`; `output` is as `queries`.
///
/// A score is a sum over components from the first to the last; exponentials are summed by position modulo
/// four and then `(0 + 1) + (2 + 3)`; weighted values from the first position to the last.
pub fn attend<S: Simd>(
    attention: Attention,
    queries: &[f32],
    cache: &Cache,
    scores: &mut Vec<[f32; POSITIONS]>,
    output: &mut [f32],
) {
    S::run(Attend { attention, queries, cache, scores, output });
}

struct Attend<'a> {
    attention: Attention,
    queries: &'a [f32],
    cache: &'a Cache,
    /// Scratch space, `(heads, blocks)`.
    scores: &'a mut Vec<[f32; POSITIONS]>,
    output: &'a mut [f32],
}

impl Kernel for Attend<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(mut self) {
        let heads = self.queries.len() / self.attention.head_width;
        let mut head = 0;
        while heads - head >= 4 {
            self.heads::<S, 4>(head);
            head += 4;
        }
        match heads - head {
            1 => self.heads::<S, 1>(head),
            2 => self.heads::<S, 2>(head),
            3 => self.heads::<S, 3>(head),
            _ => {}
        }
    }
}

impl Attend<'_> {
    #[inline(always)]
    fn heads<S: Simd, const G: usize>(&mut self, head: usize) {
        let Attention { head_width: width, scale, first, end } = self.attention;
        let queries: [&[f32]; G] = std::array::from_fn(|g| &self.queries[(head + g) * width..][..width]);
        let (first_block, end_block) = (first / POSITIONS, end.div_ceil(POSITIONS));
        let n_blocks = end_block - first_block;
        self.scores.clear();
        self.scores.resize(G * n_blocks, [0.0; POSITIONS]);
        let keys = &self.cache.keys[first_block * width..end_block * width];
        let mut block = 0;
        while n_blocks - block >= 2 {
            let pair = &keys[block * width..][..2 * width];
            let (near, far) = pair.split_at(width);
            let mut sums = [[S::splat(0.0); 2]; G];
            for e in 0..width {
                let keys = [S::floats(&near[e]), S::floats(&far[e])];
                for g in 0..G {
                    let query = S::splat(queries[g][e]);
                    sums[g][0] = S::add(sums[g][0], S::mul(keys[0], query));
                    sums[g][1] = S::add(sums[g][1], S::mul(keys[1], query));
                }
            }
            for g in 0..G {
                for i in 0..2 {
                    self.scores[g * n_blocks + block + i] = S::store(S::mul(sums[g][i], S::splat(scale)));
                }
            }
            block += 2;
        }
        if block < n_blocks {
            let keys = &keys[block * width..][..width];
            for g in 0..G {
                let mut sum = S::splat(0.0);
                for e in 0..width {
                    sum = S::add(sum, S::mul(S::floats(&keys[e]), S::splat(queries[g][e])));
                }
                self.scores[g * n_blocks + block] = S::store(S::mul(sum, S::splat(scale)));
            }
        }
        let offset = first_block * POSITIONS;
        let scales: [f32; G] = std::array::from_fn(|g| {
            let scores = &mut self.scores[g * n_blocks..][..n_blocks];
            softmax::<S>(scores, first - offset, end - offset)
        });
        self.weigh::<S, G>(head, n_blocks, scales);
    }

    /// Sums of values, weighted by the exponentials in `scores` and then `scales`.
    #[inline(always)]
    fn weigh<S: Simd, const G: usize>(&mut self, head: usize, n_blocks: usize, scales: [f32; G]) {
        const WIDE: usize = 2;
        let Attention { head_width: width, first, end, .. } = self.attention;
        let offset = first / POSITIONS * POSITIONS;
        let weights: [&[f32]; G] =
            std::array::from_fn(|g| self.scores[g * n_blocks..][..n_blocks].as_flattened());
        let values = &self.cache.values[first * width..end * width];
        let mut e = 0;
        while width - e >= 4 * WIDE {
            let mut sums = [[S::splat(0.0); WIDE]; G];
            for (position, values) in values.chunks_exact(width).enumerate() {
                let parts = values[e..e + 4 * WIDE].as_chunks::<4>().0;
                let values: [_; WIDE] = std::array::from_fn(|i| S::floats(&parts[i]));
                for g in 0..G {
                    let weight = S::splat(weights[g][first - offset + position]);
                    for i in 0..WIDE {
                        sums[g][i] = S::add(sums[g][i], S::mul(values[i], weight));
                    }
                }
            }
            for g in 0..G {
                let output = &mut self.output[(head + g) * width + e..][..4 * WIDE];
                for (i, output) in output.as_chunks_mut::<4>().0.iter_mut().enumerate() {
                    *output = S::store(S::mul(sums[g][i], S::splat(scales[g])));
                }
            }
            e += 4 * WIDE;
        }
        for e in e..width {
            for g in 0..G {
                let mut sum = 0.0;
                for (position, values) in values.chunks_exact(width).enumerate() {
                    sum += values[e] * weights[g][first - offset + position];
                }
                self.output[(head + g) * width + e] = sum * scales[g];
            }
        }
    }
}

/// Replaces the scores from `first` to `end` by exponentials, less the largest, and the others by zero; returns
/// one over their sum.
#[inline(always)]
fn softmax<S: Simd>(scores: &mut [[f32; POSITIONS]], first: usize, end: usize) -> f32 {
    let flat = scores.as_flattened_mut();
    flat[..first].fill(f32::NEG_INFINITY);
    flat[end..].fill(f32::NEG_INFINITY);
    let largest = scores.iter().fold(S::splat(f32::NEG_INFINITY), |a, b| S::max(a, S::floats(b)));
    let largest = S::store(largest).into_iter().fold(f32::NEG_INFINITY, |a, b| if b > a { b } else { a });
    let largest = S::splat(largest);
    for scores in scores.iter_mut() {
        *scores = S::store(exp::<S>(S::sub(S::floats(scores), largest)));
    }
    let flat = scores.as_flattened_mut();
    flat[..first].fill(0.0);
    flat[end..].fill(0.0);
    let sum = scores.iter().fold(S::splat(0.0), |sum, scores| S::add(sum, S::floats(scores)));
    let [a, b, c, d] = S::store(sum);
    1.0 / ((a + b) + (c + d))
}
