//! Blocks of sixteen rows and 32 columns, and their products with activations.
//!
//! Rows are in four tiles of four. `steps` are groups of four columns.

use std::hint::black_box;

use super::{BLOCK, widen};
use crate::kernels::{activations::Activations, simd::Simd};

const TILES: usize = 4;
const STEPS: usize = BLOCK / 4;

/// All steps of a block, a number that compilers do not know.
///
/// A compiler that knows it sorts the products of a block by their sums, each a chain through all steps. In
/// WebAssembly, where it cannot see the registers, that reads memory backwards and puts what it has read on the
/// stack. One test a step keeps the products in the order in which they are written here.
#[derive(Debug, Clone, Copy)]
pub struct Steps(usize);

impl Steps {
    /// Once for many blocks, since it goes through memory.
    #[inline(always)]
    pub fn unknown() -> Self {
        Self(black_box(STEPS))
    }

    /// `count` of them.
    #[inline(always)]
    fn of(self, count: usize) -> usize {
        self.0.min(count)
    }
}

/// Sixteen rows by 32 columns of some encoding.
pub trait Block: Clone + Send + Sync + 'static {
    /// 32 activations in the form that this encoding is multiplied with.
    type Input: Sync;
    /// Weights of zero.
    const ZERO: Self;

    /// One weight.
    fn weight(&self, row: usize, column: usize) -> f32;

    /// Adds the block's products with each of `M` inputs to `sums`, for `T` tiles from `first` on.
    fn add<S: Simd, const T: usize, const M: usize>(
        &self,
        first: usize,
        inputs: [&Self::Input; M],
        steps: Steps,
        sums: &mut [[S::Floats; T]; M],
    );
}

/// 8-bit weights: weight = scale * integer.
#[derive(Clone)]
#[repr(C, align(16))]
pub struct SignedBlock {
    scales: [[f32; 4]; TILES],
    /// Of each row's integers: what an offset of the activations adds.
    sums: [[i16; 4]; TILES],
    /// By step, tile, row and column.
    integers: [[[u8; 16]; TILES]; STEPS],
}

impl SignedBlock {
    pub(super) fn set(&mut self, row: usize, integers: &[i16; BLOCK], scale: f32) {
        let (tile, lane) = (row / 4, row % 4);
        self.scales[tile][lane] = scale;
        self.sums[tile][lane] = integers.iter().sum();
        for (column, &integer) in integers.iter().enumerate() {
            self.integers[column / 4][tile][4 * lane + column % 4] = integer as u8;
        }
    }
}

impl Block for SignedBlock {
    type Input = Activations;
    const ZERO: Self =
        Self { scales: [[0.0; 4]; TILES], sums: [[0; 4]; TILES], integers: [[[0; 16]; TILES]; STEPS] };

    fn weight(&self, row: usize, column: usize) -> f32 {
        let (tile, lane) = (row / 4, row % 4);
        let integer = self.integers[column / 4][tile][4 * lane + column % 4] as i8;
        self.scales[tile][lane] * f32::from(integer)
    }

    #[inline(always)]
    fn add<S: Simd, const T: usize, const M: usize>(
        &self,
        first: usize,
        inputs: [&Activations; M],
        steps: Steps,
        sums: &mut [[S::Floats; T]; M],
    ) {
        let start: [_; T] = std::array::from_fn(|t| S::start_weights(&self.sums[first + t]));
        let mut dots = [start; M];
        for step in 0..steps.of(STEPS) {
            let weights: [_; T] = std::array::from_fn(|t| S::load(&self.integers[step][first + t]));
            for m in 0..M {
                let activations = S::splat4(&inputs[m].offset[step]);
                for t in 0..T {
                    dots[m][t] = S::dot_weights(dots[m][t], weights[t], activations);
                }
            }
        }
        for m in 0..M {
            let scale = S::splat(inputs[m].scale);
            for t in 0..T {
                let scale = S::mul(S::floats(&self.scales[first + t]), scale);
                sums[m][t] = S::add(sums[m][t], S::mul(S::weights_to_floats(dots[m][t]), scale));
            }
        }
    }
}

