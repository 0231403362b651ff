//! Integers of two to six bits, in as many bits.

use crate::kernels::{
    packed::blocks::{STEPS, TILES},
    simd::Simd,
};

/// The bits of a block's integers, laid out so that few instructions part them.
pub trait Planes: Clone + Send + Sync + 'static {
    /// The largest integer.
    const MOST: u8;
    /// Zeros.
    const EMPTY: Self;
    /// Puts an integer where there is zero, `at` one of the sixteen of a step.
    fn set(&mut self, tile: usize, step: usize, at: usize, integer: u8);
    /// The integers of a tile, by step, row and column.
    fn tile<S: Simd>(&self, tile: usize) -> [S::Bytes; STEPS];
}

/// Two bits: in each byte those of four steps.
#[derive(Clone)]
pub struct Pairs([[[u8; 16]; 2]; TILES]);

impl Planes for Pairs {
    const MOST: u8 = 3;
    const EMPTY: Self = Self([[[0; 16]; 2]; TILES]);

    #[inline(always)]
    fn set(&mut self, tile: usize, step: usize, at: usize, integer: u8) {
        self.0[tile][step / 4][at] |= integer << (2 * (step % 4));
    }

    #[inline(always)]
    fn tile<S: Simd>(&self, tile: usize) -> [S::Bytes; STEPS] {
        let bytes = self.0[tile].each_ref().map(S::load);
        std::array::from_fn(|step| S::pick(bytes[step / 4], 2 * (step % 4) as i32, 3))
    }
}

/// Three bits: the upper ones of all eight steps in a byte.
#[derive(Clone)]
pub struct Threes {
    low: Pairs,
    high: [[u8; 16]; TILES],
}

impl Planes for Threes {
    const MOST: u8 = 7;
    const EMPTY: Self = Self { low: Pairs::EMPTY, high: [[0; 16]; TILES] };

    #[inline(always)]
    fn set(&mut self, tile: usize, step: usize, at: usize, integer: u8) {
        self.low.set(tile, step, at, integer & 3);
        self.high[tile][at] |= (integer >> 2) << step;
    }

    #[inline(always)]
    fn tile<S: Simd>(&self, tile: usize) -> [S::Bytes; STEPS] {
        let (low, high) = (self.low.tile::<S>(tile), S::load(&self.high[tile]));
        std::array::from_fn(|step| S::or(low[step], S::pick(high, step as i32 - 2, 4)))
    }
}

/// Four bits: in each byte those of two steps.
#[derive(Clone)]
pub struct Nibbles([[[u8; 16]; 4]; TILES]);

impl Planes for Nibbles {
    const MOST: u8 = 15;
    const EMPTY: Self = Self([[[0; 16]; 4]; TILES]);

    #[inline(always)]
    fn set(&mut self, tile: usize, step: usize, at: usize, integer: u8) {
        self.0[tile][step / 2][at] |= integer << (4 * (step % 2));
    }

    #[inline(always)]
    fn tile<S: Simd>(&self, tile: usize) -> [S::Bytes; STEPS] {
        let bytes = self.0[tile].each_ref().map(S::load);
        std::array::from_fn(|step| S::pick(bytes[step / 2], 4 * (step % 2) as i32, 15))
    }
}

/// Five bits: steps 0 to 4 in a byte each, and in the three bits that those leave steps 5, 6 and 7.
#[derive(Clone)]
pub struct Fives([[[u8; 16]; 5]; TILES]);

impl Planes for Fives {
    const MOST: u8 = 31;
    const EMPTY: Self = Self([[[0; 16]; 5]; TILES]);

    #[inline(always)]
    fn set(&mut self, tile: usize, step: usize, at: usize, integer: u8) {
        let bytes = &mut self.0[tile];
        let (low, middle, upper) = (integer & 7, integer >> 3, integer >> 4);
        match step {
            5 | 6 => {
                bytes[2 * (step - 5)][at] |= low << 5;
                bytes[2 * (step - 5) + 1][at] |= middle << 5;
            }
            7 => {
                bytes[4][at] |= low << 5;
                bytes[1][at] |= (middle & 1) << 7;
                bytes[3][at] |= upper << 7;
            }
            _ => bytes[step][at] |= integer,
        }
    }

    #[inline(always)]
    fn tile<S: Simd>(&self, tile: usize) -> [S::Bytes; STEPS] {
        let bytes = self.0[tile].each_ref().map(S::load);
        let low = bytes.map(|bytes| S::pick(bytes, 0, 31));
        let step_5 = S::or(S::pick(bytes[0], 5, 7), S::pick(bytes[1], 2, 24));
        let step_6 = S::or(S::pick(bytes[2], 5, 7), S::pick(bytes[3], 2, 24));
        let upper_7 = S::or(S::pick(bytes[1], 4, 8), S::pick(bytes[3], 3, 16));
        let step_7 = S::or(S::pick(bytes[4], 5, 7), upper_7);
        [low[0], low[1], low[2], low[3], low[4], step_5, step_6, step_7]
    }
}

/// Six bits: of four steps the first three in a byte each, and in the two bits that those leave the fourth.
#[derive(Clone)]
pub struct Sixes([[[[u8; 16]; 3]; 2]; TILES]);

impl Planes for Sixes {
    const MOST: u8 = 63;
    const EMPTY: Self = Self([[[[0; 16]; 3]; 2]; TILES]);

    #[inline(always)]
    fn set(&mut self, tile: usize, step: usize, at: usize, integer: u8) {
        let bytes = &mut self.0[tile][step / 4];
        match step % 4 {
            3 => {
                for (i, bytes) in bytes.iter_mut().enumerate() {
                    bytes[at] |= ((integer >> (2 * i)) & 3) << 6;
                }
            }
            step => bytes[step][at] |= integer,
        }
    }

    #[inline(always)]
    fn tile<S: Simd>(&self, tile: usize) -> [S::Bytes; STEPS] {
        let [first, last] = self.0[tile].each_ref().map(|bytes| {
            let bytes = bytes.each_ref().map(S::load);
            let low = bytes.map(|bytes| S::pick(bytes, 0, 63));
            let lower_3 = S::or(S::pick(bytes[0], 6, 3), S::pick(bytes[1], 4, 12));
            [low[0], low[1], low[2], S::or(lower_3, S::pick(bytes[2], 2, 48))]
        });
        [first[0], first[1], first[2], first[3], last[0], last[1], last[2], last[3]]
    }
}
