//! The gated feed-forward's activation (Shazeer, 2020).

/// `gate = silu(gate) * up`, with `silu(x) = x / (1 + exp(-x))`.
pub fn swiglu(gate: &mut [f32], up: &[f32]) {
    for (gate, up) in gate.iter_mut().zip(up) {
        *gate = *gate / (1.0 + libm::expf(-*gate)) * up;
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
    fn large_gates_do_not_become_nan() {
        let mut gate = [-1e30, 1e30];
        swiglu(&mut gate, &[1.0, 1.0]);
        assert_eq!(gate.map(f32::to_bits), [-0.0_f32, 1e30].map(f32::to_bits));
    }
}
