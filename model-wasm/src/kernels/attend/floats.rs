//! Attention in single precision.
//!
//! Keys lie in blocks of eight positions, position innermost, so that a vector holds one component of four keys. Values
//! lie in blocks of sixteen positions, in them in columns of eight components: what is summed together lies together.

use std::ops::Range;

use super::{Attention, Heads, copy_of_first, in_fours, lengthen, one_over_sum, room, softmax};
use crate::kernels::simd::{Kernel, Simd};

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
pub struct FloatCache {
    /// Positions that it may have.
    most: usize,
    /// `(ceil(T / 8), E, 8)`
    keys: Vec<[f32; KEYS]>,
    /// `(ceil(T / 16), ceil(E / 8), 16, 8)`
    values: Vec<[f32; COLUMN]>,
}

/// Rows of the keys of so many positions.
fn key_rows(positions: usize, head_width: usize) -> usize {
    positions.div_ceil(KEYS) * head_width
}

/// Rows of the values of so many positions.
fn value_rows(positions: usize, head_width: usize) -> usize {
    positions.div_ceil(VALUES) * head_width.div_ceil(COLUMN) * VALUES
}

impl FloatCache {
    pub(super) fn new(most: usize) -> Self {
        Self { most, keys: Vec::new(), values: Vec::new() }
    }

    pub(super) fn push(&mut self, position: usize, key: &[f32], value: &[f32]) {
        let (length, width) = (position + 1, key.len());
        let room = room(length, self.most);
        lengthen(&mut self.keys, key_rows(length, width), key_rows(room, width), [0.0; KEYS]);
        for (keys, &key) in self.keys[position / KEYS * width..].iter_mut().zip(key) {
            keys[position % KEYS] = key;
        }
        lengthen(&mut self.values, value_rows(length, width), value_rows(room, width), [0.0; COLUMN]);
        let block = position / VALUES * value_rows(1, width);
        let columns = self.values[block..].chunks_exact_mut(VALUES);
        for (column, value) in columns.zip(value.chunks(COLUMN)) {
            column[position % VALUES][..value.len()].copy_from_slice(value);
        }
    }

    pub(super) fn first(&self, length: usize, width: usize) -> Self {
        let room = room(length, self.most);
        Self {
            most: self.most,
            keys: copy_of_first(&self.keys, key_rows(length, width), key_rows(room, width)),
            values: copy_of_first(&self.values, value_rows(length, width), value_rows(room, width)),
        }
    }
}

#[cfg(test)]
impl FloatCache {
    /// Bytes that there is room for, and those of so many positions.
    pub(super) fn bytes(&self, length: usize, head_width: usize) -> [usize; 2] {
        let rows = key_rows(length, head_width) + value_rows(length, head_width);
        [self.keys.capacity() + self.values.capacity(), rows].map(|rows| rows * size_of::<[f32; KEYS]>())
    }
}

/// Space that is needed again and again.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// `(E, heads)`
    queries: Vec<f32>,
    /// `(heads, positions)` in vectors
    scores: Vec<[f32; 4]>,
    /// `(positions, heads)`
    weights: Vec<f32>,
    /// `(ceil(E / 8), heads, 2)` vectors
    sums: Vec<[f32; 4]>,
}

/// See [`attend`](super::attend).
pub(super) struct Attend<'a> {
    pub(super) attention: Attention,
    pub(super) queries: &'a [f32],
    pub(super) cache: &'a FloatCache,
    pub(super) scratch: &'a mut Scratch,
    pub(super) output: &'a mut [f32],
}

impl<S: Simd> Kernel<S> for Attend<'_> {
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        let heads = self.queries.len() / self.attention.head_width;
        in_fours::<S>(&mut self, heads);
    }
}

impl Heads for Attend<'_> {
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
            each.next().map_or(0.0, |scores| {
                softmax::<S>(scores, first - offset, end - offset);
                one_over_sum::<S>(scores)
            })
        });
        interleave::<G>(scores.as_flattened(), &mut self.scratch.weights);
        self.weigh::<S, G>(head, scales);
    }
}

impl Attend<'_> {
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
                let keys = vectors::<S>(keys);
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
                    let values = vectors::<S>(values);
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

/// Eight numbers.
#[inline(always)]
fn vectors<S: Simd>(numbers: &[f32; 4 * WIDE]) -> [S::Floats; WIDE] {
    let parts = numbers.as_chunks::<4>().0;
    std::array::from_fn(|i| S::floats(&parts[i]))
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
