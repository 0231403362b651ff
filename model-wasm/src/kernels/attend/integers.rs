//! Attention with integers.
//!
//! Keys and values lie in blocks of sixteen positions. A vector holds two components of four keys, or two positions of four
//! components of values: pairs, each multiplied with the same pair of a query or of weights and added up at once. Eight rows
//! of two vectors are a tile.
//!
//! Values are bytes, as activations are, so that a quarter less is read. Keys have thirteen bits: what they have in common
//! may be many times as large as what sets them apart, and the scores are made of the latter.
//!
//! No sum overflows: a product of two pairs has the limits below, `E` components or sixteen positions are summed, and
//! then scaled.

use std::hint::black_box;

use super::{Attention, Heads, copy_of_first, in_fours, lengthen, one_over_sum, room, softmax};
use crate::kernels::{
    quantise::integers_per_one,
    simd::{Kernel, Simd},
};

/// Positions of a block.
const BLOCK: usize = 16;
/// Positions of a tile of keys, components of a tile of values.
const WIDTH: usize = 8;
/// Vectors of a row.
const WIDE: usize = WIDTH / 4;
/// Rows of a tile: pairs of components of keys, pairs of positions of values.
const PAIRS: usize = 8;

/// See the module: rows of pairs of integers, of eight positions or of eight components.
type Tile<I> = [[[I; 2]; WIDTH]; PAIRS];
/// What the rows of a tile are multiplied with.
type Pairs = [[i16; 2]; PAIRS];

/// The largest integer of a key.
const MOST_KEY: f32 = 4095.0;
/// The largest integer of a value.
const MOST_VALUE: f32 = 127.0;
/// The largest integer of a weight: `16 * 32767 * 127 < 2^31`.
const MOST_WEIGHT: f32 = 32767.0;

/// The largest integer of a query: `E * 4095` of it are less than `2^31`.
fn most_of_query(head_width: usize) -> f32 {
    (i32::MAX as usize / (head_width * MOST_KEY as usize)).min(i16::MAX as usize) as f32
}

/// Keys and values of one key head of one layer.
#[derive(Debug, Clone)]
pub struct IntegerCache {
    /// Positions that it may have.
    most: usize,
    /// `(ceil(T / 16), 2, ceil(E / 16))`
    keys: Vec<Tile<i16>>,
    /// `(ceil(T / 16), ceil(E / 8))`
    values: Vec<Tile<i8>>,
    /// `(ceil(T / 16), 16)`
    key_scales: Vec<[f32; BLOCK]>,
    /// `(ceil(T / 16), 16)`
    value_scales: Vec<[f32; BLOCK]>,
}

/// Tiles of eight keys.
fn key_tiles(head_width: usize) -> usize {
    head_width.div_ceil(2 * PAIRS)
}

/// Tiles of the values of a block.
fn value_tiles(head_width: usize) -> usize {
    head_width.div_ceil(WIDTH)
}

impl IntegerCache {
    pub(super) fn new(most: usize) -> Self {
        let (key_scales, value_scales) = (Vec::new(), Vec::new());
        Self { most, keys: Vec::new(), values: Vec::new(), key_scales, value_scales }
    }

    fn lengthen(&mut self, length: usize, head_width: usize) {
        let (blocks, room) = (length.div_ceil(BLOCK), room(length, self.most).div_ceil(BLOCK));
        let (keys, values) = (2 * key_tiles(head_width), value_tiles(head_width));
        lengthen(&mut self.keys, blocks * keys, room * keys, [[[0; 2]; WIDTH]; PAIRS]);
        lengthen(&mut self.values, blocks * values, room * values, [[[0; 2]; WIDTH]; PAIRS]);
        lengthen(&mut self.key_scales, blocks, room, [0.0; BLOCK]);
        lengthen(&mut self.value_scales, blocks, room, [0.0; BLOCK]);
    }

    pub(super) fn first(&self, length: usize, head_width: usize) -> Self {
        let (blocks, room) = (length.div_ceil(BLOCK), room(length, self.most).div_ceil(BLOCK));
        let (keys, values) = (2 * key_tiles(head_width), value_tiles(head_width));
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
        let blocks = length.div_ceil(BLOCK);
        let needed = [blocks * 2 * key_tiles(head_width), blocks * value_tiles(head_width)];
        [[self.keys.capacity(), self.values.capacity()], needed]
            .map(|[keys, values]| keys * size_of::<Tile<i16>>() + values * size_of::<Tile<i8>>())
    }
}

/// Puts the key and value of the first position that is not yet there into a cache; see [`Cache::push`](super::Cache::push).
pub(super) struct Push<'a> {
    pub(super) cache: &'a mut IntegerCache,
    pub(super) position: usize,
    pub(super) key: &'a [f32],
    pub(super) value: &'a [f32],
}

