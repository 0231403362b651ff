//! `generate`: lanes through the same session that the worker drives.

use comparison::thought;
use model_wasm::{engine::AnyEngine, sampling, session::Session};
use protocol::{AdapterUse, Chat, Event, FinishReason, Generate, LaneMetrics, Message, Proof, Sampling};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Failure, Outcome,
    arguments::{Arguments, with_scale},
    failed, files, now, usage,
};

/// What a lane came to.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// Without what the model thought before it.
    pub(crate) output: String,
    pub(crate) thought: Option<String>,
    /// Of all that the model wrote.
    pub(crate) tokens: Vec<u32>,
    /// Whether the system text stands in the user's turn.
    pub(crate) system_folded: bool,
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
    let adapter = arguments.text("adapter");
    match [arguments.text("prompt"), arguments.text("messages"), arguments.text("lanes")] {
        [Some(text), None, None] => bare(arguments, text, adapter, sampling),
        [None, Some(path), None] => {
            let adapter = adapter.map(str::to_owned);
            let lane = LaneFile { messages: files::read_json(path)?, adapter, sampling: None };
            Ok(templated(arguments, vec![lane], &sampling)?.remove(0))
        }
        [None, None, Some(_)] if adapter.is_some() => {
            Err(usage("each lane of --lanes names its own adapter, so --adapter does not go with it"))
        }
        [None, None, Some(path)] => {
            Ok(json!({"lanes": templated(arguments, files::read_json(path)?, &sampling)?}))
        }
        _ => Err(usage("one of --prompt, --messages and --lanes is needed")),
    }
}

/// A prompt as it is, without the chat template.
fn bare(arguments: &Arguments, text: &str, adapter: Option<&str>, sampling: Sampling) -> Outcome {
    let base = files::base(arguments)?;
    let prompt = base.bare_prompt(text).map_err(failed)?;
    if prompt.tokens.is_empty() {
        return Err(usage("the prompt is empty"));
    }
    let mut session = files::session(arguments)?;
    session.load_model(base);
    let adapter = adapter.map(|text| load_adapter(&mut session, text)).transpose()?;
    let (messages, chat) = (Vec::new(), Chat::default());
    session.start_on(Generate { run_id: 1, lane_id: 0, messages, chat, adapter, sampling }, prompt);
    Ok(to_json(&finish(&mut session, 1)?[0]))
}

/// Conversations by the chat template, side by side.
fn templated(
    arguments: &Arguments,
    lanes: Vec<LaneFile>,
    sampling: &Sampling,
) -> Result<Vec<Value>, Failure> {
    let mut session = files::session(arguments)?;
    session.load_model(files::base(arguments)?);
    let mut requests = Vec::new();
    for lane in lanes {
        let adapter = lane.adapter.as_deref().map(|text| load_adapter(&mut session, text)).transpose()?;
        let sampling = lane.sampling.unwrap_or_else(|| sampling.clone());
        requests.push((lane.messages, adapter, sampling));
    }
    Ok(run(&mut session, arguments.chat()?, requests)?.iter().map(to_json).collect())
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
    let n_lanes = lanes.len();
    for (lane_id, (messages, adapter, sampling)) in (0..).zip(lanes) {
        session.start(Generate { run_id: 1, lane_id, messages, chat, adapter, sampling });
    }
    finish(session, n_lanes)
}

/// A lane that runs.
#[derive(Clone, Default)]
struct Open {
    written: String,
    tokens: Vec<u32>,
    system_folded: bool,
    begins_thinking: bool,
    proof: Option<Proof>,
}

/// Runs the lanes that were started, numbered from 0, to their ends.
fn finish(session: &mut Session<AnyEngine>, n_lanes: usize) -> Result<Vec<Answer>, Failure> {
    let mut open: Vec<Open> = vec![Open::default(); n_lanes];
    let mut done: Vec<Option<Answer>> = vec![None; n_lanes];
    loop {
        for event in session.take_events() {
            match event {
                Event::Started { lane_id, system_folded, begins_thinking, proof, .. } => {
                    let proof = Some(proof);
                    open[lane_id as usize] =
                        Open { system_folded, begins_thinking, proof, ..Open::default() };
                }
                Event::Token { lane_id, token, text, .. } => {
                    let lane = &mut open[lane_id as usize];
                    lane.written.push_str(&text);
                    lane.tokens.push(token);
                }
                Event::Finished { lane_id, reason, metrics, .. } => {
                    let lane = std::mem::take(&mut open[lane_id as usize]);
                    let parts = thought::parts(&lane.written, lane.begins_thinking, true);
                    done[lane_id as usize] = Some(Answer {
                        output: parts.answer.to_owned(),
                        thought: parts.thought.map(str::to_owned),
                        tokens: lane.tokens,
                        system_folded: lane.system_folded,
                        reason,
                        metrics,
                        proof: lane.proof.ok_or_else(|| usage("a lane finished before it started"))?,
                    });
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

fn to_json(answer: &Answer) -> Value {
    json!({
        "output": answer.output,
        "thought": answer.thought,
        "system_folded": answer.system_folded,
        "tokens": answer.tokens,
        "reason": answer.reason,
        "metrics": answer.metrics,
        "proof": answer.proof,
    })
}
