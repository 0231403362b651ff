//! What can be done with a lane.

use comparison::Weights;
use leptos::{
    ev,
    html::{button, div},
    prelude::*,
};
use protocol::LaneId;

use crate::{
    components::{field::icon_button, icon},
    platform,
    state::{Desk, LaneSlot},
    worker_client::Runner,
};

pub(super) fn tools(desk: Desk, runner: Runner, slot: LaneSlot) -> impl IntoView {
    let LaneSlot { id, lane, .. } = slot;
    let is_base = Memo::new(move |_| lane.with(|lane| lane.weights == Weights::Base));
    let other_weights = move || if untrack(|| is_base.get()) { first_adapter(desk) } else { Weights::Base };
    let swap_words =
        move || if is_base.get() { "Same prompt on the adapter" } else { "Same prompt on the base" };
    let step = move |to_the_right| {
        desk.move_lane(id, to_the_right);
        focus_part(id, if to_the_right { "lane-right" } else { "lane-left" });
    };
    let remove = move || {
        runner.send(desk.remove(id));
        platform::focus("[data-testid=add-lane]".to_owned());
    };
    div().class("lane-tools").child((
        button()
            .attr("type", "button")
            .class("link-button")
            .attr("data-testid", "same-prompt")
            .on(ev::click, move |_| focus_new(desk.same_prompt_on(id, other_weights())))
            .child(swap_words),
        button()
            .attr("type", "button")
            .class("link-button")
            .attr("data-testid", "new-prompt")
            .on(ev::click, move |_| focus_new(desk.new_prompt_on_same(id)))
            .child("Same weights, new prompt"),
        div().class("lane-moves").child((
            icon_button(icon::LEFT, || "Move left".to_owned(), "lane-left", move || step(false)),
            icon_button(icon::RIGHT, || "Move right".to_owned(), "lane-right", move || step(true)),
            icon_button(
                icon::COPY,
                || "Duplicate lane".to_owned(),
                "lane-duplicate",
                move || focus_new(desk.duplicate(id)),
            ),
            icon_button(icon::REMOVE, || "Remove lane".to_owned(), "lane-remove", remove),
        )),
    ))
}

/// The adapter that the scenario is about, or the first there is.
fn first_adapter(desk: Desk) -> Weights {
    let of_scenario = desk.scenario.lanes.iter().map(|lane| lane.weights.id()).find(|id| *id != "base");
    let catalogue = untrack(|| desk.catalogue());
    let is_there = |id: &&str| catalogue.as_ref().is_none_or(|catalogue| catalogue.adapter(id).is_some());
    let first = || Some(catalogue.as_ref()?.offered().next()?.id.clone());
    of_scenario
        .filter(is_there)
        .map(str::to_owned)
        .or_else(first)
        .map_or(Weights::Base, |id| Weights::Adapter { id, scale: 1.0 })
}

/// Whoever made a lane wants to name it first.
pub(crate) fn focus_new(id: Option<LaneId>) {
    if let Some(id) = id {
        focus_part(id, "lane-name");
    }
}

fn focus_part(id: LaneId, testid: &str) {
    platform::focus(format!("[data-lane-id=\"{id}\"] [data-testid={testid}]"));
}