impl<S: Simd> Kernel<S> for Push<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { cache, position, key, value } = self;
        let (block, within) = (position / BLOCK, position % BLOCK);
        cache.lengthen(position + 1, key.len());
        let tiles = key_tiles(key.len());
        let tiles = cache.keys[(block * 2 + within / WIDTH) * tiles..][..tiles].as_flattened_mut();
        cache.key_scales[block][within] = quantise::<S>(key, MOST_KEY, |eight, pairs| {
            for (row, pair) in tiles[4 * eight..].iter_mut().zip(pairs) {
                row[within % WIDTH] = pair;
            }
        });
        let tiles = &mut cache.values[block * value_tiles(value.len())..];
        cache.value_scales[block][within] = quantise::<S>(value, MOST_VALUE, |eight, pairs| {
            for (place, &integer) in tiles[eight][within / 2].iter_mut().zip(pairs.as_flattened()) {
                place[within % 2] = integer as i8;
            }
        });
    }
}

/// Calls `put` with each eight integers, from `-most` to `most`, and how many eights were before them, the last filled up with
/// zeros; returns what one of them stands for.
#[inline(always)]
fn quantise<S: Simd>(values: &[f32], most: f32, mut put: impl FnMut(usize, [[i16; 2]; 4])) -> f32 {
    let (eights, rest) = values.as_chunks::<8>();
    let mut last = [0.0; 8];
    for (place, &value) in last.iter_mut().zip(rest) {
        *place = value;
    }
    let vectors = |eight: &[f32; 8]| [0, 4].map(|at| S::floats(&std::array::from_fn(|i| eight[at + i])));
    let larger = |largest, eight: &[f32; 8]| {
        let [a, b] = vectors(eight).map(S::abs);
        S::max(S::max(largest, a), b)
    };
    let largest = eights.iter().fold(larger(S::splat(0.0), &last), larger);
    let largest = S::store(S::largest(largest))[0];
    let inverse = S::splat(integers_per_one(most, largest));
    let mut put = |at, eight: &[f32; 8]| {
        put(at, S::narrow_pairs(vectors(eight).map(|vector| S::nearest(S::mul(vector, inverse)))));
    };
    for (at, eight) in eights.iter().enumerate() {
        put(at, eight);
    }
    if !rest.is_empty() {
        put(eights.len(), &last);
    }
    largest / most
}

/// Space that is needed again and again.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// `(heads, ceil(E / 16))`
    queries: Vec<Pairs>,
    /// `(heads, positions)` in vectors
    scores: Vec<[f32; 4]>,
    /// `(heads, blocks)`
    weights: Vec<Pairs>,
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
        let Attention { first, end, .. } = self.attention;
        let blocks = first / BLOCK..end.div_ceil(BLOCK);
        let (offset, n_blocks) = (blocks.start * BLOCK, blocks.len());
        let query_scales = self.quantise_queries::<S, G>(head);
        self.score::<S, G>(query_scales, blocks.start, n_blocks);
        let mut sums = [0.0; G];
        let Scratch { scores, weights, scales, .. } = &mut *self.scratch;
        weights.resize(G * n_blocks, Pairs::default());
        scales.resize(G * n_blocks, 0.0);
        let each_head = scores
            .chunks_exact_mut(n_blocks * BLOCK / 4)
            .zip(weights.chunks_exact_mut(n_blocks))
            .zip(scales.chunks_exact_mut(n_blocks));
        for (((scores, weights), scales), sum) in each_head.zip(&mut sums) {
            softmax::<S>(scores, first - offset, end - offset);
            *sum = one_over_sum::<S>(scores);
            let scores =
                scores.as_chunks::<{ BLOCK / 4 }>().0.iter().zip(&self.cache.value_scales[blocks.start..]);
            for ((scores, value_scales), (weights, scale)) in scores.zip(weights.iter_mut().zip(scales)) {
                *scale = quantise_weights::<S>(scores, value_scales, weights);
            }
        }
        self.weigh::<S, G>(head, sums, blocks.start, n_blocks);
    }
}

