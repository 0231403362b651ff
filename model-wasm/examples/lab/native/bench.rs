//! `bench`: tokens and bytes per second.

use std::time::Instant;

use model_wasm::{
    bench::{Settings, time},
    engine::Engine,
};
use serde_json::json;

use super::{Outcome, arguments::Arguments, failed, files, now};

pub(crate) fn bench(arguments: &Arguments) -> Outcome {
    let base = files::base(arguments)?;
    let weights = files::weights(arguments, &base.model)?;
    let settings = Settings {
        lanes: arguments.number("lanes", 1)?,
        prompt_tokens: arguments.number("prompt-tokens", 256)?,
        generate_tokens: arguments.number("generate-tokens", 64)?,
    };
    let mut engine = files::engine(arguments, &base)?;
    let started = Instant::now();
    let now_ms = || started.elapsed().as_secs_f64() * 1000.0;
    engine.tune(&now_ms);
    let timed = now(time(&mut engine, &weights, settings, &now_ms)).map_err(failed)?;
    let lanes = settings.lanes as f64;
    let steps_per_second = settings.generate_tokens as f64 / timed.decode_ms * 1000.0;
    let weights_bytes = base.model.info().memory_bytes as f64;
    Ok(json!({
        "prefill_tokens_per_second": lanes * settings.prompt_tokens as f64 / timed.prefill_ms * 1000.0,
        "decode_tokens_per_second": lanes * steps_per_second,
        "decode_steps_per_second": steps_per_second,
        "decode_bytes_per_second": weights_bytes * steps_per_second,
        "lanes": settings.lanes,
        "engine": engine.info(),
        "checksum": timed.checksum,
    }))
}
