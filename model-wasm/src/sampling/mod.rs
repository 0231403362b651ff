//! From logits to a token.
//!
//! In the order of transformers: repetition penalty, temperature, top-k, top-p, min-p, then one
//! throw of the dice. The dice are shared: the random number of step `n` depends on the seed and `n`
//! alone, so that lanes with the same seed differ by their prompts and weights only.

mod dice;
mod stop;
#[cfg(test)]
mod tests;

use protocol::Sampling;

pub use dice::dice;
pub use stop::StopFilter;

/// Why no token can be picked, or the settings make no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SamplingError {
    /// A setting that is out of range.
    #[error("{field} is {got}, expected {expected}")]
    OutOfRange {
        /// The field of [`Sampling`].
        field: &'static str,
        /// Its value.
        got: String,
        /// What is accepted.
        expected: &'static str,
    },
    /// A logit is infinite or not a number.
    #[error("the model computed a logit that is no number (token {token})")]
    NotFinite {
        /// The first such token.
        token: usize,
    },
}

/// At most this many stop texts.
const STOP_TEXTS: usize = 16;
/// Of at most this many bytes each.
const STOP_BYTES: usize = 256;

/// Checks the settings.
///
/// # Errors
/// Names the first that is out of range.
pub fn check(sampling: &Sampling) -> Result<(), SamplingError> {
    let Sampling { temperature, top_p, min_p, repetition_penalty, max_tokens, ref stop, .. } = *sampling;
    let fail = |field, got: &dyn ToString, expected| {
        Err(SamplingError::OutOfRange { field, got: got.to_string(), expected })
    };
    if !(0.0..=100.0).contains(&temperature) {
        return fail("temperature", &temperature, "0 to 100");
    }
    if !(top_p > 0.0 && top_p <= 1.0) {
        return fail("top_p", &top_p, "more than 0, at most 1");
    }
    if !(0.0..=1.0).contains(&min_p) {
        return fail("min_p", &min_p, "0 to 1");
    }
    if !(repetition_penalty > 0.0 && repetition_penalty <= 100.0) {
        return fail("repetition_penalty", &repetition_penalty, "more than 0, at most 100");
    }
    if max_tokens == 0 {
        return fail("max_tokens", &max_tokens, "at least 1");
    }
    if stop.len() > STOP_TEXTS {
        return fail("stop", &stop.len(), "at most 16 texts");
    }
    if stop.iter().any(|text| text.is_empty() || text.len() > STOP_BYTES) {
        return fail("stop", &"a text", "texts of 1 to 256 bytes");
    }
    Ok(())
}

/// Picks the token of step `step` from `logits`, `(V,)`, which are changed. `seen` are the tokens of the
/// prompt and the answer so far. Among equals the lowest id wins.
///
/// # Errors
/// When a logit is infinite or not a number.
pub fn sample(
    logits: &mut [f32],
    sampling: &Sampling,
    seen: impl IntoIterator<Item = u32>,
    step: u64,
) -> Result<u32, SamplingError> {
    if let Some(token) = logits.iter().position(|logit| !logit.is_finite()) {
        return Err(SamplingError::NotFinite { token });
    }
    penalise(logits, sampling.repetition_penalty, seen);
    if sampling.temperature <= 0.0 {
        return Ok(largest(logits));
    }
    Ok(throw(&candidates(logits, sampling), dice(sampling.seed, step)))
}

/// Divides positive logits of seen tokens by the penalty and multiplies negative ones (Keskar et al., 2019).
fn penalise(logits: &mut [f32], penalty: f32, seen: impl IntoIterator<Item = u32>) {
    if penalty.to_bits() == 1.0_f32.to_bits() {
        return;
    }
    let mut is_seen = vec![false; logits.len()];
    for token in seen {
        if let Some(is_seen) = is_seen.get_mut(token as usize) {
            *is_seen = true;
        }
    }
    for (logit, _) in logits.iter_mut().zip(is_seen).filter(|(_, is_seen)| *is_seen) {
        *logit = if *logit > 0.0 { *logit / penalty } else { *logit * penalty };
    }
}

/// The index of the largest logit; the lowest among equals.
pub fn largest(logits: &[f32]) -> u32 {
    let mut best = 0;
    for (index, logit) in logits.iter().enumerate() {
        if *logit > logits[best] {
            best = index;
        }
    }
    best as u32
}

/// Tokens that may be picked with their probabilities (not yet adding up to 1), the likeliest first.
fn candidates(logits: &[f32], sampling: &Sampling) -> Vec<(u32, f64)> {
    let mut order: Vec<u32> = (0..logits.len() as u32).collect();
    let logit = |token: u32| f64::from(logits[token as usize]);
    order.sort_by(|&a, &b| logit(b).total_cmp(&logit(a)).then(a.cmp(&b)));
    if sampling.top_k > 0 {
        order.truncate(sampling.top_k as usize);
    }
    let best = logit(order[0]);
    let temperature = f64::from(sampling.temperature);
    let mut kept: Vec<(u32, f64)> =
        order.into_iter().map(|token| (token, libm::exp((logit(token) - best) / temperature))).collect();
    if sampling.top_p < 1.0 {
        let enough = f64::from(sampling.top_p) * total(&kept);
        let mut sum = 0.0;
        let needed = kept.iter().position(|(_, weight)| {
            sum += weight;
            sum >= enough
        });
        kept.truncate(needed.map_or(kept.len(), |last| last + 1));
    }
    // The likeliest has weight 1, so min-p is a bound on the weight itself.
    kept.retain(|(_, weight)| *weight >= f64::from(sampling.min_p));
    kept
}

fn total(kept: &[(u32, f64)]) -> f64 {
    kept.iter().map(|(_, weight)| weight).sum()
}

/// The token at which the running sum of the weights passes `number`, which lies in `0..1`.
fn throw(kept: &[(u32, f64)], number: f64) -> u32 {
    let mut left = number * total(kept);
    for (token, weight) in kept {
        left -= weight;
        if left < 0.0 {
            return *token;
        }
    }
    // Rounding can leave a crumb; it belongs to the last token.
    kept.last().map_or(0, |(token, _)| *token)
}
