//! `generate`: lanes through the same session that the worker drives.

use model_wasm::{
    engine::{AnyEngine, Engine},
    sampling,
    session::Session,
};
use protocol::{AdapterUse, Chat, Event, FinishReason, Generate, LaneMetrics, Message, Proof, Sampling};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Failure, Outcome,
    arguments::{Arguments, with_scale},
    failed, files, now, tokens, usage,
};

/// What a lane came to.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) output: String,
    pub(crate) tokens: Vec<u32>,
    pub(crate) reason: FinishReason,
    pub(crate) metrics: LaneMetrics,
    pub(crate) proof: Proof,
}

/// A lane of `--lanes F.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LaneFile {
    messages: Vec<Message>,
    /// `PATH[@scale]`
    #[serde(default)]
    adapter: Option<String>,
    #[serde(default)]
    sampling: Option<Sampling>,
}

pub(crate) fn generate(arguments: &Arguments) -> Outcome {
    let sampling = sampling_of(arguments)?;
    if let Some(prompt) = arguments.text("prompt") {
        return bare(arguments, prompt, &sampling);
    }
    let lanes: Vec<LaneFile> = match (arguments.text("messages"), arguments.text("lanes")) {
        (Some(path), None) => {
            let adapter = arguments.text("adapter").map(str::to_owned);
            vec![LaneFile { messages: files::read_json(path)?, adapter, sampling: None }]
        }
        (None, Some(path)) => files::read_json(path)?,
        _ => return Err(usage("one of --prompt, --messages and --lanes is needed")),
    };
    let mut session = files::session(arguments)?;
    session.load_model(files::base(arguments)?);
    let mut requests = Vec::new();
    for lane in lanes {
        let adapter = lane.adapter.as_deref().map(|text| load_adapter(&mut session, text)).transpose()?;
        let sampling = lane.sampling.unwrap_or_else(|| sampling.clone());
        requests.push((lane.messages, adapter, sampling));
    }
    let answers = run(&mut session, arguments.chat()?, requests)?;
    let mut lanes: Vec<Value> = answers.iter().map(to_json).collect();
    Ok(if arguments.text("lanes").is_some() { json!({"lanes": lanes}) } else { lanes.remove(0) })
}

/// Loads the adapter at `PATH[@scale]` under its path.
fn load_adapter(session: &mut Session<AnyEngine>, text: &str) -> Result<AdapterUse, Failure> {
    let (path, scale) = with_scale(text)?;
    session.load_adapter(path, files::AdapterFiles::read(path)?.files()).map_err(failed)?;
    Ok(AdapterUse { adapter_id: path.to_owned(), scale })
}

/// Runs lanes side by side to their ends.
pub(crate) fn run(
    session: &mut Session<AnyEngine>,
    chat: Chat,
    lanes: Vec<(Vec<Message>, Option<AdapterUse>, Sampling)>,
) -> Result<Vec<Answer>, Failure> {
    let mut open: Vec<(String, Vec<u32>, Option<Proof>)> = vec![Default::default(); lanes.len()];
    let mut done: Vec<Option<Answer>> = vec![None; lanes.len()];
    for (lane_id, (messages, adapter, sampling)) in (0..).zip(lanes) {
        session.start(Generate { run_id: 1, lane_id, messages, chat, adapter, sampling });
    }
    loop {
        for event in session.take_events() {
            match event {
                Event::Started { lane_id, proof, .. } => open[lane_id as usize].2 = Some(proof),
                Event::Token { lane_id, token, text, .. } => {
                    let lane = &mut open[lane_id as usize];
                    lane.0.push_str(&text);
                    lane.1.push(token);
                }
                Event::Finished { lane_id, reason, metrics, .. } => {
                    let (output, tokens, proof) = std::mem::take(&mut open[lane_id as usize]);
                    let proof = proof.ok_or_else(|| usage("a lane finished before it started"))?;
                    done[lane_id as usize] = Some(Answer { output, tokens, reason, metrics, proof });
                }
                Event::LaneFailed { error, .. } => return Err(error),
                _ => {}
            }
        }
        if !session.is_busy() {
            break;
        }
        now(session.turn());
    }
    done.into_iter().collect::<Option<_>>().ok_or_else(|| usage("a lane did not finish"))
}

pub(crate) fn sampling_of(arguments: &Arguments) -> Result<Sampling, Failure> {
    let default = Sampling::default();
    let sampling = Sampling {
        temperature: arguments.number("temperature", default.temperature)?,
        top_k: arguments.number("top-k", default.top_k)?,
        top_p: arguments.number("top-p", default.top_p)?,
        min_p: arguments.number("min-p", default.min_p)?,
        repetition_penalty: arguments.number("repetition-penalty", default.repetition_penalty)?,
        seed: arguments.number("seed", default.seed)?,
        max_tokens: arguments.number("max-tokens", default.max_tokens)?,
        stop: arguments.all("stop"),
    };
    sampling::check(&sampling).map_err(failed)?;
    Ok(sampling)
}

/// A prompt as it is, without the chat template.
fn bare(arguments: &Arguments, prompt: &str, sampling: &Sampling) -> Outcome {
    let base = files::base(arguments)?;
    let mut engine = files::engine(arguments, &base)?;
    let sequence = engine.open(files::weights(arguments, &base.model)?);
    let mut sequence_tokens =
        tokens::bare_prompt(&base, base.tokenizer.encode_special(prompt).map_err(failed)?);
    let n_prompt = sequence_tokens.len();
    let Some((&last, before)) = sequence_tokens.split_last() else {
        return Err(usage("the prompt is empty"));
    };
    now(engine.prefill(sequence, before)).map_err(failed)?;
    let mut next = last;
    for step in 0..u64::from(sampling.max_tokens) {
        let mut logits = now(engine.step(&[(sequence, next)])).map_err(failed)?;
        next = sampling::sample(&mut logits[0], sampling, sequence_tokens.iter().copied(), step)
            .map_err(failed)?;
        if base.tokenizer.end_of_turn().contains(&next) {
            break;
        }
        sequence_tokens.push(next);
    }
    let tokens = &sequence_tokens[n_prompt..];
    Ok(json!({"output": base.tokenizer.decode(tokens), "tokens": tokens, "prompt_tokens": n_prompt}))
}

fn to_json(answer: &Answer) -> Value {
    json!({
        "output": answer.output,
        "tokens": answer.tokens,
        "reason": answer.reason,
        "metrics": answer.metrics,
        "proof": answer.proof,
    })
}
