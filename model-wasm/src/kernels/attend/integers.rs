//! Attention with integers.
//!
//! Keys and values lie in blocks of sixteen positions. A vector holds two components of four keys, or two positions of four
//! components of values: pairs, each multiplied with the same pair of a query or of weights and added up at once.
//!
//! No sum overflows: a product of two pairs has the limits below, `E` components or sixteen positions are summed, and
//! then scaled.

use super::{Attention, Heads, copy_of_first, in_fours, lengthen, one_over_sum, room, softmax};
use crate::kernels::simd::{Kernel, Simd};

/// Positions of a block.
const BLOCK: usize = 16;
/// Positions of a row of keys, components of a row of values.
const ROW: usize = 8;
/// Vectors of a row.
const WIDE: usize = ROW / 4;
/// Rows of a column of values.
const PAIRS: usize = BLOCK / 2;

/// The largest integer of a key or a value.
const MOST: f32 = 4095.0;
/// The largest integer of a weight: `16 * 32767 * 4095 < 2^31`.
const MOST_WEIGHT: f32 = 32767.0;

/// The largest integer of a query: `E * 4095` of it are less than `2^31`.
fn most_of_query(head_width: usize) -> f32 {
    (i32::MAX as usize / (head_width * MOST as usize)).min(i16::MAX as usize) as f32
}

/// Pairs of integers of a row.
type Row = [[i16; 2]; ROW];

/// Keys and values of one key head of one layer.
#[derive(Debug, Clone)]
pub struct IntegerCache {
    /// Positions that it may have.
    most: usize,
    /// `(ceil(T / 16), 2, ceil(E / 2))` rows of eight positions
    keys: Vec<Row>,
    /// `(ceil(T / 16), ceil(E / 8), 8)` rows of eight components
    values: Vec<Row>,
    /// `(ceil(T / 16), 16)`
    key_scales: Vec<[f32; BLOCK]>,
    /// `(ceil(T / 16), 16)`
    value_scales: Vec<[f32; BLOCK]>,
}

/// Rows of the keys of a block.
fn key_rows(head_width: usize) -> usize {
    2 * head_width.div_ceil(2)
}

/// Rows of the values of a block.
fn value_rows(head_width: usize) -> usize {
    head_width.div_ceil(ROW) * PAIRS
}

impl IntegerCache {
    pub(super) fn new(most: usize) -> Self {
        let (key_scales, value_scales) = (Vec::new(), Vec::new());
        Self { most, keys: Vec::new(), values: Vec::new(), key_scales, value_scales }
    }

    pub(super) fn push(&mut self, position: usize, key: &[f32], value: &[f32]) {
        let (block, within) = (position / BLOCK, position % BLOCK);
        self.lengthen(position + 1, key.len());
        let half = key_rows(key.len()) / 2;
        let rows = &mut self.keys[block * 2 * half + within / ROW * half..][..half];
        self.key_scales[block][within] = quantise(key, MOST, |component, integer| {
            rows[component / 2][within % ROW][component % 2] = integer;
        });
        let rows = &mut self.values[block * value_rows(value.len())..];
        self.value_scales[block][within] = quantise(value, MOST, |component, integer| {
            rows[component / ROW * PAIRS + within / 2][component % ROW][within % 2] = integer;
        });
    }

    fn lengthen(&mut self, length: usize, head_width: usize) {
        let (blocks, room) = (length.div_ceil(BLOCK), room(length, self.most).div_ceil(BLOCK));
        let (keys, values) = (key_rows(head_width), value_rows(head_width));
        lengthen(&mut self.keys, blocks * keys, room * keys, [[0; 2]; ROW]);
        lengthen(&mut self.values, blocks * values, room * values, [[0; 2]; ROW]);
        lengthen(&mut self.key_scales, blocks, room, [0.0; BLOCK]);
        lengthen(&mut self.value_scales, blocks, room, [0.0; BLOCK]);
    }

    pub(super) fn first(&self, length: usize, head_width: usize) -> Self {
        let (blocks, room) = (length.div_ceil(BLOCK), room(length, self.most).div_ceil(BLOCK));
        let (keys, values) = (key_rows(head_width), value_rows(head_width));
        Self {
            most: self.most,
            keys: copy_of_first(&self.keys, blocks * keys, room * keys),
            values: copy_of_first(&self.values, blocks * values, room * values),
            key_scales: copy_of_first(&self.key_scales, blocks, room),
            value_scales: copy_of_first(&self.value_scales, blocks, room),
        }
    }
}

#[cfg(test)]
impl IntegerCache {
    /// Bytes that there is room for, without scales, and those of so many positions.
    pub(super) fn bytes(&self, length: usize, head_width: usize) -> [usize; 2] {
        let rows = length.div_ceil(BLOCK) * (key_rows(head_width) + value_rows(head_width));
        [self.keys.capacity() + self.values.capacity(), rows].map(|rows| rows * size_of::<Row>())
    }
}

