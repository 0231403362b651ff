//! Two answers beside one another, word by word.

use leptos::{
    ev,
    html::{del, details, div, ins, label, option, p, pre, select, span, summary},
    prelude::*,
};
use protocol::LaneId;

use crate::state::{Desk, Piece, Shown, word_diff};

pub(crate) fn output_diff(desk: Desk) -> impl IntoView {
    let is_open = RwSignal::new(false);
    let first = RwSignal::new(None);
    let second = RwSignal::new(None);
    let lane_at = move |chosen: RwSignal<Option<LaneId>>, fallback: usize| {
        let lanes = desk.lanes.get();
        let found = lanes.iter().find(|slot| Some(slot.id) == chosen.get());
        found.or_else(|| lanes.get(fallback)).or_else(|| lanes.last()).copied()
    };
    let text_of = move |chosen, fallback| {
        lane_at(chosen, fallback).map(|slot| slot.shown.with(Shown::answer)).unwrap_or_default()
    };
    let pieces = Memo::new(move |_| {
        if is_open.get() { word_diff(&text_of(first, 0), &text_of(second, 3)) } else { Vec::new() }
    });
    let choice = move |words: &'static str, testid, chosen: RwSignal<Option<LaneId>>, fallback| {
        let options = move || {
            let now = lane_at(chosen, fallback).map(|slot| slot.id);
            let entry = |slot: &crate::state::LaneSlot| {
                option()
                    .attr("value", slot.id.to_string())
                    .prop("selected", Some(slot.id) == now)
                    .child(slot.lane.with(|lane| lane.name.clone()))
            };
            desk.lanes.get().iter().map(entry).collect_view()
        };
        label().class("field").child((
            span().class("field-label").child(words),
            select()
                .attr("data-testid", testid)
                .on(ev::change, move |event| chosen.set(event_target_value(&event).parse().ok()))
                .child(options),
        ))
    };
    details()
        .class("diff")
        .attr("data-testid", "diff")
        .on(ev::toggle, move |_| is_open.update(|open| *open = !*open))
        .child((
            summary().child("What differs between two answers"),
            div().class("diff-choices").child((
                choice("From", "diff-first", first, 0),
                choice("To", "diff-second", second, 3),
                p().class("diff-legend").child((
                    del().child("only in the first"),
                    " ",
                    ins().child("only in the second"),
                )),
            )),
            pre()
                .class("diff-text")
                .attr("data-testid", "diff-text")
                .attr("tabindex", "0")
                .attr("role", "group")
                .attr("aria-label", "The two answers as one")
                .child(move || {
                    let piece = |(piece, text): (Piece, String)| match piece {
                        Piece::Same => span().child(text).into_any(),
                        Piece::Removed => del().child(text).into_any(),
                        Piece::Added => ins().child(text).into_any(),
                    };
                    pieces.get().into_iter().map(piece).collect_view()
                }),
        ))
}
