//! Which implementation of the kernels this machine runs best.

use protocol::EngineKind;

use super::{
    Cpu,
    forward::{Run, Wanted},
};
use crate::kernels::simd;

/// An implementation of the kernels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Processor {
    /// Plain Rust.
    Portable,
    /// WebAssembly's SIMD, or what every x86-64 has.
    Simd,
    /// WebAssembly's relaxed SIMD, or x86-64 with AVX-VNNI.
    Relaxed,
}

impl Processor {
    /// All that this machine can run, the best first.
    pub fn all() -> Vec<Self> {
        #[cfg(target_arch = "wasm32")]
        let relaxed = cfg!(target_feature = "relaxed-simd");
        #[cfg(target_arch = "x86_64")]
        let relaxed = simd::AvxVnni::is_there();
        #[cfg(not(any(target_arch = "wasm32", target_arch = "x86_64")))]
        let relaxed = false;
        let simd = cfg!(any(target_arch = "wasm32", target_arch = "x86_64"));
        [(Self::Relaxed, relaxed), (Self::Simd, simd), (Self::Portable, true)]
            .into_iter()
            .filter_map(|(processor, there)| there.then_some(processor))
            .collect()
    }

    /// The fastest that this machine can run.
    pub fn best() -> Self {
        Self::all()[0]
    }

    /// What it is called on receipts.
    pub fn kind(self) -> EngineKind {
        match self {
            Self::Portable | Self::Simd => EngineKind::CpuSimd,
            Self::Relaxed => EngineKind::CpuRelaxed,
        }
    }

    /// Runs a batch on `engine`.
    pub(super) fn forward(self, engine: &mut Cpu, runs: &[Run], wanted: Wanted) -> Vec<Vec<f32>> {
        match self {
            Self::Portable => engine.forward_on::<simd::Portable>(runs, wanted),
            #[cfg(target_arch = "x86_64")]
            Self::Simd => engine.forward_on::<simd::Sse2>(runs, wanted),
            #[cfg(target_arch = "x86_64")]
            Self::Relaxed => engine.forward_on::<simd::AvxVnni>(runs, wanted),
            #[cfg(target_arch = "wasm32")]
            Self::Simd => engine.forward_on::<simd::Simd128>(runs, wanted),
            #[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
            Self::Relaxed => match simd::host() {
                simd::Host::Unsigned => engine.forward_on::<simd::RelaxedUnsigned>(runs, wanted),
                simd::Host::Signed => engine.forward_on::<simd::RelaxedSigned>(runs, wanted),
                simd::Host::Saturating => engine.forward_on::<simd::RelaxedSaturating>(runs, wanted),
            },
            #[allow(unreachable_patterns, reason = "which patterns are left depends on the target")]
            _ => engine.forward_on::<simd::Portable>(runs, wanted),
        }
    }
}
