//! Which implementation of the kernels this machine runs best.

use protocol::EngineKind;

use crate::kernels::simd::{self, Simd};

/// An implementation of the kernels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Processor {
    /// Plain Rust: for processors that have no kernels of their own, and as what the others are compared with.
    /// WebAssembly has SIMD.
    #[cfg(not(target_arch = "wasm32"))]
    Portable,
    /// WebAssembly's SIMD, or what every x86-64 has.
    Simd,
    /// WebAssembly's relaxed SIMD, or x86-64 with dot products of bytes.
    Relaxed,
}

impl Processor {
    /// All that this machine can run, the best first.
    pub fn all() -> Vec<Self> {
        let rest = [
            #[cfg(not(target_arch = "wasm32"))]
            Self::Portable,
        ];
        Self::with_vectors().into_iter().chain(rest).collect()
    }

    /// Those that use this machine's vectors, the best first.
    pub(super) fn with_vectors() -> Vec<Self> {
        #[cfg(all(target_arch = "wasm32", feature = "relaxed-simd"))]
        let relaxed = simd::host() != simd::Host::Other;
        #[cfg(all(target_arch = "wasm32", not(feature = "relaxed-simd")))]
        let relaxed = false;
        #[cfg(target_arch = "x86_64")]
        let relaxed = simd::AvxVnni::is_there() || simd::Avx512Vnni::is_there();
        #[cfg(not(any(target_arch = "wasm32", target_arch = "x86_64")))]
        let relaxed = false;
        let simd = cfg!(any(target_arch = "wasm32", target_arch = "x86_64"));
        let all = [(Self::Relaxed, relaxed), (Self::Simd, simd)];
        all.into_iter().filter_map(|(processor, there)| there.then_some(processor)).collect()
    }

    /// The fastest that this machine can run.
    pub fn best() -> Self {
        Self::all()[0]
    }

    /// What it is called on receipts.
    pub fn kind(self) -> EngineKind {
        if self == Self::Relaxed { EngineKind::CpuRelaxed } else { EngineKind::CpuSimd }
    }

    /// Computes something with this implementation.
    pub(super) fn run_on<K: OnSimd>(self, work: K) -> K::Output {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Simd => on::<simd::Sse2, K>(work),
            #[cfg(target_arch = "x86_64")]
            Self::Relaxed if simd::AvxVnni::is_there() => on::<simd::AvxVnni, K>(work),
            #[cfg(target_arch = "x86_64")]
            Self::Relaxed => on::<simd::Avx512Vnni, K>(work),
            #[cfg(all(target_arch = "wasm32", feature = "relaxed-simd"))]
            Self::Relaxed => match simd::host() {
                simd::Host::Unsigned => on::<simd::RelaxedUnsigned, K>(work),
                simd::Host::Signed => on::<simd::RelaxedSigned, K>(work),
                simd::Host::Saturating => on::<simd::RelaxedSaturating, K>(work),
                simd::Host::Other => on::<simd::Simd128, K>(work),
            },
            #[cfg(target_arch = "wasm32")]
            #[allow(unreachable_patterns, reason = "one of them may have been above")]
            Self::Simd | Self::Relaxed => on::<simd::Simd128, K>(work),
            #[cfg(not(target_arch = "wasm32"))]
            _ => on::<simd::Portable, K>(work),
        }
    }
}

/// A function for each implementation: a browser optimises functions as a whole, and runs one implementation of all.
#[inline(never)]
fn on<S: Simd, K: OnSimd>(work: K) -> K::Output {
    work.run::<S>()
}

/// Work that calls kernels, for which an implementation is chosen once.
pub(super) trait OnSimd {
    /// What it returns.
    type Output;
    /// Does it.
    fn run<S: Simd>(self) -> Self::Output;
}
