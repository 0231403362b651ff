//! The link to the comparison as it stands.

use leptos::{
    ev,
    html::{button, div, h2, input, label, p, section, span},
    prelude::*,
    task::spawn_local,
};

use super::{field::icon_button, icon};
use crate::{
    platform,
    share::{LinkError, Shared, encode},
    state::{Desk, Phase},
    worker_client::hub,
};

pub(crate) fn share_panel(desk: Desk, is_open: RwSignal<bool>) -> impl IntoView {
    let with_outputs = RwSignal::new(false);
    let made =
        Memo::new(move |_| if is_open.get() { link(desk, with_outputs.get()) } else { Ok(String::new()) });
    let link = Memo::new(move |_| made.get().unwrap_or_default());
    let copied = RwSignal::new("");
    Effect::new(move |_| {
        link.track();
        copied.set("");
    });
    let copy = move |_| {
        spawn_local(async move {
            let done = platform::copy(&link.get_untracked()).await;
            copied.set(if done { "Copied" } else { "Select the link and copy it yourself" });
        });
    };
    let close = move || {
        is_open.set(false);
        platform::focus("[data-testid=share]".to_owned());
    };
    Effect::new(move |_| {
        if is_open.get() {
            platform::focus("[data-testid=share-link]".to_owned());
        }
    });
    let close_by_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" {
            close();
        }
    };
    let problem = move || {
        made.with(|made| made.as_ref().err().cloned()).map(|error| {
            p().class("remark remark-wrong").attr("role", "alert").attr("data-testid", "share-problem").child(
                format!(
                    "No link can hold this comparison: {error}. Shorten a text, or leave the outputs out."
                ),
            )
        })
    };
    let panel = move || {
        section().class("share-panel").on(ev::keydown, close_by_key).attr("aria-labelledby", "share-title").child((
            div().class("share-head").child((
                h2().attr("id", "share-title").child("Send this comparison"),
                p().child("The link holds the lanes, the settings and the input. Whoever opens it sees them and runs them \
                           on their own machine; the same seed gives the same tokens."),
                icon_button(icon::REMOVE, || "Close".to_owned(), "share-close", close),
            )),
            div().class("share-row").child((
                input()
                    .attr("type", "text")
                    .attr("readonly", true)
                    .attr("data-testid", "share-link")
                    .attr("aria-label", "Link")
                    .prop("value", move || link.get()),
                button()
                    .attr("type", "button")
                    .class("primary")
                    .attr("data-testid", "copy-link")
                    .attr("disabled", move || made.with(Result::is_err))
                    .on(ev::click, copy)
                    .child((icon::icon(icon::COPY), "Copy")),
                span().class("share-copied").attr("role", "status").child(move || copied.get()),
            )),
            div().class("share-row").child((
                label().class("tick").child((
                    input()
                        .attr("type", "checkbox")
                        .attr("data-testid", "share-outputs")
                        .prop("checked", move || with_outputs.get())
                        .on(ev::change, move |event| with_outputs.set(event_target_checked(&event))),
                    "Include the outputs",
                )),
                span().class("share-length").child(move || format!("{} characters", link.with(String::len))),
            )),
            problem,
        ))
    };
    move || is_open.get().then(panel)
}

fn link(desk: Desk, with_outputs: bool) -> Result<String, LinkError> {
    let outputs = if with_outputs {
        let output = |shown: &crate::state::Shown| {
            let is_whole = matches!(shown.state.phase, Phase::Done | Phase::Recorded) && !shown.is_stale;
            is_whole.then(|| shown.state.output.clone())
        };
        desk.lanes.get().iter().map(|slot| slot.shown.with(output)).collect()
    } else {
        Vec::new()
    };
    let shared = Shared { comparison: desk.comparison_to_send(&hub()), outputs };
    encode(&shared, desk.scenario).map(|fragment| platform::link_to(&fragment))
}
