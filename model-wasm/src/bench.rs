//! What the benchmarks time, natively and in the browser.

use crate::engine::{Engine, EngineError, SequenceId, Weights};

/// What is timed.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Sequences side by side.
    pub lanes: usize,
    /// Tokens that each reads first.
    pub prompt_tokens: usize,
    /// Tokens that each then reads one by one.
    pub generate_tokens: usize,
}

/// How long it took.
#[derive(Debug, Clone, Copy)]
pub struct Timed {
    /// Milliseconds for reading the prompts of all lanes, logits of the last token included.
    pub prefill_ms: f64,
    /// Milliseconds for the steps.
    pub decode_ms: f64,
    /// A sum over logits, so that nothing can be left out, and so that two engines can be compared.
    pub checksum: f64,
}

/// Times one pass; `now_ms` counts milliseconds from any moment.
///
/// # Errors
/// When the context is too short.
pub async fn time<E: Engine>(
    engine: &mut E,
    weights: &Weights,
    settings: Settings,
    now_ms: &dyn Fn() -> f64,
) -> Result<Timed, EngineError> {
    let Settings { lanes, prompt_tokens, generate_tokens } = settings;
    let vocabulary = engine.model().config.vocabulary as u32;
    let prompt: Vec<u32> =
        (0..prompt_tokens as u32).map(|i| i.wrapping_mul(2_654_435_761) % vocabulary).collect();
    let lanes: Vec<SequenceId> = (0..lanes).map(|_| engine.open(weights.clone())).collect();
    let mut checksum = 0.0;

    let started = now_ms();
    for &lane in &lanes {
        let Some((&last, before)) = prompt.split_last() else { continue };
        engine.prefill(lane, before).await?;
        checksum += sum(&engine.step(&[(lane, last)]).await?);
    }
    let prefill_ms = now_ms() - started;

    let started = now_ms();
    for token in 0..generate_tokens as u32 {
        let batch: Vec<_> = lanes.iter().map(|lane| (*lane, token % vocabulary)).collect();
        checksum += sum(&engine.step(&batch).await?);
    }
    let decode_ms = now_ms() - started;
    for lane in lanes {
        engine.close(lane);
    }
    Ok(Timed { prefill_ms, decode_ms, checksum })
}

fn sum(logits: &[Vec<f32>]) -> f64 {
    logits.iter().map(|logits| f64::from(logits[0])).sum()
}
