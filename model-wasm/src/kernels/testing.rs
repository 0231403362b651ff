//! What kernel tests share.

use crate::sampling::dice;

/// `n` numbers between -1 and 1, the same for the same seed on every machine.
pub(crate) fn noise(seed: u64, n: usize) -> Vec<f32> {
    (0..n as u64).map(|step| (dice(seed, step) * 2.0 - 1.0) as f32).collect()
}

/// Fails where two vectors differ by more than `tolerance` anywhere.
pub(crate) fn assert_close(got: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(got.len(), expected.len());
    for (index, (got, expected)) in got.iter().zip(expected).enumerate() {
        assert!((got - expected).abs() <= tolerance, "at {index}: {got} is not {expected}");
    }
}

/// Does `$do` with each of the x86-64 processors that this machine is.
macro_rules! on_x86 {
    ($processor:ident => $do:expr) => {
        #[cfg(target_arch = "x86_64")]
        {
            use crate::kernels::simd::{Avx512Vnni, AvxVnni, Sse2};
            {
                type $processor = Sse2;
                $do;
            }
            if AvxVnni::is_there() {
                type $processor = AvxVnni;
                $do;
            }
            if Avx512Vnni::is_there() {
                type $processor = Avx512Vnni;
                $do;
            }
        }
    };
}
pub(crate) use on_x86;
