//! Which implementation of the kernels this machine runs best.

use protocol::EngineKind;

use crate::kernels::simd::{self, Simd};

/// An implementation of the kernels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Processor {
    /// Plain Rust.
    Portable,
    /// WebAssembly's SIMD, or what every x86-64 has.
    Simd,
    /// WebAssembly's relaxed SIMD, or x86-64 with dot products of bytes.
    Relaxed,
}

impl Processor {
    /// All that this machine can run, the best first.
    pub fn all() -> Vec<Self> {
        #[cfg(all(target_arch = "wasm32", feature = "relaxed-simd"))]
        let relaxed = simd::host() != simd::Host::Other;
        #[cfg(all(target_arch = "wasm32", not(feature = "relaxed-simd")))]
        let relaxed = false;
        #[cfg(target_arch = "x86_64")]
        let relaxed = simd::AvxVnni::is_there() || simd::Avx512Vnni::is_there();
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

    /// Computes something with this implementation.
    pub(super) fn run_on<K: OnSimd>(self, work: K) -> K::Output {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Simd => work.run::<simd::Sse2>(),
            #[cfg(target_arch = "x86_64")]
            Self::Relaxed if simd::AvxVnni::is_there() => work.run::<simd::AvxVnni>(),
            #[cfg(target_arch = "x86_64")]
            Self::Relaxed => work.run::<simd::Avx512Vnni>(),
            #[cfg(target_arch = "wasm32")]
            Self::Simd => work.run::<simd::Simd128>(),
            #[cfg(all(target_arch = "wasm32", feature = "relaxed-simd"))]
            Self::Relaxed => match simd::host() {
                simd::Host::Unsigned => work.run::<simd::RelaxedUnsigned>(),
                simd::Host::Signed => work.run::<simd::RelaxedSigned>(),
                simd::Host::Saturating => work.run::<simd::RelaxedSaturating>(),
                simd::Host::Other => work.run::<simd::Simd128>(),
            },
            #[allow(unreachable_patterns, reason = "which patterns are left depends on the target")]
            _ => work.run::<simd::Portable>(),
        }
    }
}

/// Work that calls kernels, for which an implementation is chosen once.
pub(super) trait OnSimd {
    /// What it returns.
    type Output;
    /// Does it.
    fn run<S: Simd>(self) -> Self::Output;
}
