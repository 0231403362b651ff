//! What went wrong with a model or an adapter.

use leptos::{
    html::{div, p, span, strong},
    prelude::*,
};

use crate::{
    components::{field::icon_button, icon},
    state::{Desk, Notice},
};

pub(crate) fn problem(desk: Desk) -> impl IntoView {
    let library = desk.library;
    let problem = Memo::new(move |_| library.with(|library| library.problem.clone()));
    move || {
        problem.get().map(|error| {
            let notice = Notice::from(&error);
            div()
                .class("banner banner-error models-problem")
                .attr("role", "alert")
                .attr("data-testid", "model-error")
                .attr("data-kind", notice.kind)
                .child((
                    span().class("banner-sign").attr("aria-hidden", "true").child("!"),
                    p().child((strong().child(notice.message), " ", advice(notice.advice))),
                    icon_button(
                        icon::REMOVE,
                        || "Dismiss".to_owned(),
                        "dismiss-model-error",
                        move || {
                            library.update(|library| library.problem = None);
                        },
                    ),
                ))
        })
    }
}

/// On this page nothing is run, and things are brought.
fn advice(text: &'static str) -> &'static str {
    if text.contains("press Run") || text.contains("Press Run") {
        "What was loaded before is still there; try again, or bring another file."
    } else if text.contains("in the lane") {
        "It stays stored, and lanes are offered it on a base that it fits."
    } else {
        text
    }
}
