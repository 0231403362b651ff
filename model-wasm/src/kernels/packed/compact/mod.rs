//! Blocks that take as much memory as in the file, or little more.
//!
//! One row of activations is multiplied with a block as it is parted; for several rows the block is unpacked first,
//! into the processor's nearest cache.

mod factors;
mod planes;

use std::marker::PhantomData;

use super::{
    BLOCK, Block, FromGroup, Steps, Stored,
    blocks::{Integers, STEPS, SignedBlock, TILES},
};
use crate::kernels::{
    activations::Activations,
    simd::Simd,
    unpack::{Group, NON_LINEAR},
};
use factors::{Centred, CentredPairs, Factors, WithMinimums, WithPairsOfMinimums};
use planes::{Fives, Nibbles, Pairs, Planes, Sixes, Threes};

/// `Q4_0`
pub type Q4_0Block = CompactBlock<Nibbles, Centred<8>>;
/// `Q4_1` and `Q4_K`
pub type Q4Block = CompactBlock<Nibbles, WithMinimums>;
/// `Q5_0`
pub type Q5_0Block = CompactBlock<Fives, Centred<16>>;
/// `Q5_1` and `Q5_K`
pub type Q5Block = CompactBlock<Fives, WithMinimums>;
/// `Q2_K`
pub type Q2KBlock = CompactBlock<Pairs, WithPairsOfMinimums>;
/// `Q3_K`
pub type Q3KBlock = CompactBlock<Threes, CentredPairs<4>>;
/// `Q6_K`
pub type Q6KBlock = CompactBlock<Sixes, CentredPairs<32>>;

/// Integers of a few bits, and what their scales and minimums are made of.
#[derive(Clone)]
#[repr(C, align(16))]
pub struct CompactBlock<P, F> {
    integers: P,
    factors: F,
}

impl<P: Planes, F: Factors> Stored for CompactBlock<P, F> {
    type Block = ByteBlock<F>;
    const EMPTY: Self = Self { integers: P::EMPTY, factors: F::EMPTY };

    #[inline(always)]
    fn unpack<'a, S: Simd>(&'a self, space: &'a mut ByteBlock<F>) -> &'a ByteBlock<F> {
        for tile in 0..TILES {
            for (step, integers) in self.integers.tile::<S>(tile).into_iter().enumerate() {
                S::store_bytes(integers, &mut space.integers[step][tile]);
            }
            let [scales, minimums] = self.factors.tile::<S>(tile);
            for group in 0..F::GROUPS {
                space.scales[group][tile] = S::store(scales[group]);
                space.minimums[group][tile] = S::store(minimums[group]);
            }
        }
        space
    }

    #[inline(always)]
    fn add_one<S: Simd>(&self, input: &Activations, _: Steps, sums: &mut [S::Floats; TILES]) {
        for tile in 0..TILES {
            let integers = self.integers.tile::<S>(tile);
            let [scales, minimums] = self.factors.tile::<S>(tile);
            for group in 0..F::GROUPS {
                let mut dots = start::<S, F>(input, group);
                for step in steps_of::<F>(group) {
                    dots = S::dot_small(dots, integers[step], S::splat4(&input.signed[step]));
                }
                let product = product::<S, F>(dots, scales[group], minimums[group], input, group);
                sums[tile] = S::add(sums[tile], product);
            }
        }
    }
}

impl<P: Planes, F: Factors> FromGroup for CompactBlock<P, F> {
    fn set(&mut self, row: usize, group: &Group) {
        for (column, &integer) in group.integers.iter().enumerate() {
            self.integers.set(row / 4, column / 4, row % 4 * 4 + column % 4, integer as u8);
        }
        self.factors.set(row / 4, row % 4, group);
    }
}

/// What a [`CompactBlock`] is unpacked to: a byte for each integer.
#[derive(Clone)]
#[repr(C, align(16))]
pub struct ByteBlock<F> {
    /// By group of columns, tile and row.
    scales: [[[f32; 4]; TILES]; 2],
    /// As the scales.
    minimums: [[[f32; 4]; TILES]; 2],
    integers: Integers,
    factors: PhantomData<F>,
}

impl<F: Factors> Block for ByteBlock<F> {
    type Input = Activations;
    const ZERO: Self = Self {
        scales: [[[0.0; 4]; TILES]; 2],
        minimums: [[[0.0; 4]; TILES]; 2],
        integers: [[[0; 16]; TILES]; STEPS],
        factors: PhantomData,
    };

