//! The benchmark's way in: times an engine on a model, without a session.

use std::{
    hint::black_box,
    task::{Context, Poll, Waker},
};

use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::now_ms;
use crate::{
    bench::{Settings, time},
    engine::{AnyEngine, Choice, Engine, Weights},
    session::Base,
    threads::pool,
};

/// An engine with a model.
#[wasm_bindgen]
pub struct Bench(AnyEngine);

/// One number of a benchmark; see [`Settings`].
#[derive(Deserialize)]
struct Wanted {
    lanes: usize,
    prompt_tokens: usize,
    generate_tokens: usize,
}

#[derive(Serialize)]
struct Report {
    prefill_ms: f64,
    decode_ms: f64,
    checksum: f64,
    engine: &'static str,
    threads: u32,
}

/// Bytes of memory that the module has taken so far; it gives none back.
#[wasm_bindgen]
pub fn memory_bytes() -> f64 {
    const PAGE_BYTES: usize = 64 << 10;
    (core::arch::wasm32::memory_size(0) * PAGE_BYTES) as f64
}

/// What the worker does with that engine before a model comes.
#[wasm_bindgen]
pub fn warm_up(engine: &str) {
    Choice::named(engine).unwrap_or_default().warm_up(&now_ms);
}

#[wasm_bindgen]
impl Bench {
    /// Loads a GGUF file for the engine of that name.
    ///
    /// # Errors
    /// When there is no such engine, or the file cannot be run.
    #[wasm_bindgen(constructor)]
    pub fn new(file: &[u8], engine: &str) -> Result<Self, JsValue> {
        let choice = Choice::named(engine).ok_or_else(|| JsValue::from_str("no such engine"))?;
        let base =
            Base::load_as(file, choice.layout()).map_err(|error| JsValue::from_str(&error.to_string()))?;
        let mut engine = choice.engine(base.model);
        engine.tune(&now_ms);
        Ok(Self(engine))
    }

    /// Times `{lanes, prompt_tokens, generate_tokens}`.
    ///
    /// # Errors
    /// When the context is too short.
    pub fn time(&mut self, settings: JsValue) -> Result<JsValue, JsValue> {
        let Wanted { lanes, prompt_tokens, generate_tokens } = serde_wasm_bindgen::from_value(settings)?;
        let weights = Weights::base();
        let settings = Settings { lanes, prompt_tokens, generate_tokens };
        let poll = {
            let timing = std::pin::pin!(time(&mut self.0, &weights, settings, &now_ms));
            timing.poll(&mut Context::from_waker(Waker::noop()))
        };
        // Engines on the CPU are never pending.
        let Poll::Ready(timed) = poll else { return Err(JsValue::from_str("the engine waits")) };
        let timed = timed.map_err(|error| JsValue::from_str(&error.to_string()))?;
        let info = self.0.info();
        let report = Report {
            prefill_ms: timed.prefill_ms,
            decode_ms: timed.decode_ms,
            checksum: timed.checksum,
            engine: info.kind.name(),
            threads: info.threads,
        };
        Ok(serde_wasm_bindgen::to_value(&report)?)
    }

    /// Bytes per second that the engine's threads read from memory together: the sum of 192 MiB, more than
    /// caches hold, the best of ten.
    pub fn read_bandwidth() -> f64 {
        /// Words of one call, a part of all: a browser puts better code in the place of a function only between two calls.
        const PART: usize = 128 << 10;
        let words = vec![1_u64; 192 * PART];
        let seconds = (0..10).map(|_| {
            let started = now_ms();
            pool().split(words.len() / PART, |parts| {
                for part in parts {
                    black_box(sums(&words[part * PART..(part + 1) * PART]));
                }
            });
            (now_ms() - started) / 1000.0
        });
        size_of_val(words.as_slice()) as f64 / seconds.fold(f64::INFINITY, f64::min)
    }
}

/// Several sums, so that memory is what they wait for.
#[inline(never)]
fn sums(words: &[u64]) -> [u64; 16] {
    let mut sums = [0_u64; 16];
    for words in words.as_chunks::<16>().0 {
        for (sum, word) in sums.iter_mut().zip(words) {
            *sum = sum.wrapping_add(*word);
        }
    }
    sums
}
