//! A lane's name, its corner, and its own Run.

use comparison::Corner;
use leptos::{
    ev,
    html::{div, input, span},
    prelude::*,
};

use crate::{
    components::{field::icon_button, icon},
    state::LaneSlot,
    worker_client::Runner,
};

pub(super) fn head(runner: Runner, slot: LaneSlot) -> impl IntoView {
    let LaneSlot { id, lane, state, .. } = slot;
    let is_busy = Memo::new(move |_| state.with(|state| state.phase.is_busy()));
    let run_or_stop = move || {
        if is_busy.get() {
            icon_button(
                icon::STOP,
                || "Stop this lane".to_owned(),
                "lane-stop",
                move || runner.stop(Some(id)),
            )
            .into_any()
        } else {
            icon_button(icon::PLAY, || "Run this lane".to_owned(), "lane-run", move || runner.run(Some(id)))
                .into_any()
        }
    };
    div().class("lane-head").child((
        corner_sign(Signal::derive(move || lane.with(|lane| lane.corner))),
        input()
            .attr("type", "text")
            .class("lane-name")
            .attr("data-testid", "lane-name")
            .attr("aria-label", "Lane name")
            .attr("maxlength", "80")
            .attr("spellcheck", "false")
            .prop("value", move || lane.with(|lane| lane.name.clone()))
            .on(ev::input, move |event| lane.update(|lane| lane.name = event_target_value(&event))),
        run_or_stop,
    ))
}

/// The two-by-two with this lane's cell filled; its words are for those who hover or listen.
fn corner_sign(corner: Signal<Corner>) -> impl IntoView {
    let words = move || match corner.get() {
        Corner::Naive => "Plain question, base model",
        Corner::Prompt => "Engineered prompt, base model",
        Corner::Tuning => "Plain question, tuned model",
        Corner::Both => "Engineered prompt, tuned model",
    };
    let cell = move |of: Corner| {
        span().class("mark-cell").attr("data-filled", move || (corner.get() == of).to_string())
    };
    span()
        .class("mark corner-sign")
        .attr("role", "img")
        .attr("aria-label", words)
        .attr("title", words)
        .child((cell(Corner::Naive), cell(Corner::Prompt), cell(Corner::Tuning), cell(Corner::Both)))
}
