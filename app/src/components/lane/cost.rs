//! What the answer cost, and the proof of the weights that gave it.

use leptos::{
    html::{dd, div, dl, dt, p, span},
    prelude::*,
};
use protocol::Proof;

use crate::state::{Desk, LaneSlot, LaneState, Phase, format};

const UNKNOWN: &str = "–";

const PROMPT_TOKENS: &str = "Length of the prompt, with the chat template's own tokens";
const OUTPUT_TOKENS: &str = "Length of the answer";
const FIRST_TOKEN: &str = "Time to read this lane's own prompt and make its first token; \
    other lanes' prompts are not counted, and a beginning that was read before takes no time";
const SPEED: &str = "Tokens per second of this lane's own steps after the first; \
    a step that lanes share counts in full for each of them";
const RECORDED: &str = "Recorded on another machine. ";

/// A lane's cost, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq)]
struct Cost {
    prompt_tokens: Option<u32>,
    output_tokens: Option<u32>,
    first_token_ms: Option<f64>,
    tokens_per_second: Option<f64>,
}

impl Cost {
    fn of(state: &LaneState) -> Self {
        let counted = (!state.tokens.is_empty()).then_some(state.tokens.len() as u32);
        Self {
            prompt_tokens: state.prompt_tokens,
            output_tokens: state.metrics.map(|metrics| metrics.output_tokens).or(counted),
            first_token_ms: state.metrics.map(|metrics| metrics.first_token_ms),
            tokens_per_second: state
                .metrics
                .map(|metrics| metrics.tokens_per_second)
                .filter(|speed| *speed > 0.0),
        }
    }

    fn tokens(&self) -> u32 {
        self.prompt_tokens.unwrap_or(0) + self.output_tokens.unwrap_or(0)
    }
}

pub(super) fn cost(desk: Desk, slot: LaneSlot) -> impl IntoView {
    let cost = Memo::new(move |_| slot.shown.with(|shown| Cost::of(&shown.state)));
    let most = Memo::new(move |_| {
        let lanes = desk.lanes.get();
        lanes.iter().map(|slot| slot.shown.with(|shown| Cost::of(&shown.state).tokens())).max().unwrap_or(0)
    });
    let part = move |of: fn(&Cost) -> Option<u32>| {
        move || {
            format!("{:.1}%", 100.0 * f64::from(cost.with(of).unwrap_or(0)) / f64::from(most.get().max(1)))
        }
    };
    let is_recorded = Memo::new(move |_| slot.shown.with(|shown| shown.state.phase == Phase::Recorded));
    let figure = move |words: &'static str, meaning: &'static str, value: fn(&Cost) -> Option<String>| {
        let title =
            move || if is_recorded.get() { RECORDED.to_owned() + meaning } else { meaning.to_owned() };
        div().attr("title", title).child((
            dt().child(words),
            dd().child(move || cost.with(value).unwrap_or_else(|| UNKNOWN.to_owned())),
        ))
    };
    div().class("lane-cost").child((
        div().class("cost-bar").attr("aria-hidden", "true").child((
            span().class("cost-in").style(("width", part(|cost| cost.prompt_tokens))),
            span().class("cost-out").style(("width", part(|cost| cost.output_tokens))),
        )),
        dl().class("figures")
            .attr("data-testid", "lane-metrics")
            .attr("data-prompt-tokens", move || {
                cost.with(|cost| cost.prompt_tokens.map(|count| count.to_string()))
            })
            .attr("data-output-tokens", move || {
                cost.with(|cost| cost.output_tokens.map(|count| count.to_string()))
            })
            .attr("data-first-token-ms", move || {
                cost.with(|cost| cost.first_token_ms.map(|time| format!("{time:.1}")))
            })
            .attr("data-tokens-per-second", move || {
                cost.with(|cost| cost.tokens_per_second.map(|speed| format!("{speed:.1}")))
            })
            .child((
                figure("tokens in", PROMPT_TOKENS, |cost| Some(format::grouped(cost.prompt_tokens?.into()))),
                figure("tokens out", OUTPUT_TOKENS, |cost| Some(format::grouped(cost.output_tokens?.into()))),
                figure("first token", FIRST_TOKEN, |cost| Some(format::duration(cost.first_token_ms?))),
                figure("tokens / s", SPEED, |cost| Some(format!("{:.0}", cost.tokens_per_second?))),
            )),
        proof(slot),
    ))
}

/// Which weights ran, as the engine reports it.
fn proof(slot: LaneSlot) -> impl IntoView {
    let proof = Memo::new(move |_| slot.shown.with(|shown| shown.state.proof.clone()));
    let line = move |write: fn(&Proof) -> String| {
        span().child(move || proof.with(|proof| proof.as_ref().map_or_else(|| UNKNOWN.to_owned(), write)))
    };
    p().class("lane-proof")
        .attr("data-testid", "lane-proof")
        .attr("data-weights-sha256", move || proof.get().map(|proof| proof.weights_sha256))
        .attr("data-adapter-sha256", move || proof.get().and_then(|proof| proof.adapter_sha256))
        .attr("title", move || proof.get().map(|proof| whole(&proof)))
        .child((line(base_line), " ", line(adapter_line)))
}

fn base_line(proof: &Proof) -> String {
    format!("base {}", format::short_hash(&proof.weights_sha256))
}

fn adapter_line(proof: &Proof) -> String {
    match &proof.adapter_sha256 {
        None => "no adapter".to_owned(),
        Some(adapter) => format!("adapter {} × {:.2}", format::short_hash(adapter), proof.scale),
    }
}

fn whole(proof: &Proof) -> String {
    let adapter = proof.adapter_sha256.as_deref().unwrap_or("none");
    format!("SHA-256 of the base {}, of the adapter {adapter}", proof.weights_sha256)
}
