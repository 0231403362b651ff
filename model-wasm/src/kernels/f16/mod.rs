//! Half precision to single precision.

/// Exact for every finite number; infinities and NaNs stay what they are.
#[inline]
pub fn to_f32(half: u16) -> f32 {
    let sign = u32::from(half & 0x8000) << 16;
    let magnitude = u32::from(half & 0x7fff);
    // With the exponent's bits in place it is off by the difference of the two biases, which
    // one exact multiplication by a power of two repairs, for subnormal numbers too.
    let bias = f32::from_bits((254 - 15) << 23);
    let finite = (f32::from_bits(magnitude << 13) * bias).to_bits();
    let unsigned = if magnitude < 0x7c00 { finite } else { 0x7f80_0000 | (magnitude << 13) };
    f32::from_bits(sign | unsigned)
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
