//! A lane: one column of the comparison.

mod answer;
mod cost;
mod head;
mod prompt;
mod thought;
mod tools;
mod verdict;
mod weights;

pub(crate) use self::tools::focus_new;
use leptos::{html::article, prelude::*};

use crate::{
    state::{Desk, LaneSlot},
    worker_client::Runner,
};

pub(crate) fn lane(desk: Desk, runner: Runner, slot: LaneSlot) -> impl IntoView {
    let LaneSlot { id, lane, shown, .. } = slot;
    article()
        .class("lane")
        .attr("data-testid", "lane")
        .attr("data-lane-id", id.to_string())
        .attr("data-weights", move || lane.with(|lane| lane.weights.id().to_owned()))
        .attr("data-state", move || shown.with(|shown| shown.state.phase.name()))
        .attr("data-corner", move || lane.with(|lane| lane.corner.name()))
        .attr("data-stale", move || shown.with(|shown| shown.is_stale))
        .attr("aria-label", move || lane.with(|lane| lane.name.clone()))
        .child((
            head::head(slot).into_any(),
            weights::weights(desk, slot).into_any(),
            answer::answer(desk, runner, slot).into_any(),
            verdict::verdict(desk, slot).into_any(),
            cost::cost(desk, slot).into_any(),
            prompt::prompt(slot).into_any(),
            tools::tools(desk, runner, slot).into_any(),
        ))
}