/// 4-bit weights: weight = scale * integer - minimum.
#[derive(Clone)]
#[repr(C, align(16))]
pub struct NibbleBlock {
    scales: [[f32; 4]; TILES],
    minimums: [[f32; 4]; TILES],
    /// By step, tile, row and column: the first sixteen columns low, the last sixteen high.
    integers: [[[u8; 16]; TILES]; STEPS / 2],
}

impl NibbleBlock {
    pub(super) fn set(&mut self, row: usize, integers: &[i16; BLOCK], scale: f32, minimum: f32) {
        let (tile, lane) = (row / 4, row % 4);
        self.scales[tile][lane] = scale;
        self.minimums[tile][lane] = minimum;
        for (column, &integer) in integers.iter().enumerate() {
            let shift = if column < BLOCK / 2 { 0 } else { 4 };
            self.integers[column % (BLOCK / 2) / 4][tile][4 * lane + column % 4] |= (integer as u8) << shift;
        }
    }
}

impl Block for NibbleBlock {
    type Input = Activations;
    const ZERO: Self = Self {
        scales: [[0.0; 4]; TILES],
        minimums: [[0.0; 4]; TILES],
        integers: [[[0; 16]; TILES]; STEPS / 2],
    };

    fn weight(&self, row: usize, column: usize) -> f32 {
        let (tile, lane) = (row / 4, row % 4);
        let byte = self.integers[column % (BLOCK / 2) / 4][tile][4 * lane + column % 4];
        let integer = if column < BLOCK / 2 { byte & 15 } else { byte >> 4 };
        self.scales[tile][lane] * f32::from(integer) - self.minimums[tile][lane]
    }

    #[inline(always)]
    fn add<S: Simd, const T: usize, const M: usize>(
        &self,
        first: usize,
        inputs: [&Activations; M],
        steps: Steps,
        sums: &mut [[S::Floats; T]; M],
    ) {
        let mut dots = [[S::start_small(0); T]; M];
        for step in 0..steps.of(STEPS / 2) {
            let both: [_; T] = std::array::from_fn(|t| S::load(&self.integers[step][first + t]));
            let low = both.map(S::low_nibbles);
            let high = both.map(S::high_nibbles);
            for m in 0..M {
                let first_half = S::splat4(&inputs[m].signed[step]);
                let second_half = S::splat4(&inputs[m].signed[step + STEPS / 2]);
                for t in 0..T {
                    let dot = S::dot_small(dots[m][t], low[t], first_half);
                    dots[m][t] = S::dot_small(dot, high[t], second_half);
                }
            }
        }
        for m in 0..M {
            let scale = S::splat(inputs[m].scale);
            let sum = S::splat(inputs[m].sums[0] + inputs[m].sums[1]);
            for t in 0..T {
                let product = S::mul(S::small_to_floats(dots[m][t]), S::floats(&self.scales[first + t]));
                let product = S::sub(product, S::mul(S::floats(&self.minimums[first + t]), sum));
                sums[m][t] = S::add(sums[m][t], S::mul(product, scale));
            }
        }
    }
}

/// Weights of up to seven bits in groups of sixteen columns: weight = scale * integer - minimum.
#[derive(Clone)]
#[repr(C, align(16))]
pub struct SmallBlock {
    scales: [[[f32; 4]; TILES]; 2],
    minimums: [[[f32; 4]; TILES]; 2],
    /// By step, tile, row and column.
    integers: [[[u8; 16]; TILES]; STEPS],
}

impl SmallBlock {
    pub(super) fn set(&mut self, row: usize, integers: &[i16; BLOCK], scales: [f32; 2], minimums: [f32; 2]) {
        let (tile, lane) = (row / 4, row % 4);
        for half in 0..2 {
            self.scales[half][tile][lane] = scales[half];
            self.minimums[half][tile][lane] = minimums[half];
        }
        for (column, &integer) in integers.iter().enumerate() {
            self.integers[column / 4][tile][4 * lane + column % 4] = integer as u8;
        }
    }
}

