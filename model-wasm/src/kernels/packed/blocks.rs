//! Blocks of sixteen rows and 32 columns, and their products with activations.
//!
//! Rows are in four tiles of four. `steps` are groups of four columns.

use std::hint::black_box;

use super::{BLOCK, FromGroup, FromRow, widen};
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
    pub(super) fn of(self, count: usize) -> usize {
        self.0.min(count)
    }
}

/// Sixteen rows by 32 columns in a form that is multiplied.
pub trait Block: Clone + Send + Sync + 'static {
    /// The form of the activations that this encoding is multiplied with.
    type Form: InForm;
    /// Weights of zero.
    const ZERO: Self;

    /// One weight.
    fn weight(&self, row: usize, column: usize) -> f32;

    /// Adds the block's products with each of `M` inputs to `sums`, by tile.
    fn add<S: Simd, const M: usize>(
        &self,
        inputs: [&InputOf<Self, S>; M],
        steps: Steps,
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
}

impl Block for SignedBlock {
    type Form = Signed;
    const ZERO: Self = Self { scales: [[0; 4]; TILES], integers: [[[OFFSET as u8; 16]; TILES]; STEPS] };

    fn weight(&self, row: usize, column: usize) -> f32 {
        let (tile, lane) = (row / 4, row % 4);
        let integer = i16::from(self.integers[column / 4][tile][4 * lane + column % 4]);
        f16::to_f32(self.scales[tile][lane]) * f32::from(integer - OFFSET)
    }

    #[inline(always)]
    fn add<S: Simd, const M: usize>(
        &self,
        inputs: [&InputOf<Self, S>; M],
        steps: Steps,
        sums: &mut [[S::Floats; TILES]; M],
    ) {
        match S::Signed::AT_ONCE {
            [1, _] if M > 1 => {
                for m in 0..M {
                    self.add::<S, 1>([inputs[m]], steps, std::array::from_mut(&mut sums[m]));
                }
            }
            [_, HALF] if M > 1 => {
                // No loop: compilers leave one of two such long parts as it is, and then the steps within it too.
                self.add_tiles::<S, M, HALF>(0, inputs, steps, sums);
                self.add_tiles::<S, M, HALF>(HALF, inputs, steps, sums);
            }
            _ => self.add_tiles::<S, M, TILES>(0, inputs, steps, sums),
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
        steps: Steps,
        sums: &mut [[S::Floats; TILES]; M],
    ) {
        let mut dots = inputs.map(|input| [S::Signed::start_signed(&input.signed_start); T]);
        for step in 0..steps.of(STEPS) {
            let activations = inputs.map(|input| S::Signed::activations(&input.steps[step]));
            for t in 0..T {
                let weights = S::Signed::load(&self.integers[step][first + t]);
                for m in 0..M {
                    dots[m][t] = S::Signed::add(dots[m][t], weights, activations[m]);
                }
            }
        }
        let scales: [_; T] = std::array::from_fn(|t| S::widen_halves(&self.scales[first + t]));
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

/// Defines a block of plain numbers, by column, tile and row.
macro_rules! plain {
    ($name:ident, $number:ty, $doc:literal, $zero:literal, $load:ident, $widen:expr) => {
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
        }

        impl Block for $name {
            type Form = Plain;
            const ZERO: Self = Self([[[$zero; 4]; TILES]; BLOCK]);

            fn weight(&self, row: usize, column: usize) -> f32 {
                $widen(self.0[column][row / 4][row % 4])
            }

            #[inline(always)]
            fn add<S: Simd, const M: usize>(
                &self,
                inputs: [&[f32; BLOCK]; M],
                _: Steps,
                sums: &mut [[S::Floats; TILES]; M],
            ) {
                for column in 0..BLOCK {
                    let weights: [_; TILES] = std::array::from_fn(|t| S::$load(&self.0[column][t]));
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
}

plain!(FloatBlock, f32, "Weights in single precision.", 0.0, floats, std::convert::identity);
plain!(HalfBlock, u16, "Weights in half precision.", 0, widen_halves, widen);
plain!(BFloatBlock, u16, "Weights in bfloat16.", 0, widen_bfloats, |half: u16| f32::from_bits(
    u32::from(half) << 16
));
