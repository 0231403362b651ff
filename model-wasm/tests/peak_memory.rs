//! What a load takes at its peak: the packed weights, and little beside them.
#![allow(unsafe_code, reason = "an allocator is unsafe by its nature")]

mod support;

use std::{
    alloc::{GlobalAlloc, Layout as Memory, System},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

use model_wasm::{model::Layout, session::Loader};
use support::{Gguf, Quantisation, Tensor, Value, WIDTH, tiny};

/// The system's allocator, counting.
struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is passed on as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, memory: Memory) -> *mut u8 {
        PEAK.fetch_max(NOW.fetch_add(memory.size(), Relaxed) + memory.size(), Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(memory) }
    }

    unsafe fn dealloc(&self, start: *mut u8, memory: Memory) {
        NOW.fetch_sub(memory.size(), Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(start, memory) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const FEED_FORWARD: usize = 4_096;
const N_LAYERS: usize = 16;
/// Bytes that come at a time.
const PART: usize = 1 << 20;

/// The tiny model with more layers and wider ones: some twelve million weights.
fn large(quantisation: Quantisation) -> Gguf {
    let mut file = tiny(quantisation);
    file.set("llama.block_count", Value::U32(N_LAYERS as u32));
    file.set("llama.feed_forward_length", Value::U32(FEED_FORWARD as u32));
    let (of_first, others): (Vec<Tensor>, Vec<Tensor>) = file
        .tensors
        .into_iter()
        .filter(|tensor| !tensor.name.starts_with("blk.1."))
        .partition(|tensor| tensor.name.starts_with("blk.0."));
    file.tensors = others;
    for layer in 0..N_LAYERS {
        for tensor in &of_first {
            let mut tensor = tensor.clone();
            tensor.name = tensor.name.replacen("blk.0.", &format!("blk.{layer}."), 1);
            for side in &mut tensor.shape {
                if *side == support::FEED_FORWARD as u64 {
                    *side = FEED_FORWARD as u64;
                    let length = tensor.bytes.len() / support::FEED_FORWARD * FEED_FORWARD;
                    tensor.bytes = tensor.bytes.iter().copied().cycle().take(length).collect();
                }
            }
            file.tensors.push(tensor);
        }
    }
    file
}

#[test]
fn weights_are_in_memory_once_while_they_are_loaded() {
    for (name, quantisation) in [
        ("F32", Quantisation::F32),
        ("F16", Quantisation::F16),
        ("Q8_0", Quantisation::Q8_0),
        ("Q4_0", Quantisation::Q4_0),
    ] {
        let file = large(quantisation).bytes();
        let before = NOW.load(Relaxed);
        PEAK.store(before, Relaxed);
        let mut loader = Loader::new(1, Layout::Packed, usize::MAX);
        loader.begin_file(file.len() as u64);
        for part in file.chunks(PART) {
            loader.push(part).expect("a sound file");
        }
        loader.end_file().expect("that was all");
        let base = loader.finish().expect("a sound model");
        let peak = PEAK.load(Relaxed) - before;
        let weights = base.model.info().memory_bytes as usize;
        // The largest matrix before it is packed, and what a tokenizer and a header take.
        let largest = 4 * WIDTH * FEED_FORWARD;
        assert!(
            peak >= weights,
            "{name}: {peak} bytes at the peak, {weights} of weights: nothing was counted"
        );
        assert!(
            peak <= weights + largest + (1 << 20),
            "{name}: {peak} bytes at the peak for {weights} bytes of weights"
        );
        assert!(peak <= file.len() * 5 / 4 + (64 << 20), "{name}: {peak} bytes for a file of {}", file.len());
    }
}
