//! What the person should know: what went wrong, and what can be brought back.

use leptos::{
    ev,
    html::{button, div, p, span, strong},
    prelude::*,
};

use super::{field::icon_button, icon};
use crate::state::{Desk, Instead, LaneSlot, Phase};

/// What went wrong, and what to do about it.
pub(crate) fn error_banner(desk: Desk) -> impl IntoView {
    move || {
        desk.notice.get().map(|notice| {
            div()
                .class("banner banner-error")
                .attr("role", "alert")
                .attr("data-testid", "error")
                .attr("data-kind", notice.kind)
                .child((
                    span().class("banner-sign").attr("aria-hidden", "true").child("!"),
                    p().child((strong().child(notice.message), " ", notice.advice)),
                    icon_button(
                        icon::REMOVE,
                        || "Dismiss".to_owned(),
                        "dismiss",
                        move || desk.notice.set(None),
                    ),
                ))
        })
    }
}

/// What a link brought, or that the scenario is back; each with the way back.
pub(crate) fn put_aside_banner(desk: Desk, bring_back: Callback<()>) -> impl IntoView {
    let instead = Memo::new(move |_| desk.put_aside.with(|aside| aside.last().map(|last| last.instead)));
    let words = move || match instead.get() {
        Some(Instead::Link) => link_words(desk),
        _ => "This is the scenario as it opens.".to_owned(),
    };
    let banner = move || {
        div().class("banner").attr("data-testid", "put-aside").child((
            p().child(words),
            button()
                .attr("type", "button")
                .class("quiet")
                .attr("data-testid", "bring-back")
                .on(ev::click, move |_| bring_back.run(()))
                .child("Back to what was here before"),
            icon_button(
                icon::REMOVE,
                || "Dismiss".to_owned(),
                "dismiss-put-aside",
                move || desk.put_aside.set(Vec::new()),
            ),
        ))
    };
    div().attr("role", "status").child(move || instead.get().is_some().then(banner))
}

/// What pressing Run will do with the comparison of a link.
fn link_words(desk: Desk) -> String {
    let lanes = desk.lanes.get();
    let has_run =
        |slot: &LaneSlot| slot.state.with(|state| !matches!(state.phase, Phase::Empty | Phase::Recorded));
    if lanes.iter().any(has_run) {
        return format!("This comparison came with a link.{}", other_versions(desk));
    }
    let mut adapters: Vec<String> = lanes
        .iter()
        .filter_map(|slot| {
            slot.lane.with(|lane| Some(lane.weights.id().to_owned()).filter(|id| id != "base"))
        })
        .map(|id| format!("“{}”", desk.adapter_name(&id)))
        .collect();
    adapters.sort();
    adapters.dedup();
    let model =
        desk.catalogue().map_or_else(|| "the default model".to_owned(), |catalogue| catalogue.base.name);
    let with = match adapters.len() {
        0 => "no adapter".to_owned(),
        1 => format!("the adapter {}", adapters[0]),
        _ => format!("the adapters {}", adapters.join(", ")),
    };
    let lanes = if lanes.len() == 1 { "1 lane".to_owned() } else { format!("{} lanes", lanes.len()) };
    format!(
        "Opened from a link. Nothing has run yet: Run will start {lanes} on {model} with {with}, all in your browser.{}",
        other_versions(desk)
    )
}

/// What is not here as it was where the link was made; nothing where that is the same.
fn other_versions(desk: Desk) -> String {
    let differences = desk.made_with.with(|made_with| {
        let catalogue = desk.catalogue();
        made_with.as_ref().map(|it| it.differences(desk.scenario, catalogue.as_ref())).unwrap_or_default()
    });
    match &differences[..] {
        [] => String::new(),
        differences => format!(" It was made with {}; outputs may differ.", differences.join(" and ")),
    }
}
