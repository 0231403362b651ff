//! `tokenize`, `render`, `logits`, `score`: the stages one by one.

use model_wasm::{engine::Engine, session::Base};
use protocol::Message;
use serde_json::json;

use super::{Failure, Outcome, arguments::Arguments, failed, files, now, usage};

pub(crate) fn tokenize(arguments: &Arguments) -> Outcome {
    let tokenizer = files::base(arguments)?.tokenizer;
    let text = match (arguments.text("text"), arguments.text("text-file")) {
        (Some(text), None) => text.to_owned(),
        (None, Some(path)) => files::read_text(path)?,
        _ => return Err(usage("one of --text and --text-file is needed")),
    };
    let ids =
        if arguments.flag("special") { tokenizer.encode_special(&text) } else { tokenizer.encode(&text) };
    let ids = ids.map_err(failed)?;
    let decoded = tokenizer.decode(&ids);
    Ok(json!({"ids": ids, "decoded": decoded, "round_trip": decoded == text}))
}

pub(crate) fn render(arguments: &Arguments) -> Outcome {
    let base = files::base(arguments)?;
    let messages: Vec<Message> = files::read_json(arguments.needed("messages")?)?;
    let (prompt, _) = base.prompt(&messages, arguments.chat()?).map_err(failed)?;
    Ok(json!({
        "text": prompt.text,
        "tokens": prompt.tokens,
        "system_folded": prompt.system_folded,
        "begins_thinking": prompt.begins_thinking,
    }))
}

pub(crate) fn logits(arguments: &Arguments) -> Outcome {
    let base = files::base(arguments)?;
    let tokens = arguments
        .needed("tokens")?
        .split(',')
        .map(|token| token.trim().parse().map_err(|_| usage(&format!("token {token:?} is not a number"))))
        .collect::<Result<Vec<u32>, Failure>>()?;
    let mut logits = score_all(arguments, &base, &tokens)?;
    if arguments.flag("all") {
        return Ok(json!({"logits": logits}));
    }
    Ok(json!({"logits": logits.pop()}))
}

pub(crate) fn score(arguments: &Arguments) -> Outcome {
    let base = files::base(arguments)?;
    let prompt = base.bare_prompt(arguments.needed("prompt")?).map_err(failed)?.tokens;
    let completion = base.tokenizer.encode_special(arguments.needed("completion")?).map_err(failed)?;
    let tokens = [prompt.as_slice(), completion.as_slice()].concat();
    if prompt.is_empty() || completion.is_empty() {
        return Err(usage("the prompt and the completion need a token at least"));
    }
    let logits = score_all(arguments, &base, &tokens)?;
    let scores: Vec<_> = completion
        .iter()
        .zip(&logits[prompt.len() - 1..])
        .map(|(&token, logits)| {
            json!({"token": token, "text": base.tokenizer.decode(&[token]), "log_probability": log_probability(logits, token)})
        })
        .collect();
    let total: f64 = completion
        .iter()
        .zip(&logits[prompt.len() - 1..])
        .map(|(&token, logits)| log_probability(logits, token))
        .sum();
    Ok(json!({"tokens": scores, "total": total}))
}

fn score_all(arguments: &Arguments, base: &Base, tokens: &[u32]) -> Result<Vec<Vec<f32>>, Failure> {
    let mut engine = files::engine(arguments, base)?;
    let sequence = engine.open(files::weights(arguments, &base.model)?);
    now(engine.score(sequence, tokens)).map_err(failed)
}

fn log_probability(logits: &[f32], token: u32) -> f64 {
    let largest = logits.iter().copied().fold(f32::MIN, f32::max);
    let sum: f64 = logits.iter().map(|&logit| f64::from(logit - largest).exp()).sum();
    f64::from(logits[token as usize] - largest) - sum.ln()
}