impl Block for SmallBlock {
    type Input = Activations;
    const ZERO: Self = Self {
        scales: [[[0.0; 4]; TILES]; 2],
        minimums: [[[0.0; 4]; TILES]; 2],
        integers: [[[0; 16]; TILES]; STEPS],
    };

    fn weight(&self, row: usize, column: usize) -> f32 {
        let (tile, lane, half) = (row / 4, row % 4, column / (BLOCK / 2));
        let integer = self.integers[column / 4][tile][4 * lane + column % 4];
        self.scales[half][tile][lane] * f32::from(integer) - self.minimums[half][tile][lane]
    }

    #[inline(always)]
    fn add<S: Simd, const T: usize, const M: usize>(
        &self,
        first: usize,
        inputs: [&Activations; M],
        steps: Steps,
        sums: &mut [[S::Floats; T]; M],
    ) {
        for half in 0..2 {
            let mut dots = [[S::start_small(0); T]; M];
            for step in 0..steps.of(STEPS / 2) {
                let step = half * STEPS / 2 + step;
                let weights: [_; T] = std::array::from_fn(|t| S::load(&self.integers[step][first + t]));
                for m in 0..M {
                    let activations = S::splat4(&inputs[m].signed[step]);
                    for t in 0..T {
                        dots[m][t] = S::dot_small(dots[m][t], weights[t], activations);
                    }
                }
            }
            for m in 0..M {
                let scale = S::splat(inputs[m].scale);
                let sum = S::splat(inputs[m].sums[half]);
                for t in 0..T {
                    let product =
                        S::mul(S::small_to_floats(dots[m][t]), S::floats(&self.scales[half][first + t]));
                    let product = S::sub(product, S::mul(S::floats(&self.minimums[half][first + t]), sum));
                    sums[m][t] = S::add(sums[m][t], S::mul(product, scale));
                }
            }
        }
    }
}

/// Defines a block of plain numbers, by column, tile and row.
macro_rules! plain {
    ($name:ident, $number:ty, $doc:literal, $zero:literal, $load:ident, $widen:expr) => {
        #[doc = $doc]
        #[derive(Clone)]
        #[repr(C, align(16))]
        pub struct $name([[[$number; 4]; TILES]; BLOCK]);

        impl $name {
            pub(super) fn set(&mut self, row: usize, column: usize, weight: $number) {
                self.0[column][row / 4][row % 4] = weight;
            }
        }

        impl Block for $name {
            type Input = [f32; BLOCK];
            const ZERO: Self = Self([[[$zero; 4]; TILES]; BLOCK]);

            fn weight(&self, row: usize, column: usize) -> f32 {
                $widen(self.0[column][row / 4][row % 4])
            }

            #[inline(always)]
            fn add<S: Simd, const T: usize, const M: usize>(
                &self,
                first: usize,
                inputs: [&[f32; BLOCK]; M],
                _: Steps,
                sums: &mut [[S::Floats; T]; M],
            ) {
                for column in 0..BLOCK {
                    let weights: [_; T] = std::array::from_fn(|t| S::$load(&self.0[column][first + t]));
                    for m in 0..M {
                        let activation = S::splat(inputs[m][column]);
                        for t in 0..T {
                            sums[m][t] = S::add(sums[m][t], S::mul(weights[t], activation));
                        }
                    }
                }
            }
        }
    };
}

plain!(FloatBlock, f32, "Weights in single precision.", 0.0, floats, std::convert::identity);
plain!(HalfBlock, u16, "Weights in half precision.", 0, widen_halves, widen);
plain!(BFloatBlock, u16, "Weights in bfloat16.", 0, widen_bfloats, |half: u16| f32::from_bits(
    u32::from(half) << 16
));
