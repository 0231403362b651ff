//! How many tokens a lane may hold.

use leptos::{
    ev,
    html::{dd, div, dt, option, select, span},
    prelude::*,
};
use protocol::{CONTEXT_LENGTHS, ModelInfo};

use crate::{
    state::{Desk, format},
    worker_client::Runner,
};

/// The choice; models that were made for fewer tokens, `own` where that is known, stay at those.
pub(super) fn choice(desk: Desk, runner: Runner, own: Memo<Option<u32>>) -> AnyView {
    let chosen = Memo::new(move |_| desk.context_length());
    let entry = |length: u32| {
        option()
            .attr("value", length.to_string())
            .prop("selected", move || chosen.get() == length)
            .child(tokens(length))
    };
    let options = CONTEXT_LENGTHS.map(entry).into_iter().collect_view();
    let choose = move |value: String| {
        if let Ok(length) = value.parse() {
            runner.use_context_length(length);
        }
    };
    let stays_below = move || {
        let own = own.get().filter(|own| *own < chosen.get());
        own.map(|own| {
            span().class("soft").child(format!("this model ends at {}", format::grouped(own.into())))
        })
    };
    div()
        .child((
            dt().child("Lane limit"),
            dd().child((
                select()
                    .attr("data-testid", "context-length")
                    .attr("aria-label", "Tokens that a lane holds at most")
                    .on(ev::change, move |event| choose(event_target_value(&event)))
                    .child(options),
                stays_below,
            )),
        ))
        .into_any()
}

/// What a loaded model's lanes hold, and of how many tokens that the model was made for.
pub(super) fn in_use(model: &ModelInfo) -> String {
    let ModelInfo { context_length, own_context_length, .. } = *model;
    if context_length == own_context_length {
        return tokens(context_length);
    }
    format!("{} of {}", format::grouped(context_length.into()), tokens(own_context_length))
}

pub(super) fn tokens(count: u32) -> String {
    format!("{} tokens", format::grouped(count.into()))
}
