//! The parts of the page of models.

pub(crate) mod base;
pub(crate) mod bring;
pub(crate) mod coming;
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

fn fact(name: &'static str, value: impl Fn() -> String + Send + 'static) -> AnyView {
    div().child((dt().child(name), dd().child(value))).into_any()
}

fn constant(value: String) -> impl Fn() -> String + Send + 'static {
    move || value.clone()
}

/// What a model or an adapter takes to run, as its headers say.
fn memory(facts: &HeaderFacts) -> String {
    let HeaderFacts { architecture, quantisation, memory_bytes } = facts;
    format!("{architecture} {quantisation}, needs {} of memory", format::bytes(*memory_bytes))
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
