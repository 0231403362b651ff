//! The parts of the page of models.

pub(crate) mod base;
pub(crate) mod bring;
pub(crate) mod coming;
mod context;
pub(crate) mod hub;
pub(crate) mod own_adapters;
pub(crate) mod problem;
pub(crate) mod stored;

use leptos::{
    html::{code, dd, div, dt, p},
    prelude::*,
};
use protocol::HeaderFacts;

use crate::state::format;

pub(super) fn fact(name: &'static str, value: impl Fn() -> String + Send + 'static) -> AnyView {
    div().child((dt().child(name), dd().child(value))).into_any()
}

pub(super) fn constant(value: String) -> impl Fn() -> String + Send + 'static {
    move || value.clone()
}

/// What a model or an adapter takes to run, as its headers say, if a lane may hold so many tokens.
fn memory(facts: &HeaderFacts, context_length: u32) -> String {
    let HeaderFacts { architecture, quantisation, .. } = facts;
    let needed = format::bytes(facts.needed_bytes(context_length));
    let of_lane = match facts.context_length.min(context_length) {
        0 => String::new(),
        tokens => format!(" with a lane of {} tokens", format::grouped(tokens.into())),
    };
    format!("{architecture} {quantisation}, needs {needed} of memory{of_lane}")
}

fn hash(name: &'static str, hash: String) -> impl IntoView {
    p().class("hash").child((name, " ", code().child(hash)))
}

fn load_state(state: impl Fn() -> &'static str + Send + Sync + Clone + 'static) -> impl IntoView {
    let words = {
        let state = state.clone();
        move || match state() {
            "ready" => "in memory",
            "loading" => "loading",
            "failed" => "did not load",
            _ => "not loaded",
        }
    };
    p().class("load-state").attr("data-state", state).child(words)
}
