//! The exponential function, four at a time and the same bits everywhere.

use super::simd::Simd;

/// `e^x` within two units in the last place, for any `x`: as for -87.3 below that, as for 88 above.
///
/// `x = n ln 2 + r` with `|r| <= ln 2 / 2`; `e^r` is its Taylor series of degree 7, whose remainder there is
/// below `6e-9`; `2^n` is an exponent put into its place.
#[inline(always)]
pub fn exp<S: Simd>(x: S::Floats) -> S::Floats {
    // Adding 1.5 * 2^23 leaves no bits for a fraction: the low bits of the sum are the integer.
    const SHIFT: f32 = 12_582_912.0;
    // ln 2 in two parts, the first with so few bits that its product with n is exact.
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    const SMALLEST: f32 = -87.3;
    let clamped = S::min(S::max(x, S::splat(SMALLEST)), S::splat(88.0));
    let shifted = S::add(S::mul(clamped, S::splat(std::f32::consts::LOG2_E)), S::splat(SHIFT));
    let n = S::sub(shifted, S::splat(SHIFT));
    let r = S::sub(clamped, S::mul(n, S::splat(LN_2_HIGH)));
    let r = S::sub(r, S::mul(n, S::splat(LN_2_LOW)));
    let mut sum = S::splat(1.0 / 5040.0);
    for coefficient in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        sum = S::add(S::mul(sum, r), S::splat(coefficient));
    }
    let power = S::from_bits(S::add_ints(S::to_exponent(S::to_bits(shifted)), S::to_bits(S::splat(1.0))));
    S::mul(sum, power)
}

/// `x / (1 + e^-x)`
#[inline(always)]
pub fn silu<S: Simd>(x: S::Floats) -> S::Floats {
    let e = exp::<S>(S::sub(S::splat(0.0), x));
    S::div(x, S::add(S::splat(1.0), e))
}

/// `x (1 + tanh(u)) / 2` with `u = sqrt(2 / pi) (x + 0.044715 x^3)`, which is `x / (1 + e^(-2 u))`
#[inline(always)]
pub fn gelu<S: Simd>(x: S::Floats) -> S::Floats {
    // 2 sqrt(2 / pi), and that times 0.044715
    const LINEAR: f32 = 1.595_769_2;
    const CUBIC: f32 = 0.071_354_82;
    let square = S::mul(x, x);
    let factor = S::add(S::splat(LINEAR), S::mul(square, S::splat(CUBIC)));
    let e = exp::<S>(S::sub(S::splat(0.0), S::mul(x, factor)));
    S::div(x, S::add(S::splat(1.0), e))
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "these are exact")]
mod tests {
    use super::*;
    use crate::kernels::simd::Portable;

    #[test]
    fn is_within_two_units_in_the_last_place() {
        for step in -8_700..=8_800 {
            let x = step as f32 * 0.01;
            let got = exp::<Portable>([x; 4])[0];
            let expected = f64::from(x).exp();
            let unit = f64::from(f32::EPSILON) * expected;
            assert!((f64::from(got) - expected).abs() <= 2.0 * unit, "exp({x}) = {got}");
        }
        assert_eq!(exp::<Portable>([0.0; 4]), [1.0; 4]);
    }

    #[test]
    fn gelu_agrees_with_the_reference() {
        for step in -1_000..=1_000 {
            let x = step as f32 * 0.01;
            let mut expected = [x];
            crate::kernels::swiglu::geglu(&mut expected, &[1.0]);
            let got = gelu::<Portable>([x; 4])[0];
            assert!((got - expected[0]).abs() <= 2e-6, "gelu({x}) = {got}, not {}", expected[0]);
        }
    }

    #[test]
    fn stays_finite_at_the_ends() {
        let [low, high, ..] = exp::<Portable>([-1e30, 1e30, 0.0, 0.0]);
        assert!((0.0..2e-38).contains(&low), "{low}");
        assert!(high.is_finite(), "{high}");
        let [negative, positive, ..] = silu::<Portable>([-1e4, 1e4, 0.0, 0.0]);
        assert!(negative.abs() < 1e-30, "{negative}");
        assert_eq!(positive, 1e4);
    }
}
