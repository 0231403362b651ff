//! What all targets share: a limit for the memory that one input may take.
#![allow(unsafe_code, reason = "an allocator is unsafe by its nature")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

/// What an input may take beside its own length.
const BESIDE_BYTES: usize = 64 << 20;

/// The system's allocator, counting. libFuzzer's own memory is not taken from it.
struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is passed on as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, memory: Layout) -> *mut u8 {
        PEAK.fetch_max(NOW.fetch_add(memory.size(), Relaxed) + memory.size(), Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(memory) }
    }

    unsafe fn dealloc(&self, start: *mut u8, memory: Layout) {
        NOW.fetch_sub(memory.size(), Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(start, memory) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Runs a target on an input.
///
/// # Panics
/// When more memory was taken at once than the input's length and a fixed room beside it.
pub fn bounded(input: &[u8], run: impl FnOnce()) {
    let before = NOW.load(Relaxed);
    PEAK.store(before, Relaxed);
    run();
    let taken = PEAK.load(Relaxed) - before;
    assert!(taken <= input.len() + BESIDE_BYTES, "{taken} bytes were taken for an input of {}", input.len());
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;

    use super::*;

    /// Many small allocations that are alive at once.
    fn takes(pieces: usize) -> impl FnOnce() {
        move || drop(black_box((0..pieces).map(|_| vec![1_u8; 1 << 20]).collect::<Vec<_>>()))
    }

    #[test]
    fn what_is_alive_at_once_counts_and_not_its_largest_piece() {
        bounded(&[], takes(60));
        bounded(&vec![0; 8 << 20], takes(68));
        assert!(std::panic::catch_unwind(|| bounded(&[], takes(68))).is_err());
    }
}
