//! What a load takes at its peak: the packed weights, and little beside them.
#![allow(unsafe_code, reason = "an allocator is unsafe by its nature")]

mod support;

use std::{
    alloc::{GlobalAlloc, Layout as Memory, System},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use model_wasm::{
    gguf::Header,
    model::Layout,
    session::{Base, Loader},
    tokenizer::Tokenizer,
};
use support::{Gguf, Quantisation, Tensor, Value, tiny};

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

/// Bytes that come at a time.
const PART: usize = 1 << 20;

/// Everything is counted in one place.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// What `act` gives, and the most bytes that it had beside what there was before.
fn peak_of<T>(act: impl FnOnce() -> T) -> (T, usize) {
    let before = NOW.load(Relaxed);
    PEAK.store(before, Relaxed);
    let result = act();
    (result, PEAK.load(Relaxed) - before)
}

/// Makes a tensor as large as `shape` says, out of the bytes that it has.
fn stretch(tensor: &mut Tensor, shape: Vec<u64>) {
    let weights = |shape: &[u64]| shape.iter().product::<u64>() as usize;
    let length = tensor.bytes.len() * weights(&shape) / weights(&tensor.shape);
    tensor.bytes = tensor.bytes.iter().copied().cycle().take(length).collect();
    tensor.shape = shape;
}

/// The tiny model with more layers and wider ones: some twelve million weights.
fn large(quantisation: Quantisation) -> Gguf {
    const FEED_FORWARD: u64 = 4_096;
    const N_LAYERS: usize = 16;
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
            let side = |side: &u64| if *side == support::FEED_FORWARD as u64 { FEED_FORWARD } else { *side };
            let shape = tensor.shape.iter().map(side).collect();
            stretch(&mut tensor, shape);
            file.tensors.push(tensor);
        }
    }
    file
}

/// The tiny model with a wide embedding of many tokens, which is most of the file, as in small models with large
/// vocabularies.
fn with_a_large_embedding(quantisation: Quantisation) -> Gguf {
    const WIDTH: u64 = 2_048;
    const MORE_TOKENS: usize = 4_096;
    let mut file = tiny(quantisation);
    file.set("llama.embedding_length", Value::U32(WIDTH as u32));
    file.set("llama.attention.key_length", Value::U32(support::HEAD_WIDTH as u32));
    let mut tokens = support::tokens();
    tokens.extend((0..MORE_TOKENS).map(|number| format!("token {number}")));
    let types = (0..tokens.len()).map(|id| if id < 3 { 3 } else { 1 }).collect();
    let vocabulary = tokens.len() as u64;
    file.set("tokenizer.ggml.tokens", Value::Texts(tokens));
    file.set("tokenizer.ggml.token_type", Value::I32s(types));
    for tensor in &mut file.tensors {
        let mut shape = tensor.shape.clone();
        // Row length first: these have rows as long as the heads together, or as the feed-forward is wide.
        let ends_in_width = tensor.name.contains("attn_output") || tensor.name.contains("ffn_down");
        shape[usize::from(ends_in_width)] = WIDTH;
        if tensor.name.starts_with("token_embd") {
            shape[1] = vocabulary;
        }
        stretch(tensor, shape);
    }
    file
}

fn check(name: &str, file: &Gguf) {
    let file = file.bytes();
    let (_, tokenizer) = peak_of(|| {
        let header = Header::parse(&file).expect("a sound file");
        Tokenizer::new(&header.metadata).expect("a known tokenizer")
    });
    let (base, peak) = peak_of(|| {
        let mut loader = Loader::new(1, Layout::Packed, usize::MAX);
        loader.begin_file(Some(file.len() as u64));
        for part in file.chunks(PART) {
            loader.push(part).expect("a sound file");
        }
        loader.end_file().expect("that was all");
        loader.finish().expect("a sound model")
    });
    let weights = base.model.info().memory_bytes as usize;
    assert!(peak >= weights, "{name}: {peak} bytes at the peak, {weights} of weights: nothing was counted");
    // The weights, the tokenizer, and the part in which the header was found.
    let most = weights + tokenizer + 2 * PART;
    assert!(peak <= most, "{name}: {peak} bytes at the peak for {weights} bytes of weights");
    let most = file.len() * 5 / 4 + tokenizer;
    assert!(peak <= most, "{name}: {peak} bytes for a file of {}, and {tokenizer} of tokenizer", file.len());
}

