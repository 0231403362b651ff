//! Causal attention over a cache whose layout is made for it.
//!
//! Keys lie in blocks of eight positions, position innermost, so that a vector holds one component of four
//! keys. Values lie in blocks of sixteen positions, in them in columns of eight components: what is summed together
//! lies together. Query heads that share a key head are computed together.
//!
//! Where weights are quantised, keys and values are kept in bfloat16, in half the memory: what they are off by then is
//! less than what the activations are off by that they are made of.

#[cfg(test)]
mod tests;

use std::ops::Range;

use super::{
    exp::exp,
    simd::{Kernel, Simd},
};
use crate::model::CachePrecision;

/// Positions of a block of keys.
const KEYS: usize = 8;
/// Positions of a block of values.
const VALUES: usize = 16;
/// Components of a column of values.
const COLUMN: usize = 8;

/// Vectors of a row of either.
const WIDE: usize = 2;

/// Keys and values of one key head of one layer.
#[derive(Debug, Clone)]
pub enum Cache {
    /// In single precision.
    Floats(Blocks<f32>),
    /// In bfloat16.
    BFloats(Blocks<u16>),
}

impl Cache {
    /// An empty one.
    pub fn new(precision: CachePrecision) -> Self {
        match precision {
            CachePrecision::Single => Self::Floats(Blocks::default()),
            CachePrecision::BFloat16 => Self::BFloats(Blocks::default()),
        }
    }

    /// Puts the key and value, `(E,)` each, of `position`, which is the first that is not yet there.
    pub fn push(&mut self, position: usize, key: &[f32], value: &[f32]) {
        match self {
            Self::Floats(blocks) => blocks.push(position, key, value),
            Self::BFloats(blocks) => blocks.push(position, key, value),
        }
    }

    /// A copy of the first `length` positions; keys and values are `E` wide.
    pub fn first(&self, length: usize, head_width: usize) -> Self {
        match self {
            Self::Floats(blocks) => Self::Floats(blocks.first(length, head_width)),
            Self::BFloats(blocks) => Self::BFloats(blocks.first(length, head_width)),
        }
    }
}

/// Keys and values as they lie in memory.
#[derive(Debug, Clone, Default)]
pub struct Blocks<N> {
    /// `(ceil(T / 8), E, 8)`
    keys: Vec<[N; KEYS]>,
    /// `(ceil(T / 16), ceil(E / 8), 16, 8)`
    values: Vec<[N; COLUMN]>,
}

impl<N: Number> Blocks<N> {
    fn push(&mut self, position: usize, key: &[f32], value: &[f32]) {
        let block = position / KEYS * key.len();
        self.keys.resize(block + key.len(), [N::default(); KEYS]);
        for (keys, &key) in self.keys[block..].iter_mut().zip(key) {
            keys[position % KEYS] = N::nearest(key);
        }
        let block_length = value.len().div_ceil(COLUMN) * VALUES;
        let block = position / VALUES * block_length;
        self.values.resize(block + block_length, [N::default(); COLUMN]);
        let columns = self.values[block..].chunks_exact_mut(VALUES);
        for (column, value) in columns.zip(value.chunks(COLUMN)) {
            for (kept, &value) in column[position % VALUES].iter_mut().zip(value) {
                *kept = N::nearest(value);
            }
        }
    }

    fn first(&self, length: usize, head_width: usize) -> Self {
        let keys = length.div_ceil(KEYS) * head_width;
        let values = length.div_ceil(VALUES) * head_width.div_ceil(COLUMN) * VALUES;
        Self { keys: self.keys[..keys].to_vec(), values: self.values[..values].to_vec() }
    }
}

/// A form in which a key or a value is kept.
pub trait Number: Copy + Default {
    /// The nearest to a float.
    fn nearest(value: f32) -> Self;
    /// Eight of them as floats.
    fn vectors<S: Simd>(numbers: &[Self; 4 * WIDE]) -> [S::Floats; WIDE];
}

impl Number for f32 {
    #[inline(always)]
    fn nearest(value: f32) -> Self {
        value
    }

    #[inline(always)]
    fn vectors<S: Simd>(numbers: &[Self; 4 * WIDE]) -> [S::Floats; WIDE] {
        let parts = numbers.as_chunks::<4>().0;
        std::array::from_fn(|i| S::floats(&parts[i]))
    }
}

/// bfloat16: the upper half of a float.
impl Number for u16 {
    #[inline(always)]
    fn nearest(value: f32) -> Self {
        let bits = value.to_bits();
        // Half of what is cut off, and a little less where the kept part is even.
        ((bits + 0x7fff + ((bits >> 16) & 1)) >> 16) as Self
    }

    #[inline(always)]
    fn vectors<S: Simd>(numbers: &[Self; 4 * WIDE]) -> [S::Floats; WIDE] {
        let parts = numbers.as_chunks::<4>().0;
        std::array::from_fn(|i| S::widen_bfloats(&parts[i]))
    }
}

/// Space that attention needs again and again.
#[derive(Debug, Default)]
pub struct Scratch {
    /// `(E, heads)`
    queries: Vec<f32>,
    /// `(heads, positions)` in vectors
    scores: Vec<[f32; 4]>,
    /// `(positions, heads)`
    weights: Vec<f32>,
    /// `(ceil(E / 8), heads, 2)` vectors
    sums: Vec<[f32; 4]>,
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
    scratch: &mut Scratch,
    output: &mut [f32],
) {
    match cache {
        Cache::Floats(cache) => S::run(Attend { attention, queries, cache, scratch, output }),
        Cache::BFloats(cache) => S::run(Attend { attention, queries, cache, scratch, output }),
    }
}

