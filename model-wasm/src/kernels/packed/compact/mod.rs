//! Blocks that take as much memory as in the file, or little more.
//!
//! One row of activations is multiplied with a block as it is parted; for several rows the block is unpacked first,
//! into the processor's nearest cache.

mod factors;
mod planes;

use std::marker::PhantomData;

use super::{
    BLOCK, Block, FromGroup, InputOf, Reading, Stored,
    blocks::{HALF, Integers, OFFSET, STEPS, SignedBlock, TILES},
};
use crate::kernels::{
    activations::{InForm, Small},
    simd::{Products, SHIFTED, Simd, until_settled},
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
    // Memory is read from the first byte to the last, and these come first.
    factors: F,
    integers: P,
}

impl<P: Planes, F: Factors> Stored for CompactBlock<P, F> {
    type Block = ByteBlock<P, F>;
    const EMPTY: Self = Self { factors: F::EMPTY, integers: P::EMPTY };

    #[inline(always)]
    fn unpack<'a, S: Simd>(
        &'a self,
        reading: Reading<S::Floats>,
        space: &'a mut ByteBlock<P, F>,
    ) -> &'a ByteBlock<P, F> {
        for tile in 0..reading.steps(TILES) {
            for (step, integers) in self.integers.tile::<S>(tile).into_iter().enumerate() {
                S::store_bytes(integers, &mut space.integers[step][tile]);
            }
            let [scales, minimums] = self.factors.tile::<S>(tile, reading.unit);
            for group in 0..F::GROUPS {
                space.scales[group][tile] = S::store(scales[group]);
                space.minimums[group][tile] = S::store(minimums[group]);
            }
        }
        space
    }

    #[inline(always)]
    fn add_one<S: Simd>(
        &self,
        input: &InputOf<Self::Block, S>,
        reading: Reading<S::Floats>,
        sums: &mut [S::Floats; TILES],
    ) {
        // A compiler that knows how many there are begins with the last.
        for tile in 0..reading.steps(TILES) {
            let integers = self.integers.tile::<S>(tile);
            let [scales, minimums] = self.factors.tile::<S>(tile, reading.unit);
            for group in 0..F::GROUPS {
                let mut dots = S::Small::start(&SHIFTED);
                for step in steps_of::<F>(group) {
                    let weights = S::Small::weights(integers[step]);
                    dots = S::Small::add(dots, weights, S::Small::activations(&input.steps[step]));
                    if settles::<P>(step) {
                        dots = S::Small::settle(dots);
                    }
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

    fn halves(&mut self) -> &mut [u16] {
        self.factors.halves()
    }
}

/// What a [`CompactBlock`] is unpacked to: a byte for each integer.
#[derive(Clone)]
#[repr(C, align(16))]
pub struct ByteBlock<P, F> {
    /// By group of columns, tile and row.
    scales: [[[f32; 4]; TILES]; 2],
    /// As the scales.
    minimums: [[[f32; 4]; TILES]; 2],
    integers: Integers,
    kind: PhantomData<(P, F)>,
}

impl<P: Planes, F: Factors> Block for ByteBlock<P, F> {
    type Form = Small;
    const ZERO: Self = Self {
        scales: [[[0.0; 4]; TILES]; 2],
        minimums: [[[0.0; 4]; TILES]; 2],
        integers: [[[0; 16]; TILES]; STEPS],
        kind: PhantomData,
    };

    fn weight(&self, row: usize, column: usize, _: f32) -> f32 {
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
        inputs: [&InputOf<Self, S>; M],
        reading: Reading<S::Floats>,
        sums: &mut [[S::Floats; TILES]; M],
    ) {
        for group in 0..F::GROUPS {
            match S::Small::AT_ONCE {
                [_, HALF] if M > 1 => {
                    for first in (0..TILES).step_by(HALF) {
                        self.add_tiles::<S, M, HALF>([group, first], inputs, reading, sums);
                    }
                }
                _ => self.add_tiles::<S, M, TILES>([group, 0], inputs, reading, sums),
            }
        }
    }
}

impl<P: Planes, F: Factors> ByteBlock<P, F> {
    /// As [`Block::add`], of the columns of a group and of `T` tiles from `first` on.
    #[inline(always)]
    fn add_tiles<S: Simd, const M: usize, const T: usize>(
        &self,
        [group, first]: [usize; 2],
        inputs: [&InputOf<Self, S>; M],
        reading: Reading<S::Floats>,
        sums: &mut [[S::Floats; TILES]; M],
    ) {
        let mut dots = [[S::Small::start(&SHIFTED); T]; M];
        let steps = steps_of::<F>(group);
        for step in steps.start..steps.start + reading.steps(steps.len()) {
            let activations = inputs.map(|input| S::Small::activations(&input.steps[step]));
            for t in 0..T {
                let weights = S::Small::load(&self.integers[step][first + t]);
                for m in 0..M {
                    dots[m][t] = S::Small::add(dots[m][t], weights, activations[m]);
                }
            }
            if settles::<P>(step) {
                dots = dots.map(|dots| dots.map(S::Small::settle));
            }
        }
        for t in 0..T {
            let scales = S::floats(&self.scales[group][first + t]);
            let minimums = S::floats(&self.minimums[group][first + t]);
            for m in 0..M {
                let product = product::<S, F>(dots[m][t], scales, minimums, inputs[m], group);
                sums[m][first + t] = S::add(sums[m][first + t], product);
            }
        }
    }
}

/// The steps whose columns share a scale.
#[inline(always)]
fn steps_of<F: Factors>(group: usize) -> std::ops::Range<usize> {
    group * STEPS / F::GROUPS..(group + 1) * STEPS / F::GROUPS
}

/// Whether sums must be settled after a step, other than at the end of its group.
#[inline(always)]
fn settles<P: Planes>(step: usize) -> bool {
    step % until_settled(P::MOST) == until_settled(P::MOST) - 1
}

/// Activations as these products read them.
type Input<S> = <Small as InForm>::Input<S>;
/// Running sums of products.
type Sums<S> = <<S as Simd>::Small as Products<S>>::Sums;

/// A group's products: the integers' with scales and minimums.
#[inline(always)]
fn product<S: Simd, F: Factors>(
    dots: Sums<S>,
    scales: S::Floats,
    minimums: S::Floats,
    input: &Input<S>,
    group: usize,
) -> S::Floats {
    let (dots, scale) = (S::Small::settle(dots), S::splat(input.scale));
    let sum = if F::GROUPS == 1 { input.sum() } else { input.sums[group] };
    if let Some(offset) = F::OFFSET {
        return S::mul(S::Small::floats(dots, f32::from(offset) * sum), S::mul(scales, scale));
    }
    let dots = S::Small::floats(dots, 0.0);
    S::mul(S::sub(S::mul(dots, scales), S::mul(minimums, S::splat(sum))), scale)
}

/// `IQ4_NL`: places in a table of integers, unpacked into a [`SignedBlock`].
#[derive(Clone)]
#[repr(C, align(16))]
pub struct NonLinearBlock {
    places: Nibbles,
    /// In half precision.
    scales: [[u16; 4]; TILES],
}

impl FromGroup for NonLinearBlock {
    fn set(&mut self, row: usize, group: &Group) {
        self.scales[row / 4][row % 4] = group.scales.half;
        for (column, &integer) in group.integers.iter().enumerate() {
            let place = NON_LINEAR.partition_point(|&number| i16::from(number) < integer);
            self.places.set(row / 4, column / 4, row % 4 * 4 + column % 4, place as u8);
        }
    }

    fn halves(&mut self) -> &mut [u16] {
        self.scales.as_flattened_mut()
    }
}

impl Stored for NonLinearBlock {
    type Block = SignedBlock;
    const EMPTY: Self = Self { places: Nibbles::EMPTY, scales: [[0; 4]; TILES] };

    #[inline(always)]
    fn unpack<'a, S: Simd>(
        &'a self,
        reading: Reading<S::Floats>,
        space: &'a mut SignedBlock,
    ) -> &'a SignedBlock {
        let table = NON_LINEAR.map(|integer| (i16::from(integer) + OFFSET) as u8);
        for tile in 0..reading.steps(TILES) {
            for (step, places) in self.places.tile::<S>(tile).into_iter().enumerate() {
                S::store_bytes(S::look_up(&table, places), &mut space.integers[step][tile]);
            }
        }
        space.scales = self.scales;
        space
    }
}
