//! Blocks of sixteen rows and 32 columns, and their products with activations.
//!
//! Rows are in four tiles of four. `steps` are groups of four columns.

use std::hint::black_box;

use super::{BLOCK, FromGroup, FromRow};
use crate::{
    kernels::{
        activations::{InForm, Plain, Signed},
        f16,
        simd::{Products, SIGNED_STEPS, Simd},
        unpack::Group,
    },
    model::Format,
};

/// Tiles of a panel.
pub const TILES: usize = 4;
pub(super) const STEPS: usize = BLOCK / 4;
const _: () = assert!(STEPS <= SIGNED_STEPS);

/// A byte for each weight: by step, tile, row and column.
pub(super) type Integers = [[[u8; 16]; TILES]; STEPS];

/// What all blocks of a matrix are read with.
#[derive(Debug, Clone, Copy)]
pub struct Reading<F> {
    /// The [`unit`](f16::unit) of numbers in half precision.
    pub(super) unit: F,
    /// All steps of a block, a number that compilers do not know.
    ///
    /// A compiler that knows it sorts the products of a block by their sums, each a chain through all steps. In
    /// WebAssembly, where it cannot see the registers, that reads memory backwards and puts what it has read on the
    /// stack. One test a step keeps the products in the order in which they are written here.
    steps: usize,
}

impl<F> Reading<F> {
    /// Once for many blocks, since it goes through memory.
    #[inline(always)]
    pub fn new(unit: F) -> Self {
        Self { unit, steps: black_box(STEPS) }
    }

    /// `count` steps.
    #[inline(always)]
    pub(super) fn steps(&self, count: usize) -> usize {
        self.steps.min(count)
    }
}

/// Sixteen rows by 32 columns in a form that is multiplied.
pub trait Block: Clone + Send + Sync + 'static {
    /// The form of the activations that this encoding is multiplied with.
    type Form: InForm;
    /// Weights of zero.
    const ZERO: Self;

    /// One weight; `unit` is that of what is in half precision.
    fn weight(&self, row: usize, column: usize, unit: f32) -> f32;

    /// Adds the block's products with each of `M` inputs to `sums`, by tile.
    fn add<S: Simd, const M: usize>(
        &self,
        inputs: [&InputOf<Self, S>; M],
        reading: Reading<S::Floats>,
        sums: &mut [[S::Floats; TILES]; M],
    );
}

/// What a block is multiplied with.
pub type InputOf<B, S> = <<B as Block>::Form as InForm>::Input<S>;

/// What is added to 8-bit integers, so that none is negative.
pub(super) const OFFSET: i16 = 128;

/// 8-bit weights: weight = scale * (integer - 128).
#[derive(Clone)]
#[repr(C, align(16))]
pub struct SignedBlock {
    /// In half precision.
    pub(super) scales: [[u16; 4]; TILES],
    /// With [`OFFSET`] added.
    pub(super) integers: Integers,
}

impl FromGroup for SignedBlock {
    fn set(&mut self, row: usize, group: &Group) {
        let (tile, lane) = (row / 4, row % 4);
        self.scales[tile][lane] = group.scales.half;
        for (column, &integer) in group.integers.iter().enumerate() {
            self.integers[column / 4][tile][4 * lane + column % 4] = (integer + OFFSET) as u8;
        }
    }

    fn halves(&mut self) -> &mut [u16] {
        self.scales.as_flattened_mut()
    }
}

impl Block for SignedBlock {
    type Form = Signed;
    const ZERO: Self = Self { scales: [[0; 4]; TILES], integers: [[[OFFSET as u8; 16]; TILES]; STEPS] };

    fn weight(&self, row: usize, column: usize, unit: f32) -> f32 {
        let (tile, lane) = (row / 4, row % 4);
        let integer = i16::from(self.integers[column / 4][tile][4 * lane + column % 4]);
        f16::widen(self.scales[tile][lane], unit) * f32::from(integer - OFFSET)
    }

    #[inline(always)]
    fn add<S: Simd, const M: usize>(
        &self,
        inputs: [&InputOf<Self, S>; M],
        reading: Reading<S::Floats>,
        sums: &mut [[S::Floats; TILES]; M],
    ) {
        match S::Signed::AT_ONCE {
            [1, _] if M > 1 => {
                for m in 0..M {
                    self.add::<S, 1>([inputs[m]], reading, std::array::from_mut(&mut sums[m]));
                }
            }
            [_, HALF] if M > 1 => {
                // No loop: compilers leave one of two such long parts as it is, and then the steps within it too.
                self.add_tiles::<S, M, HALF>(0, inputs, reading, sums);
                self.add_tiles::<S, M, HALF>(HALF, inputs, reading, sums);
            }
            _ => self.add_tiles::<S, M, TILES>(0, inputs, reading, sums),
        }
    }
}

