//! Scales and minimums as a file has them: numbers in half precision, times small integers.

use crate::kernels::{
    packed::blocks::TILES,
    simd::Simd,
    unpack::{Group, Multiples},
};

/// What the scales and minimums of a block are made of.
pub trait Factors: Clone + Send + Sync + 'static {
    /// Scales of a row: one for 32 columns, or one for the first sixteen and one for the last.
    const GROUPS: usize;
    /// What has been added to every integer, where there are no minimums.
    const OFFSET: Option<i16>;
    /// Of weights of zero.
    const EMPTY: Self;
    /// Puts those of a row.
    fn set(&mut self, tile: usize, lane: usize, group: &Group);
    /// The numbers in half precision.
    fn halves(&mut self) -> &mut [u16];
    /// The scales of a tile, by group, and then its minimums, or zeros; `unit` is that of the halves.
    fn tile<S: Simd>(&self, tile: usize, unit: S::Floats) -> [[S::Floats; 2]; 2];
}

/// Numbers in half precision, by tile and row.
type Halves = [[u16; 4]; TILES];
/// Factors of them.
type Bytes = [[i8; 4]; TILES];

/// Integers to which `OFFSET` has been added, and one scale for 32 of them.
#[derive(Clone)]
pub struct Centred<const OFFSET: i16>(Halves);

impl<const OFFSET: i16> Factors for Centred<OFFSET> {
    const GROUPS: usize = 1;
    const OFFSET: Option<i16> = Some(OFFSET);
    const EMPTY: Self = Self([[0; 4]; TILES]);

    fn set(&mut self, tile: usize, lane: usize, group: &Group) {
        debug_assert_eq!((group.scales.factors, group.minimums.factors), ([1; 2], [OFFSET; 2]));
        self.0[tile][lane] = group.scales.half;
    }

    fn halves(&mut self) -> &mut [u16] {
        self.0.as_flattened_mut()
    }

    #[inline(always)]
    fn tile<S: Simd>(&self, tile: usize, unit: S::Floats) -> [[S::Floats; 2]; 2] {
        [[S::widen_halves(&self.0[tile], unit); 2], [S::splat(0.0); 2]]
    }
}

/// Integers to which `OFFSET` has been added, and a scale for sixteen of them.
#[derive(Clone)]
pub struct CentredPairs<const OFFSET: i16> {
    numbers: Halves,
    factors: [Bytes; 2],
}

impl<const OFFSET: i16> Factors for CentredPairs<OFFSET> {
    const GROUPS: usize = 2;
    const OFFSET: Option<i16> = Some(OFFSET);
    const EMPTY: Self = Self { numbers: [[0; 4]; TILES], factors: [[[0; 4]; TILES]; 2] };

    fn set(&mut self, tile: usize, lane: usize, group: &Group) {
        self.numbers[tile][lane] = group.scales.half;
        for (half, factor) in group.scales.factors.into_iter().enumerate() {
            debug_assert_eq!(group.minimums.factors[half], OFFSET * factor);
            self.factors[half][tile][lane] = factor as i8;
        }
    }

    fn halves(&mut self) -> &mut [u16] {
        self.numbers.as_flattened_mut()
    }

    #[inline(always)]
    fn tile<S: Simd>(&self, tile: usize, unit: S::Floats) -> [[S::Floats; 2]; 2] {
        let numbers = S::widen_halves(&self.numbers[tile], unit);
        let scales = [0, 1].map(|half| S::mul(numbers, S::widen_bytes(&self.factors[half][tile])));
        [scales, [S::splat(0.0); 2]]
    }
}

/// A scale and a minimum for 32 integers, with factors of six bits.
#[derive(Clone)]
pub struct WithMinimums {
    numbers: [Halves; 2],
    factors: [Bytes; 2],
}

impl Factors for WithMinimums {
    const GROUPS: usize = 1;
    const OFFSET: Option<i16> = None;
    const EMPTY: Self = Self { numbers: [[[0; 4]; TILES]; 2], factors: [[[0; 4]; TILES]; 2] };

    fn set(&mut self, tile: usize, lane: usize, group: &Group) {
        for (which, Multiples { half, factors }) in [group.scales, group.minimums].into_iter().enumerate() {
            debug_assert_eq!(factors[0], factors[1]);
            self.numbers[which][tile][lane] = half;
            self.factors[which][tile][lane] = factors[0] as i8;
        }
    }

    fn halves(&mut self) -> &mut [u16] {
        self.numbers.as_flattened_mut().as_flattened_mut()
    }

    #[inline(always)]
    fn tile<S: Simd>(&self, tile: usize, unit: S::Floats) -> [[S::Floats; 2]; 2] {
        [0, 1].map(|which| {
            let numbers = S::widen_halves(&self.numbers[which][tile], unit);
            [S::mul(numbers, S::widen_bytes(&self.factors[which][tile])); 2]
        })
    }
}

/// A scale and a minimum for sixteen integers, with factors of four bits.
#[derive(Clone)]
pub struct WithPairsOfMinimums {
    numbers: [Halves; 2],
    /// Of the first sixteen columns and of the last: scales low and minimums high.
    factors: [[[u8; 4]; TILES]; 2],
}

impl Factors for WithPairsOfMinimums {
    const GROUPS: usize = 2;
    const OFFSET: Option<i16> = None;
    const EMPTY: Self = Self { numbers: [[[0; 4]; TILES]; 2], factors: [[[0; 4]; TILES]; 2] };

    fn set(&mut self, tile: usize, lane: usize, group: &Group) {
        for (which, Multiples { half, factors }) in [group.scales, group.minimums].into_iter().enumerate() {
            self.numbers[which][tile][lane] = half;
            for (half, factor) in factors.into_iter().enumerate() {
                self.factors[half][tile][lane] |= (factor as u8) << (4 * which);
            }
        }
    }

    fn halves(&mut self) -> &mut [u16] {
        self.numbers.as_flattened_mut().as_flattened_mut()
    }

    #[inline(always)]
    fn tile<S: Simd>(&self, tile: usize, unit: S::Floats) -> [[S::Floats; 2]; 2] {
        [0, 1].map(|which| {
            let numbers = S::widen_halves(&self.numbers[which][tile], unit);
            [0, 1].map(|half| {
                let factors = self.factors[half][tile].map(|both| ((both >> (4 * which)) & 15).cast_signed());
                S::mul(numbers, S::widen_bytes(&factors))
            })
        })
    }
}
