//! A lane's name and its corner.

use comparison::Corner;
use leptos::{
    ev,
    html::{div, input, span},
    prelude::*,
};

use crate::state::{LaneSlot, MAX_NAME, cut};

pub(super) fn head(slot: LaneSlot) -> impl IntoView {
    let lane = slot.lane;
    div().class("lane-head").child((
        corner_sign(Signal::derive(move || lane.with(|lane| lane.corner))),
        input()
            .attr("type", "text")
            .class("lane-name")
            .attr("data-testid", "lane-name")
            .attr("aria-label", "Lane name")
            .attr("title", move || lane.with(|lane| lane.name.clone()))
            .attr("maxlength", MAX_NAME.to_string())
            .attr("spellcheck", "false")
            .prop("value", move || lane.with(|lane| lane.name.clone()))
            .on(ev::input, move |event| {
                let mut name = event_target_value(&event);
                cut(&mut name, MAX_NAME);
                lane.update(|lane| lane.name = name);
            }),
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
