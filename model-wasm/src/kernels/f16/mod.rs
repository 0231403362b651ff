//! Half precision to single precision.

/// The bits of a half but for its sign.
pub const MAGNITUDE: u16 = 0x7fff;
/// The bits of the least half that is not subnormal.
pub const LEAST_NORMAL: u16 = 1 << FRACTION_BITS;
const FRACTION_BITS: u16 = 10;
/// The exponent's bits of the largest finite halves.
const MOST_EXPONENT: u16 = 30;

/// Exact for every finite number; infinities and NaNs stay what they are.
#[inline]
pub fn to_f32(half: u16) -> f32 {
    let magnitude = half & MAGNITUDE;
    if magnitude >> FRACTION_BITS <= MOST_EXPONENT {
        return widen(half, unit(0));
    }
    f32::from_bits(u32::from(half & !MAGNITUDE) << 16 | 0x7f80_0000 | u32::from(magnitude) << 13)
}

/// What the bits of halves that were [raised](raise) by `exponent`, moved to where a float has them, are to be multiplied with:
/// they are off by that and by the difference of the two biases. `exponent` is 30 at the most.
pub const fn unit(exponent: u16) -> f32 {
    f32::from_bits((254 - 15 - exponent as u32) << 23)
}

/// A finite half times what belongs to its [`unit`]: exact, subnormal or not.
#[inline(always)]
pub fn widen(half: u16, unit: f32) -> f32 {
    f32::from_bits(u32::from(half & !MAGNITUDE) << 16 | u32::from(half & MAGNITUDE) << 13) * unit
}

/// By which power of two a half of that magnitude and all smaller ones can be [raised](raise).
pub const fn room_above(magnitude: u16) -> u16 {
    MOST_EXPONENT.saturating_sub(magnitude >> FRACTION_BITS)
}

/// `half * 2^exponent`, exactly; there must be room above it.
pub const fn raise(half: u16, exponent: u16) -> u16 {
    let magnitude = half & MAGNITUDE;
    if magnitude == 0 {
        return half;
    }
    // A subnormal number grows by being shifted, until its first bit is where the exponent begins.
    let bits_missing = (magnitude.leading_zeros() as u16).saturating_sub(LEAST_NORMAL.leading_zeros() as u16);
    let shift = if bits_missing < exponent { bits_missing } else { exponent };
    half & !MAGNITUDE | ((magnitude << shift) + ((exponent - shift) << FRACTION_BITS))
}

/// Unpacks little-endian half-precision `bytes` into `values`, of which there are as many.
pub fn unpack(bytes: &[u8], values: &mut [f32]) {
    for (value, &bytes) in values.iter_mut().zip(bytes.as_chunks::<2>().0) {
        *value = to_f32(u16::from_le_bytes(bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_raised_half_is_widened_to_what_it_was() {
        for half in (0..=u16::MAX).filter(|half| half & MAGNITUDE < 0x7c00) {
            for exponent in 0..=room_above(half & MAGNITUDE) {
                let raised = raise(half, exponent);
                assert!(raised & MAGNITUDE < 0x7c00);
                assert_eq!(widen(raised, unit(exponent)).to_bits(), to_f32(half).to_bits(), "{half:#06x}");
            }
        }
    }

    #[test]
    fn agrees_with_the_definition_for_every_half() {
        for half in 0..=u16::MAX {
            let sign = if half & 0x8000 == 0 { 1.0 } else { -1.0 };
            let exponent = i32::from((half >> 10) & 0x1f);
            let fraction = f64::from(half & 0x3ff) / 1024.0;
            let expected = match exponent {
                0 => sign * fraction * 2_f64.powi(-14),
                31 if fraction == 0.0 => sign * f64::INFINITY,
                31 => f64::NAN,
                _ => sign * (1.0 + fraction) * 2_f64.powi(exponent - 15),
            };
            let got = to_f32(half);
            assert!(
                got.to_bits() == (expected as f32).to_bits() || (got.is_nan() && expected.is_nan()),
                "{half:#06x}: {got} is not {expected}"
            );
        }
    }
}