/// Calls `put` with the place and the integer of each value, from `-most` to `most`, and returns what one of them stands
/// for.
#[inline(always)]
fn quantise(values: &[f32], most: f32, mut put: impl FnMut(usize, i16)) -> f32 {
    // Adding 1.5 * 2^23 leaves no bits for a fraction: the low bits of the sum are the nearest integer.
    const SHIFT: f32 = 12_582_912.0;
    let largest = values.iter().fold(0.0, |a: f32, b| if b.abs() > a { b.abs() } else { a });
    let inverse = if largest > 0.0 { most / largest } else { 0.0 };
    for (place, &value) in values.iter().enumerate() {
        put(place, (value * inverse + SHIFT).to_bits() as i16);
    }
    largest / most
}

/// Space that is needed again and again.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// `(heads, ceil(E / 2))` pairs
    queries: Vec<[i16; 2]>,
    /// `(heads, positions)` in vectors
    scores: Vec<[f32; 4]>,
    /// `(heads, positions)` in pairs of eight
    weights: Vec<[[i16; 2]; 4]>,
    /// `(heads, blocks)`
    scales: Vec<f32>,
    /// `(ceil(E / 8), heads, 2)` vectors
    sums: Vec<[f32; 4]>,
}

/// See [`attend`](super::attend).
pub(super) struct Attend<'a> {
    pub(super) attention: Attention,
    pub(super) queries: &'a [f32],
    pub(super) cache: &'a IntegerCache,
    pub(super) scratch: &'a mut Scratch,
    pub(super) output: &'a mut [f32],
}

impl Kernel for Attend<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(mut self) {
        let heads = self.queries.len() / self.attention.head_width;
        in_fours::<S>(&mut self, heads);
    }
}

impl Heads for Attend<'_> {
    #[inline(always)]
    fn heads<S: Simd, const G: usize>(&mut self, head: usize) {
        let Attention { first, end, .. } = self.attention;
        let blocks = first / BLOCK..end.div_ceil(BLOCK);
        let (offset, n_blocks) = (blocks.start * BLOCK, blocks.len());
        let query_scales = self.quantise_queries::<G>(head);
        self.score::<S, G>(query_scales, blocks.start, n_blocks);
        let mut sums = [0.0; G];
        let Scratch { scores, weights, scales, .. } = &mut *self.scratch;
        weights.clear();
        scales.clear();
        for (scores, sum) in scores.chunks_exact_mut(n_blocks * BLOCK / 4).zip(&mut sums) {
            softmax::<S>(scores, first - offset, end - offset);
            *sum = one_over_sum::<S>(scores);
            let blocks =
                scores.as_chunks::<{ BLOCK / 4 }>().0.iter().zip(&self.cache.value_scales[blocks.start..]);
            for (scores, value_scales) in blocks {
                let (integers, scale) = quantise_weights::<S>(scores, value_scales);
                weights.extend(integers);
                scales.push(scale);
            }
        }
        self.weigh::<S, G>(head, sums, blocks.start, n_blocks);
    }
}