struct Attend<'a, N> {
    attention: Attention,
    queries: &'a [f32],
    cache: &'a Blocks<N>,
    scratch: &'a mut Scratch,
    output: &'a mut [f32],
}

impl<N: Number> Kernel for Attend<'_, N> {
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

impl<N: Number> Attend<'_, N> {
    /// Attention of `G` heads from `head` on.
    #[inline(always)]
    fn heads<S: Simd, const G: usize>(&mut self, head: usize) {
        let Attention { head_width: width, first, end, .. } = self.attention;
        let blocks = first / KEYS..end.div_ceil(KEYS);
        let (n_vectors, offset) = (blocks.len() * WIDE, blocks.start * KEYS);
        interleave::<G>(&self.queries[head * width..][..G * width], &mut self.scratch.queries);
        self.score::<S, G>(blocks);
        let scores = &mut self.scratch.scores;
        let mut each = scores.chunks_exact_mut(n_vectors);
        let scales = std::array::from_fn(|_| {
            each.next().map_or(0.0, |scores| softmax::<S>(scores, first - offset, end - offset))
        });
        interleave::<G>(scores.as_flattened(), &mut self.scratch.weights);
        self.weigh::<S, G>(head, scales);
    }

    /// Scaled products of the queries with the keys of some blocks.
    #[inline(always)]
    fn score<S: Simd, const G: usize>(&mut self, blocks: Range<usize>) {
        let Attention { head_width: width, scale, .. } = self.attention;
        let n_vectors = blocks.len() * WIDE;
        let Scratch { queries, scores, .. } = &mut *self.scratch;
        let queries = queries.as_chunks::<G>().0;
        scores.clear();
        scores.resize(G * n_vectors, [0.0; 4]);
        let keys = self.cache.keys[blocks.start * width..blocks.end * width].chunks_exact(width);
        for (block, keys) in keys.enumerate() {
            let mut sums = [[S::splat(0.0); WIDE]; G];
            for (keys, query) in keys.iter().zip(queries) {
                let keys = N::vectors::<S>(keys);
                for g in 0..G {
                    let query = S::splat(query[g]);
                    for i in 0..WIDE {
                        sums[g][i] = S::add(sums[g][i], S::mul(keys[i], query));
                    }
                }
            }
            for g in 0..G {
                for i in 0..WIDE {
                    let score = S::mul(sums[g][i], S::splat(scale));
                    scores[g * n_vectors + block * WIDE + i] = S::store(score);
                }
            }
        }
    }

    /// Sums of values, weighted by the exponentials in `weights` and then `scales`.
    #[inline(always)]
    fn weigh<S: Simd, const G: usize>(&mut self, head: usize, scales: [f32; G]) {
        let Attention { head_width: width, first, end, .. } = self.attention;
        let (columns, offset) = (width.div_ceil(COLUMN), first / KEYS * KEYS);
        let Scratch { weights, sums, .. } = &mut *self.scratch;
        let weights = weights.as_chunks::<G>().0;
        sums.clear();
        sums.resize(columns * G * WIDE, [0.0; 4]);
        let mut position = first;
        while position < end {
            let (block, within) = (position / VALUES, position % VALUES);
            let stop = end.min((block + 1) * VALUES);
            let weights = &weights[position - offset..stop - offset];
            let block = &self.cache.values[block * columns * VALUES..][..columns * VALUES];
            for (column, sums) in block.chunks_exact(VALUES).zip(sums.chunks_exact_mut(G * WIDE)) {
                let mut own: [[S::Floats; WIDE]; G] =
                    std::array::from_fn(|g| std::array::from_fn(|i| S::floats(&sums[g * WIDE + i])));
                for (values, weights) in column[within..].iter().zip(weights) {
                    let values = N::vectors::<S>(values);
                    for g in 0..G {
                        let weight = S::splat(weights[g]);
                        for i in 0..WIDE {
                            own[g][i] = S::add(own[g][i], S::mul(values[i], weight));
                        }
                    }
                }
                for g in 0..G {
                    for i in 0..WIDE {
                        sums[g * WIDE + i] = S::store(own[g][i]);
                    }
                }
            }
            position = stop;
        }
        for (column, sums) in sums.chunks_exact(G * WIDE).enumerate() {
            for g in 0..G {
                let end = width.min((column + 1) * COLUMN);
                let output = &mut self.output[(head + g) * width..][column * COLUMN..end];
                let sums = sums[g * WIDE..][..WIDE].as_flattened();
                for (output, sum) in output.iter_mut().zip(sums) {
                    *output = sum * scales[g];
                }
            }
        }
    }
}

/// `(G, n)` to `(n, G)`.
#[inline(always)]
fn interleave<const G: usize>(values: &[f32], output: &mut Vec<f32>) {
    let n = values.len() / G;
    output.resize(values.len(), 0.0);
    for g in 0..G {
        for (output, &value) in output.as_chunks_mut::<G>().0.iter_mut().zip(&values[g * n..]) {
            output[g] = value;
        }
    }
}

/// Replaces the scores from `first` to `end` by exponentials, less the largest, and the others by zero; returns
/// one over their sum.
#[inline(always)]
fn softmax<S: Simd>(scores: &mut [[f32; 4]], first: usize, end: usize) -> f32 {
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
