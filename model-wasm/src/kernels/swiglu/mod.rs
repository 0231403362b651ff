//! The gated feed-forward's activations (Shazeer, 2020).

/// `gate = silu(gate) * up`, with `silu(x) = x / (1 + exp(-x))`.
pub fn swiglu(gate: &mut [f32], up: &[f32]) {
    for (gate, up) in gate.iter_mut().zip(up) {
        *gate = *gate / (1.0 + libm::expf(-*gate)) * up;
    }
}

/// `gate = gelu(gate) * up`, with `gelu(x) = x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2`.
pub fn geglu(gate: &mut [f32], up: &[f32]) {
    const ROOT_OF_2_OVER_PI: f32 = 0.797_884_6;
    for (gate, up) in gate.iter_mut().zip(up) {
        let x = *gate;
        *gate = 0.5 * x * (1.0 + libm::tanhf(ROOT_OF_2_OVER_PI * (x + 0.044_715 * x * x * x))) * up;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{assert_close, noise};

    #[test]
    fn agrees_with_the_definition() {
        let gate: Vec<f32> = noise(1, 37).iter().map(|x| x * 20.0).collect();
        let up = noise(2, 37);
        let mut got = gate.clone();
        swiglu(&mut got, &up);
        let silu = |x: f64| x / (1.0 + (-x).exp());
        let expected: Vec<f32> =
            gate.iter().zip(&up).map(|(&g, &u)| (silu(f64::from(g)) * f64::from(u)) as f32).collect();
        assert_close(&got, &expected, 1e-5);
    }

    #[test]
    fn gelu_agrees_with_the_definition() {
        let gate: Vec<f32> = noise(1, 37).iter().map(|x| x * 8.0).collect();
        let up = noise(2, 37);
        let mut got = gate.clone();
        geglu(&mut got, &up);
        let gelu = |x: f64| {
            let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x.powi(3));
            0.5 * x * (1.0 + inner.tanh())
        };
        let expected: Vec<f32> =
            gate.iter().zip(&up).map(|(&g, &u)| (gelu(f64::from(g)) * f64::from(u)) as f32).collect();
        assert_close(&got, &expected, 1e-5);
    }

    #[test]
    fn large_gates_do_not_become_nan() {
        let mut gate = [-1e30, 1e30];
        swiglu(&mut gate, &[1.0, 1.0]);
        assert_eq!(gate.map(f32::to_bits), [-0.0_f32, 1e30].map(f32::to_bits));
    }
}
