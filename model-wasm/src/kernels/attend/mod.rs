//! Causal attention over a cache whose layout is made for it.
//!
//! Query heads that share a key head are computed together. Where weights are quantised, keys, values and what they are
//! multiplied with are integers of up to sixteen bits with a scale each: exact products of pairs take less than half the
//! time of floats.

mod floats;
mod integers;
#[cfg(test)]
mod tests;

use super::{exp::Exp, simd::Simd};
use crate::model::CachePrecision;
pub use floats::FloatCache;
pub use integers::IntegerCache;

/// Keys and values of one key head of one layer.
#[derive(Debug, Clone)]
pub enum Cache {
    /// In single precision.
    Floats(FloatCache),
    /// As integers with a scale for each position.
    Integers(IntegerCache),
}

impl Cache {
    /// An empty one, for `most` positions.
    pub fn new(precision: CachePrecision, most: usize) -> Self {
        match precision {
            CachePrecision::Single => Self::Floats(FloatCache::new(most)),
            CachePrecision::Integers => Self::Integers(IntegerCache::new(most)),
        }
    }

    /// Puts the key and value, `(E,)` each, of `position`, which is the first that is not yet there.
    pub fn push<S: Simd>(&mut self, position: usize, key: &[f32], value: &[f32]) {
        match self {
            Self::Floats(cache) => cache.push(position, key, value),
            Self::Integers(cache) => S::run(integers::Push { cache, position, key, value }),
        }
    }

    /// A copy of the first `length` positions; keys and values are `E` wide.
    pub fn first(&self, length: usize, head_width: usize) -> Self {
        match self {
            Self::Floats(cache) => Self::Floats(cache.first(length, head_width)),
            Self::Integers(cache) => Self::Integers(cache.first(length, head_width)),
        }
    }
}

/// A cache that is moved gets room for an eighth more positions than it needs then, for so many at least, and for no more than
/// it may have: room that doubles would take up to twice what a lane is said to take.
const LEAST_ROOM: usize = 64;

/// Positions that a cache has room for when it is moved because it needs `length`, of `most`.
fn room(length: usize, most: usize) -> usize {
    (length + LEAST_ROOM.max(length / 8)).min(most).max(length)
}

/// Makes `rows` as long as `length` with empty ones; where there is too little room, there is for `room` then.
fn lengthen<T: Clone>(rows: &mut Vec<T>, length: usize, room: usize, empty: T) {
    if length > rows.capacity() {
        rows.reserve_exact(room - rows.len());
    }
    rows.resize(length, empty);
}

/// A copy of the first of `rows`, in so much room.
fn copy_of_first<T: Clone>(rows: &[T], length: usize, room: usize) -> Vec<T> {
    let mut copy = Vec::with_capacity(room);
    copy.extend_from_slice(&rows[..length]);
    copy
}

/// Space that attention needs again and again.
#[derive(Debug, Default)]
pub struct Scratch {
    floats: floats::Scratch,
    integers: integers::Scratch,
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
/// In single precision, a score is a sum over components from the first to the last, and weighted values are summed from
/// the first position to the last. With integers, a score is one exact sum, and so are the weighted values of sixteen
/// positions; those sums are added from the first to the last. Exponentials are summed by position modulo four and then
/// `(0 + 1) + (2 + 3)`.
pub fn attend<S: Simd>(
    attention: Attention,
    queries: &[f32],
    cache: &Cache,
    scratch: &mut Scratch,
    output: &mut [f32],
) {
    match cache {
        Cache::Floats(cache) => {
            let scratch = &mut scratch.floats;
            S::run(floats::Attend { attention, queries, cache, scratch, output });
        }
        Cache::Integers(cache) => {
            let scratch = &mut scratch.integers;
            S::run(integers::Attend { attention, queries, cache, scratch, output });
        }
    }
}

/// Attention of query heads that share a key head, some at a time.
trait Heads {
    /// Attention of `G` heads from `head` on.
    fn heads<S: Simd, const G: usize>(&mut self, head: usize);
}

/// All `heads`, four at a time and then the rest.
#[inline(always)]
fn in_fours<S: Simd>(attention: &mut impl Heads, heads: usize) {
    let rest = heads - heads % 4;
    for head in (0..rest).step_by(4) {
        attention.heads::<S, 4>(head);
    }
    match heads - rest {
        1 => attention.heads::<S, 1>(rest),
        2 => attention.heads::<S, 2>(rest),
        3 => attention.heads::<S, 3>(rest),
        _ => {}
    }
}

/// Replaces the scores from `first` to `end` by exponentials, less the largest, and the others by zero.
#[inline(always)]
fn softmax<S: Simd>(scores: &mut [[f32; 4]], first: usize, end: usize) {
    let flat = scores.as_flattened_mut();
    flat[..first].fill(f32::NEG_INFINITY);
    flat[end..].fill(f32::NEG_INFINITY);
    let largest = scores.iter().fold(S::splat(f32::NEG_INFINITY), |a, b| S::max(a, S::floats(b)));
    let (largest, exp) = (S::largest(largest), Exp::<S>::at_hand());
    for scores in scores.iter_mut() {
        *scores = S::store(exp.of(S::sub(S::floats(scores), largest)));
    }
    let flat = scores.as_flattened_mut();
    flat[..first].fill(0.0);
    flat[end..].fill(0.0);
}

/// One over the sum of exponentials.
#[inline(always)]
fn one_over_sum<S: Simd>(scores: &[[f32; 4]]) -> f32 {
    let sum = scores.iter().fold(S::splat(0.0), |sum, scores| S::add(sum, S::floats(scores)));
    let [a, b, c, d] = S::store(sum);
    1.0 / ((a + b) + (c + d))
}
