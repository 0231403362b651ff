//! What a lane runs on: the base, or an adapter and its scale.

use comparison::Weights;
use leptos::{
    ev,
    html::{div, input, label, option, output, select, span},
    prelude::*,
};

use crate::{
    platform,
    state::{Catalogue, Desk, LaneSlot, corner_of},
};

pub(super) fn weights(desk: Desk, slot: LaneSlot) -> impl IntoView {
    div().class("lane-weights").child((choice(desk, slot), scale(slot)))
}

fn choice(desk: Desk, slot: LaneSlot) -> impl IntoView {
    let lane = slot.lane;
    let chosen = Memo::new(move |_| lane.with(|lane| lane.weights.id().to_owned()));
    let choices = Memo::new(move |_| adapters(desk, chosen.get()));
    let choose = move |id: String| {
        lane.update(|lane| {
            let scale = scale_of(&lane.weights).unwrap_or(1.0);
            lane.weights = if id == "base" { Weights::Base } else { Weights::Adapter { id, scale } };
            lane.corner = corner_of(lane);
        });
    };
    let options = move || {
        let entry = |(id, name): (String, String)| {
            let of = id.clone();
            option().attr("value", id).prop("selected", move || chosen.get() == of).child(name)
        };
        choices.get().into_iter().map(entry).collect_view()
    };
    select()
        .attr("data-testid", "lane-adapter")
        .attr("aria-label", "Weights")
        .on(ev::change, move |event| choose(event_target_value(&event)))
        .child(options)
}

/// The base and every adapter that fits it; before the catalogue is there, and for one that it does not offer, the one
/// that the lane has.
fn adapters(desk: Desk, chosen: String) -> Vec<(String, String)> {
    let mut choices = vec![("base".to_owned(), "Base model".to_owned())];
    let catalogue = desk.catalogue();
    let adapters = catalogue.iter().flat_map(Catalogue::offered);
    choices.extend(adapters.map(|adapter| (adapter.id.clone(), adapter.name.clone())));
    if choices.iter().all(|(id, _)| *id != chosen) {
        let known = catalogue.as_ref().and_then(|catalogue| catalogue.adapter(&chosen));
        let name =
            known.map_or_else(|| chosen.clone(), |adapter| format!("{} (of another base)", adapter.name));
        choices.push((chosen, name));
    }
    choices
}

fn scale(slot: LaneSlot) -> impl IntoView {
    let lane = slot.lane;
    let scale = Memo::new(move |_| lane.with(|lane| scale_of(&lane.weights)));
    let set = move |number: f64| {
        lane.update(|lane| {
            if let Weights::Adapter { scale, .. } = &mut lane.weights {
                *scale = number.clamp(0.0, 1.5) as f32;
            }
        });
    };
    label().class("lane-scale").attr("data-off", move || scale.get().is_none().to_string()).child((
        span().class("visually-hidden").child("Adapter scale"),
        input()
            .attr("type", "range")
            .attr("data-testid", "lane-scale")
            .attr("min", "0")
            .attr("max", "1.5")
            .attr("step", "0.05")
            .attr("title", "How strongly the adapter is applied: 0 is the base, 1 as trained")
            .prop("value", move || format!("{:.2}", scale.get().unwrap_or(1.0)))
            .prop("disabled", move || scale.get().is_none())
            .on(ev::input, move |event| {
                if let Some(number) = platform::number_in(&event) {
                    set(number);
                }
            }),
        output().child(move || {
            scale.get().map_or_else(|| "weights untouched".to_owned(), |scale| format!("× {scale:.2}"))
        }),
    ))
}

fn scale_of(weights: &Weights) -> Option<f32> {
    if let Weights::Adapter { scale, .. } = weights { Some(*scale) } else { None }
}