impl Attend<'_> {
    /// Takes the queries of `G` heads as integers; returns what one stands for.
    #[inline(always)]
    fn quantise_queries<S: Simd, const G: usize>(&mut self, head: usize) -> [f32; G] {
        let width = self.attention.head_width;
        let (most, tiles) = (most_of_query(width), key_tiles(width));
        let queries = &mut self.scratch.queries;
        queries.clear();
        queries.resize(G * tiles, Pairs::default());
        std::array::from_fn(|g| {
            let query = &self.queries[(head + g) * width..][..width];
            let pairs = queries[g * tiles..][..tiles].as_flattened_mut();
            quantise::<S>(query, most, |eight, integers| {
                for (place, pair) in pairs[4 * eight..].iter_mut().zip(integers) {
                    *place = pair;
                }
            })
        })
    }

    /// Scaled products of the queries with the keys of some blocks.
    #[inline(always)]
    fn score<S: Simd, const G: usize>(&mut self, query_scales: [f32; G], first: usize, n_blocks: usize) {
        let Attention { head_width: width, scale, .. } = self.attention;
        let (tiles, n_vectors, rows) = (key_tiles(width), n_blocks * BLOCK / 4, Rows::unknown());
        let Scratch { queries, scores, .. } = &mut *self.scratch;
        let queries: [&[Pairs]; G] = std::array::from_fn(|g| &queries[g * tiles..][..tiles]);
        scores.resize(G * n_vectors, [0.0; 4]);
        let keys = self.cache.keys[first * 2 * tiles..][..n_blocks * 2 * tiles].chunks_exact(tiles);
        let key_scales =
            self.cache.key_scales[first..].as_flattened().as_chunks::<4>().0.as_chunks::<WIDE>().0;
        for (at, (keys, key_scales)) in keys.zip(key_scales).enumerate() {
            let mut sums = [[S::to_bits(S::splat(0.0)); WIDE]; G];
            for (tile, keys) in keys.iter().enumerate() {
                let queries = std::array::from_fn(|g| &queries[g][tile]);
                add_products::<S, G>(&mut sums, queries, rows, |pair| S::load_pairs(&keys[pair]));
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
        let (width, rows) = (self.attention.head_width, Rows::unknown());
        let tiles = value_tiles(width);
        let Scratch { weights, scales, sums, .. } = &mut *self.scratch;
        sums.clear();
        sums.resize(tiles * G * WIDE, [0.0; 4]);
        let blocks = self.cache.values[first * tiles..].chunks_exact(tiles);
        for (block, values) in blocks.take(n_blocks).enumerate() {
            let weights: [&Pairs; G] = std::array::from_fn(|g| &weights[g * n_blocks + block]);
            let scales: [f32; G] = std::array::from_fn(|g| scales[g * n_blocks + block]);
            for (values, sums) in values.iter().zip(sums.chunks_exact_mut(G * WIDE)) {
                let mut own = [[S::to_bits(S::splat(0.0)); WIDE]; G];
                add_products::<S, G>(&mut own, weights, rows, |pair| S::widen_pairs(&values[pair]));
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
                let end = width.min((column + 1) * WIDTH);
                let output = &mut self.output[(head + g) * width..][column * WIDTH..end];
                for (output, sum) in output.iter_mut().zip(sums[g * WIDE..][..WIDE].as_flattened()) {
                    *output = sum * factors[g];
                }
            }
        }
    }
}

/// The rows of a tile, a number that compilers do not know: one that does sorts their products by their sums, and keeps
/// the whole tile on the stack.
#[derive(Debug, Clone, Copy)]
struct Rows(usize);

impl Rows {
    /// Once for many tiles, since it goes through memory.
    #[inline(always)]
    fn unknown() -> Self {
        Self(black_box(PAIRS))
    }
}

/// Adds to `sums` what the rows of a tile, each given by `row`, give with the pairs of each of `G` heads.
#[inline(always)]
fn add_products<S: Simd, const G: usize>(
    sums: &mut [[S::Ints; WIDE]; G],
    pairs: [&Pairs; G],
    rows: Rows,
    row: impl Fn(usize) -> [S::Bytes; WIDE],
) {
    for pair in 0..rows.0.min(PAIRS) {
        let row = row(pair);
        for g in 0..G {
            let factor = S::splat_pair(&pairs[g][pair]);
            for i in 0..WIDE {
                sums[g][i] = S::add_pairs(sums[g][i], row[i], factor);
            }
        }
    }
}

/// Puts the products of exponentials with the scales of the values that they weigh as integers into `integers`; returns what
/// one of them stands for.
#[inline(always)]
fn quantise_weights<S: Simd>(
    scores: &[[f32; 4]; BLOCK / 4],
    scales: &[f32; BLOCK],
    integers: &mut Pairs,
) -> f32 {
    /// Where all weights are smaller, they count as nothing: one over this is finite.
    const LEAST: f32 = 1e-30;
    let scales = scales.as_chunks::<4>().0;
    let weights: [S::Floats; BLOCK / 4] =
        std::array::from_fn(|i| S::mul(S::floats(&scores[i]), S::floats(&scales[i])));
    let largest = S::largest(weights.into_iter().fold(S::splat(LEAST), |a, b| S::max(a, b)));
    let inverse = S::div(S::splat(MOST_WEIGHT), largest);
    let weights = weights.map(|weight| S::nearest(S::mul(weight, inverse)));
    let (halves, _) = integers.as_chunks_mut::<4>();
    for (half, weights) in halves.iter_mut().zip(weights.as_chunks::<2>().0) {
        *half = S::narrow_pairs(*weights);
    }
    S::store(largest)[0] / MOST_WEIGHT
}
