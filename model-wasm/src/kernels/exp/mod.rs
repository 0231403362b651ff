//! The exponential function, four at a time and the same bits everywhere.

use std::hint::black_box;

use super::simd::Simd;

/// The exponential function and what is made of it, with its constants at hand.
///
/// To be made once for many numbers: what a compiler knows to be constant, a browser makes anew at each use, which takes
/// three instructions where reading it takes one.
#[derive(Clone, Copy)]
pub struct Exp<S: Simd> {
    smallest: S::Floats,
    largest: S::Floats,
    log2_e: S::Floats,
    shift: S::Floats,
    ln_2_high: S::Floats,
    ln_2_low: S::Floats,
    /// From the seventh power down to the first.
    coefficients: [S::Floats; 7],
    one: S::Floats,
}

impl<S: Simd> Exp<S> {
    /// See the type.
    #[inline(always)]
    pub fn at_hand() -> Self {
        let constant = |value: f32| S::splat(black_box(value));
        Self {
            smallest: constant(-87.3),
            largest: constant(88.0),
            log2_e: constant(std::f32::consts::LOG2_E),
            // Adding 1.5 * 2^23 leaves no bits for a fraction: the low bits of the sum are the integer.
            shift: constant(12_582_912.0),
            // ln 2 in two parts, the first with so few bits that its product with n is exact.
            ln_2_high: constant(0.693_359_4),
            ln_2_low: constant(-2.121_944_4e-4),
            coefficients: [1.0 / 5040.0, 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0]
                .map(constant),
            one: constant(1.0),
        }
    }

    /// `e^x` within two units in the last place, for any `x`: as for -87.3 below that, as for 88 above.
    ///
    /// `x = n ln 2 + r` with `|r| <= ln 2 / 2`; `e^r` is its Taylor series of degree 7, whose remainder there is
    /// below `6e-9`; `2^n` is an exponent put into its place.
    #[inline(always)]
    pub fn of(&self, x: S::Floats) -> S::Floats {
        let clamped = S::min(S::max(x, self.smallest), self.largest);
        let shifted = S::add(S::mul(clamped, self.log2_e), self.shift);
        let n = S::sub(shifted, self.shift);
        let r = S::sub(clamped, S::mul(n, self.ln_2_high));
        let r = S::sub(r, S::mul(n, self.ln_2_low));
        let [mut sum, rest @ ..] = self.coefficients;
        for coefficient in rest {
            sum = S::add(S::mul(sum, r), coefficient);
        }
        sum = S::add(S::mul(sum, r), self.one);
        let power = S::from_bits(S::add_ints(S::to_exponent(S::to_bits(shifted)), S::to_bits(self.one)));
        S::mul(sum, power)
    }

    /// `x / (1 + e^-x)`
    #[inline(always)]
    pub fn silu(&self, x: S::Floats) -> S::Floats {
        S::div(x, S::add(self.one, self.of(S::sub(S::splat(0.0), x))))
    }

    /// `x (1 + tanh(u)) / 2` with `u = sqrt(2 / pi) (x + 0.044715 x^3)`, which is `x / (1 + e^(-2 u))`
    #[inline(always)]
    pub fn gelu(&self, x: S::Floats) -> S::Floats {
        // 2 sqrt(2 / pi), and that times 0.044715
        const LINEAR: f32 = 1.595_769_2;
        const CUBIC: f32 = 0.071_354_82;
        let factor = S::add(S::splat(LINEAR), S::mul(S::mul(x, x), S::splat(CUBIC)));
        S::div(x, S::add(self.one, self.of(S::sub(S::splat(0.0), S::mul(x, factor)))))
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "these are exact")]
mod tests {
    use super::*;
    use crate::kernels::simd::Portable;

    fn exp() -> Exp<Portable> {
        Exp::at_hand()
    }

    #[test]
    fn is_within_two_units_in_the_last_place() {
        for step in -8_700..=8_800 {
            let x = step as f32 * 0.01;
            let got = exp().of([x; 4])[0];
            let expected = f64::from(x).exp();
            let unit = f64::from(f32::EPSILON) * expected;
            assert!((f64::from(got) - expected).abs() <= 2.0 * unit, "exp({x}) = {got}");
        }
        assert_eq!(exp().of([0.0; 4]), [1.0; 4]);
    }

    #[test]
    fn gelu_agrees_with_the_reference() {
        for step in -1_000..=1_000 {
            let x = step as f32 * 0.01;
            let mut expected = [x];
            crate::kernels::swiglu::geglu(&mut expected, &[1.0]);
            let got = exp().gelu([x; 4])[0];
            assert!((got - expected[0]).abs() <= 2e-6, "gelu({x}) = {got}, not {}", expected[0]);
        }
    }

    #[test]
    fn stays_finite_at_the_ends() {
        let [low, high, ..] = exp().of([-1e30, 1e30, 0.0, 0.0]);
        assert!((0.0..2e-38).contains(&low), "{low}");
        assert!(high.is_finite(), "{high}");
        let [negative, positive, ..] = exp().silu([-1e4, 1e4, 0.0, 0.0]);
        assert!(negative.abs() < 1e-30, "{negative}");
        assert_eq!(positive, 1e4);
    }
}