/// Half the tiles.
pub(super) const HALF: usize = TILES / 2;

impl SignedBlock {
    /// As [`Block::add`], of `T` tiles from `first` on.
    #[inline(always)]
    fn add_tiles<S: Simd, const M: usize, const T: usize>(
        &self,
        first: usize,
        inputs: [&InputOf<Self, S>; M],
        reading: Reading<S::Floats>,
        sums: &mut [[S::Floats; TILES]; M],
    ) {
        let mut dots = inputs.map(|input| [S::Signed::start_signed(&input.signed_start); T]);
        for step in 0..reading.steps(STEPS) {
            let activations = inputs.map(|input| S::Signed::activations(&input.steps[step]));
            for t in 0..T {
                let weights = S::Signed::load(&self.integers[step][first + t]);
                for m in 0..M {
                    dots[m][t] = S::Signed::add(dots[m][t], weights, activations[m]);
                }
            }
        }
        let scales: [_; T] = std::array::from_fn(|t| S::widen_halves(&self.scales[first + t], reading.unit));
        for m in 0..M {
            let scale = S::splat(inputs[m].scale);
            for t in 0..T {
                let dots = S::Signed::floats(S::Signed::settle(dots[m][t]), 0.0);
                let product = S::mul(dots, S::mul(scales[t], scale));
                sums[m][first + t] = S::add(sums[m][first + t], product);
            }
        }
    }
}

/// Defines a block of plain numbers, by column, tile and row: how vectors of them are loaded, and how one is widened.
macro_rules! plain {
    (
        $name:ident, $number:ty, $doc:literal, $zero:literal,
        ($load:ident $(, reading.$unit:ident)?), $widen:expr $(, $which:tt)?
    ) => {
        #[doc = $doc]
        #[derive(Clone)]
        #[repr(C, align(16))]
        pub struct $name([[[$number; 4]; TILES]; BLOCK]);

        impl FromRow for $name {
            fn put(blocks: &mut [Self], place: usize, _: Format, row: &[u8]) {
                for (column, &weight) in row.as_chunks().0.iter().enumerate() {
                    let weights = &mut blocks[column / BLOCK].0[column % BLOCK];
                    weights[place / 4][place % 4] = <$number>::from_le_bytes(weight);
                }
            }

            fn halves(&mut self) -> &mut [u16] {
                plain!(halves self $($which)?)
            }
        }

        impl Block for $name {
            type Form = Plain;
            const ZERO: Self = Self([[[$zero; 4]; TILES]; BLOCK]);

            fn weight(&self, row: usize, column: usize, unit: f32) -> f32 {
                $widen(self.0[column][row / 4][row % 4], unit)
            }

            #[inline(always)]
            fn add<S: Simd, const M: usize>(
                &self,
                inputs: [&[f32; BLOCK]; M],
                #[allow(unused_variables, reason = "most have no unit")] reading: Reading<S::Floats>,
                sums: &mut [[S::Floats; TILES]; M],
            ) {
                for column in 0..BLOCK {
                    let weights: [_; TILES] =
                        std::array::from_fn(|t| S::$load(&self.0[column][t] $(, reading.$unit)?));
                    for m in 0..M {
                        let activation = S::splat(inputs[m][column]);
                        for t in 0..TILES {
                            sums[m][t] = S::add(sums[m][t], S::mul(weights[t], activation));
                        }
                    }
                }
            }
        }
    };
    (halves $self:ident) => { &mut [] };
    (halves $self:ident all) => { $self.0.as_flattened_mut().as_flattened_mut() };
}

plain!(FloatBlock, f32, "Weights in single precision.", 0.0, (floats), |weight, _| weight);
plain!(HalfBlock, u16, "Weights in half precision.", 0, (widen_halves, reading.unit), f16::widen, all);
plain!(BFloatBlock, u16, "Weights in bfloat16.", 0, (widen_bfloats), |half: u16, _| f32::from_bits(
    u32::from(half) << 16
));