    fn weight(&self, row: usize, column: usize) -> f32 {
        let (tile, lane, group) = (row / 4, row % 4, column * F::GROUPS / BLOCK);
        let integer = i16::from(self.integers[column / 4][tile][4 * lane + column % 4]);
        let scale = self.scales[group][tile][lane];
        match F::OFFSET {
            Some(offset) => scale * f32::from(integer - offset),
            None => scale * f32::from(integer) - self.minimums[group][tile][lane],
        }
    }

    #[inline(always)]
    fn add<S: Simd, const M: usize>(
        &self,
        inputs: [&Activations; M],
        all: Steps,
        sums: &mut [[S::Floats; TILES]; M],
    ) {
        for group in 0..F::GROUPS {
            let mut dots = inputs.map(|input| [start::<S, F>(input, group); TILES]);
            let steps = steps_of::<F>(group);
            for step in steps.start..steps.start + all.of(steps.len()) {
                let weights: [_; TILES] = std::array::from_fn(|t| S::load(&self.integers[step][t]));
                for m in 0..M {
                    let activations = S::splat4(&inputs[m].signed[step]);
                    for t in 0..TILES {
                        dots[m][t] = S::dot_small(dots[m][t], weights[t], activations);
                    }
                }
            }
            for t in 0..TILES {
                let scales = S::floats(&self.scales[group][t]);
                let minimums = S::floats(&self.minimums[group][t]);
                for m in 0..M {
                    let product = product::<S, F>(dots[m][t], scales, minimums, inputs[m], group);
                    sums[m][t] = S::add(sums[m][t], product);
                }
            }
        }
    }
}

/// The steps whose columns share a scale.
#[inline(always)]
fn steps_of<F: Factors>(group: usize) -> std::ops::Range<usize> {
    group * STEPS / F::GROUPS..(group + 1) * STEPS / F::GROUPS
}

/// Where the sums of a group's products begin.
#[inline(always)]
fn start<S: Simd, F: Factors>(input: &Activations, group: usize) -> S::SmallSums {
    let sum = if F::GROUPS == 1 { input.sum() } else { i32::from(input.sums[group]) };
    S::start_small(F::OFFSET.map_or(0, |offset| -i32::from(offset) * sum))
}

/// A group's products: the integers' with scales and minimums.
#[inline(always)]
fn product<S: Simd, F: Factors>(
    dots: S::SmallSums,
    scales: S::Floats,
    minimums: S::Floats,
    input: &Activations,
    group: usize,
) -> S::Floats {
    let (dots, scale) = (S::small_to_floats(dots), S::splat(input.scale));
    if F::OFFSET.is_some() {
        return S::mul(dots, S::mul(scales, scale));
    }
    let sum = if F::GROUPS == 1 { input.float_sum() } else { input.float_sums[group] };
    S::mul(S::sub(S::mul(dots, scales), S::mul(minimums, S::splat(sum))), scale)
}

/// `IQ4_NL`: places in a table of integers, unpacked into a [`SignedBlock`].
#[derive(Clone)]
#[repr(C, align(16))]
pub struct NonLinearBlock {
    places: Nibbles,
    /// In half precision.
    scales: [[u16; 4]; TILES],
    /// Of each row's integers.
    sums: [[i16; 4]; TILES],
}

impl FromGroup for NonLinearBlock {
    fn set(&mut self, row: usize, group: &Group) {
        self.scales[row / 4][row % 4] = group.scales.half;
        self.sums[row / 4][row % 4] = group.integers.iter().sum();
        for (column, &integer) in group.integers.iter().enumerate() {
            let place = NON_LINEAR.partition_point(|&number| i16::from(number) < integer);
            self.places.set(row / 4, column / 4, row % 4 * 4 + column % 4, place as u8);
        }
    }
}

impl Stored for NonLinearBlock {
    type Block = SignedBlock;
    const EMPTY: Self = Self { places: Nibbles::EMPTY, scales: [[0; 4]; TILES], sums: [[0; 4]; TILES] };

    #[inline(always)]
    fn unpack<'a, S: Simd>(&'a self, space: &'a mut SignedBlock) -> &'a SignedBlock {
        let table = NON_LINEAR.map(i8::cast_unsigned);
        for tile in 0..TILES {
            for (step, places) in self.places.tile::<S>(tile).into_iter().enumerate() {
                S::store_bytes(S::look_up(&table, places), &mut space.integers[step][tile]);
            }
        }
        (space.scales, space.sums) = (self.scales, self.sums);
        space
    }
}
