//! Small computations, element by element, that all engines share.

/// `x += y`
pub(super) fn add(x: &mut [f32], y: &[f32]) {
    for (x, y) in x.iter_mut().zip(y) {
        *x += y;
    }
}

/// Adds a bias, `(outputs,)`, to each row of `x`, `(M, outputs)`.
pub(super) fn add_bias(x: &mut [f32], bias: Option<&[f32]>) {
    if let Some(bias) = bias {
        x.chunks_exact_mut(bias.len()).for_each(|row| add(row, bias));
    }
}

/// `x *= factor`
pub(super) fn scale(x: &mut [f32], factor: f32) {
    for x in x {
        *x *= factor;
    }
}

/// `x = cap tanh(x / cap)`
pub(super) fn cap(x: &mut [f32], cap: Option<f32>) {
    if let Some(cap) = cap {
        for x in x {
            *x = cap * libm::tanhf(*x / cap);
        }
    }
}