impl Attend<'_> {
    /// Takes the queries of `G` heads as integers; returns what one stands for.
    #[inline(always)]
    fn quantise_queries<const G: usize>(&mut self, head: usize) -> [f32; G] {
        let width = self.attention.head_width;
        let (most, n_pairs) = (most_of_query(width), width.div_ceil(2));
        let queries = &mut self.scratch.queries;
        queries.clear();
        queries.resize(G * n_pairs, [0; 2]);
        std::array::from_fn(|g| {
            let query = &self.queries[(head + g) * width..][..width];
            let pairs = &mut queries[g * n_pairs..][..n_pairs];
            quantise(query, most, |component, integer| pairs[component / 2][component % 2] = integer)
        })
    }

    /// Scaled products of the queries with the keys of some blocks.
    #[inline(always)]
    fn score<S: Simd, const G: usize>(&mut self, query_scales: [f32; G], first: usize, n_blocks: usize) {
        let Attention { head_width: width, scale, .. } = self.attention;
        let (half, n_vectors) = (key_rows(width) / 2, n_blocks * BLOCK / 4);
        let Scratch { queries, scores, .. } = &mut *self.scratch;
        let queries: [&[[i16; 2]]; G] = std::array::from_fn(|g| &queries[g * half..][..half]);
        scores.clear();
        scores.resize(G * n_vectors, [0.0; 4]);
        let keys = self.cache.keys[first * 2 * half..][..n_blocks * 2 * half].chunks_exact(half);
        let key_scales =
            self.cache.key_scales[first..].as_flattened().as_chunks::<4>().0.as_chunks::<WIDE>().0;
        for (at, (keys, key_scales)) in keys.zip(key_scales).enumerate() {
            let mut sums = [[S::to_bits(S::splat(0.0)); WIDE]; G];
            for (pair, keys) in keys.iter().enumerate() {
                let keys: [_; WIDE] = S::load_pairs(keys);
                for g in 0..G {
                    let query = S::splat_pair(&queries[g][pair]);
                    for i in 0..WIDE {
                        sums[g][i] = S::add_pairs(sums[g][i], keys[i], query);
                    }
                }
            }
            for g in 0..G {
                let scale = S::splat(scale * query_scales[g]);
                for i in 0..WIDE {
                    let scale = S::mul(S::floats(&key_scales[i]), scale);
                    scores[g * n_vectors + at * WIDE + i] = S::store(S::mul(S::to_floats(sums[g][i]), scale));
                }
            }
        }
    }

    /// Sums of values, weighted by the integers in `weights`, and those by `scales` and `sums`.
    #[inline(always)]
    fn weigh<S: Simd, const G: usize>(
        &mut self,
        head: usize,
        factors: [f32; G],
        first: usize,
        n_blocks: usize,
    ) {
        let width = self.attention.head_width;
        let Scratch { weights, scales, sums, .. } = &mut *self.scratch;
        let weights = weights.as_flattened().as_chunks::<PAIRS>().0;
        sums.clear();
        sums.resize(width.div_ceil(ROW) * G * WIDE, [0.0; 4]);
        let blocks = self.cache.values[first * value_rows(width)..].chunks_exact(value_rows(width));
        for (block, values) in blocks.take(n_blocks).enumerate() {
            let weights: [&[[i16; 2]; PAIRS]; G] = std::array::from_fn(|g| &weights[g * n_blocks + block]);
            let scales: [f32; G] = std::array::from_fn(|g| scales[g * n_blocks + block]);
            for (values, sums) in values.as_chunks::<PAIRS>().0.iter().zip(sums.chunks_exact_mut(G * WIDE)) {
                let mut own = [[S::to_bits(S::splat(0.0)); WIDE]; G];
                for (pair, values) in values.iter().enumerate() {
                    let values: [_; WIDE] = S::load_pairs(values);
                    for g in 0..G {
                        let weight = S::splat_pair(&weights[g][pair]);
                        for i in 0..WIDE {
                            own[g][i] = S::add_pairs(own[g][i], values[i], weight);
                        }
                    }
                }
                for g in 0..G {
                    let scale = S::splat(scales[g]);
                    for i in 0..WIDE {
                        let sum = &mut sums[g * WIDE + i];
                        *sum = S::store(S::add(S::floats(sum), S::mul(S::to_floats(own[g][i]), scale)));
                    }
                }
            }
        }
        for (column, sums) in sums.chunks_exact(G * WIDE).enumerate() {
            for g in 0..G {
                let end = width.min((column + 1) * ROW);
                let output = &mut self.output[(head + g) * width..][column * ROW..end];
                for (output, sum) in output.iter_mut().zip(sums[g * WIDE..][..WIDE].as_flattened()) {
                    *output = sum * factors[g];
                }
            }
        }
    }
}

/// The products of exponentials with the scales of the values that they weigh, as integers, and what one of them stands for.
#[inline(always)]
fn quantise_weights<S: Simd>(
    scores: &[[f32; 4]; BLOCK / 4],
    scales: &[f32; BLOCK],
) -> ([[[i16; 2]; 4]; 2], f32) {
    // Adding 2^23 leaves no bits for a fraction: the low bits of the sum are the nearest integer.
    const SHIFT: f32 = 8_388_608.0;
    let scales = scales.as_chunks::<4>().0;
    let weights: [S::Floats; BLOCK / 4] =
        std::array::from_fn(|i| S::mul(S::floats(&scores[i]), S::floats(&scales[i])));
    let largest = weights.into_iter().fold(S::splat(0.0), |a, b| S::max(a, b));
    let largest = S::store(largest).into_iter().fold(0.0, |a: f32, b| if b > a { b } else { a });
    let inverse = S::splat(if largest > 0.0 { MOST_WEIGHT / largest } else { 0.0 });
    let unshift = S::to_bits(S::splat(f32::from_bits(0_u32.wrapping_sub(SHIFT.to_bits()))));
    let integers = weights.map(|weight| {
        let shifted = S::add(S::mul(weight, inverse), S::splat(SHIFT));
        S::add_ints(S::to_bits(shifted), unshift)
    });
    let halves = [S::narrow_pairs([integers[0], integers[1]]), S::narrow_pairs([integers[2], integers[3]])];
    (halves, largest / MOST_WEIGHT)
}