/// The tiny model with as many pieces as Gemma has, each of which is put together in every way: all words of one to four
/// letters of an alphabet.
fn with_a_large_vocabulary() -> Gguf {
    const ALPHABET: usize = 22;
    const LONGEST: u32 = 4;
    let mut file = tiny(Quantisation::Q8_0);
    let word = |length: u32, number: usize| -> String {
        (0..length).map(|at| (b'a' + (number / ALPHABET.pow(at) % ALPHABET) as u8) as char).collect()
    };
    let mut tokens = support::tokens()[..3].to_vec();
    for length in 1..=LONGEST {
        tokens.extend((0..ALPHABET.pow(length)).map(|number| word(length, number)));
    }
    tokens.extend((tokens.len()..262_144).map(|number| format!("<unused{number}>")));
    let vocabulary = tokens.len();
    file.set("tokenizer.ggml.model", Value::Text("llama".into()));
    file.set("tokenizer.ggml.scores", Value::F32s((0..vocabulary).map(|id| -(id as f32)).collect()));
    file.set(
        "tokenizer.ggml.token_type",
        Value::I32s((0..vocabulary).map(|id| if id < 3 { 3 } else { 1 }).collect()),
    );
    file.set("tokenizer.ggml.tokens", Value::Texts(tokens));
    file.remove("tokenizer.ggml.merges");
    let embedding = file.tensors.iter_mut().find(|tensor| tensor.name == "token_embd.weight");
    let embedding = embedding.expect("there is an embedding");
    let shape = vec![embedding.shape[0], vocabulary as u64];
    stretch(embedding, shape);
    file
}

/// What a load may take at its peak, whatever its vocabulary is.
fn most_bytes(file: usize) -> usize {
    file * 5 / 4 + (64 << 20)
}

const ALL: [Quantisation; 4] = [Quantisation::F32, Quantisation::F16, Quantisation::Q8_0, Quantisation::Q4_0];

#[test]
fn weights_are_in_memory_once_while_they_are_loaded() {
    let _alone = ONE_AT_A_TIME.lock();
    for quantisation in ALL {
        check(&format!("{quantisation:?}"), &large(quantisation));
    }
}

#[test]
fn even_a_tensor_that_is_most_of_the_file_is_in_memory_once() {
    let _alone = ONE_AT_A_TIME.lock();
    for quantisation in ALL {
        let mut file = with_a_large_embedding(quantisation);
        let bytes: usize = file.tensors.iter().map(|tensor| tensor.bytes.len()).sum();
        assert!(file.tensor("token_embd.weight").bytes.len() > bytes * 7 / 10);
        check(&format!("{quantisation:?}"), &file);
    }
}

#[test]
fn a_large_vocabulary_takes_no_more_than_its_share() {
    let _alone = ONE_AT_A_TIME.lock();
    let file = with_a_large_vocabulary().bytes();
    let (base, peak) = peak_of(|| Base::load_as(&file, Layout::Packed).expect("a sound model"));
    assert_eq!(base.tokenizer.vocabulary(), 262_144);
    let most = most_bytes(file.len());
    assert!(
        peak <= most,
        "{peak} bytes at the peak for a file of {}, of which {most} are allowed",
        file.len()
    );
}

#[test]
fn a_model_that_is_gone_leaves_nothing_behind() {
    let _alone = ONE_AT_A_TIME.lock();
    let file = tiny(Quantisation::Q8_0).bytes();
    let load_and_use = || {
        let base = Base::load_as(&file, Layout::Packed).expect("a sound model");
        base.tokenizer
            .encode("Where is order A-4821? It should have come on Monday.")
            .expect("any text can be cut")
    };
    // What all models share, such as compiled expressions, stays from the first on.
    load_and_use();
    let before = NOW.load(Relaxed);
    for _ in 0..3 {
        load_and_use();
    }
    assert_eq!(NOW.load(Relaxed), before);
}
