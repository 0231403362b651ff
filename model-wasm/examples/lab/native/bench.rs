//! `bench`: tokens and bytes per second.

use std::time::Instant;

use model_wasm::engine::{Engine, SequenceId};
use serde_json::json;

use super::{Outcome, arguments::Arguments, failed, files, now};

pub(crate) fn bench(arguments: &Arguments) -> Outcome {
    let base = files::base(arguments)?;
    let weights = files::weights(arguments, &base.model)?;
    let prompt_tokens: usize = arguments.number("prompt-tokens", 256)?;
    let generate_tokens: usize = arguments.number("generate-tokens", 64)?;
    let n_lanes: usize = arguments.number("lanes", 1)?;
    let vocabulary = base.model.config.vocabulary as u32;
    let mut engine = files::engine(arguments, &base)?;
    let lanes: Vec<SequenceId> = (0..n_lanes).map(|_| engine.open(weights.clone())).collect();
    let prompt: Vec<u32> =
        (0..prompt_tokens as u32).map(|i| i.wrapping_mul(2_654_435_761) % vocabulary).collect();

    let started = Instant::now();
    for lane in &lanes {
        now(engine.prefill(*lane, &prompt)).map_err(failed)?;
    }
    let prefill_s = started.elapsed().as_secs_f64();

    let started = Instant::now();
    // What is computed is used, so that nothing of it can be left out.
    let mut checksum = 0.0;
    for token in 0..generate_tokens as u32 {
        let batch: Vec<_> = lanes.iter().map(|lane| (*lane, token % vocabulary)).collect();
        let logits = now(engine.step(&batch)).map_err(failed)?;
        checksum += logits.iter().map(|logits| f64::from(logits[0])).sum::<f64>();
    }
    let decode_s = started.elapsed().as_secs_f64();
    let generated = generate_tokens as f64;
    let weights_bytes = base.model.info().memory_bytes as f64;
    Ok(json!({
        "prefill_tokens_per_second": (n_lanes * prompt_tokens) as f64 / prefill_s,
        "decode_tokens_per_second": generated * n_lanes as f64 / decode_s,
        "decode_steps_per_second": generated / decode_s,
        "decode_bytes_per_second": weights_bytes * generated / decode_s,
        "lanes": n_lanes,
        "engine": arguments.engine()?.info(),
        "checksum": checksum,
    }))
}
