//! Numbers in half precision, none of them subnormal: Intel processors take tens of times as long to multiply
//! those.
//!
//! Scales of a few thousandths, divided by what six bits can count, are that small. So all numbers of a matrix are multiplied
//! by a power of two as they lie, and by its inverse as they are widened, both of which are exact.

use crate::kernels::f16;

/// Where the numbers of a matrix lie, as far as they are known.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Span {
    /// The bits of the largest magnitude.
    largest: u16,
    has_subnormal: bool,
}

impl Span {
    /// Takes further numbers in.
    pub(super) fn add(&mut self, halves: &[u16]) {
        for half in halves {
            let magnitude = half & f16::MAGNITUDE;
            self.largest = self.largest.max(magnitude);
            self.has_subnormal |= magnitude != 0 && magnitude < f16::LEAST_NORMAL;
        }
    }

    /// By which power of two they are to be multiplied: none where no number is subnormal, or where there is no room above them.
    pub(super) fn exponent(self) -> u16 {
        if self.has_subnormal { f16::room_above(self.largest) } else { 0 }
    }
}
