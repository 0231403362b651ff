//! Fields and buttons that occur in several places.

use leptos::{
    ev,
    html::{button, input, label, span},
    prelude::*,
};

use super::icon::icon;
use crate::{
    platform,
    state::{MAX_TEXT, cut},
};

/// A number with its label.
pub(crate) struct NumberField {
    pub(crate) label: &'static str,
    pub(crate) hint: &'static str,
    pub(crate) testid: &'static str,
    pub(crate) range: (f64, f64),
    pub(crate) step: &'static str,
    pub(crate) value: Signal<f64>,
    pub(crate) set: Callback<f64>,
}

/// Takes numbers in range while they are typed, and brings the others into range at the end.
pub(crate) fn number_field(field: NumberField) -> impl IntoView {
    let NumberField { label: words, hint, testid, range: (low, high), step, value, set } = field;
    let shown = Memo::new(move |_| value.get());
    label().class("field").attr("title", hint).child((
        span().class("field-label").child(words),
        input()
            .attr("type", "number")
            .attr("inputmode", "decimal")
            .attr("data-testid", testid)
            .attr("min", low.to_string())
            .attr("max", high.to_string())
            .attr("step", step)
            .attr("placeholder", move || shown.get().to_string())
            .prop("value", move || shown.get().to_string())
            .on(ev::input, move |event| {
                if let Some(number) =
                    platform::number_in(&event).filter(|number| (low..=high).contains(number))
                {
                    set.run(number);
                }
            })
            .on(ev::change, move |event| {
                // An empty field shows what holds as its placeholder.
                if let Some(number) = platform::number_in(&event) {
                    set.run(number.clamp(low, high));
                    platform::rewrite_field(&event, &value.get_untracked().to_string());
                }
            }),
    ))
}

/// What stands in the text area that an event comes from, as far as a comparison takes it.
pub(crate) fn text_in(event: &ev::Event) -> String {
    let mut text = event_target_value(event);
    cut(&mut text, MAX_TEXT);
    text
}

/// A small button that shows an icon and says its name to those who hover or listen.
pub(crate) fn icon_button(
    strokes: &'static str,
    name: impl Fn() -> String + Send + Sync + Clone + 'static,
    testid: &'static str,
    press: impl FnMut() + 'static,
) -> impl IntoView {
    let mut press = press;
    button()
        .attr("type", "button")
        .class("icon-button")
        .attr("data-testid", testid)
        .attr("aria-label", name.clone())
        .attr("title", name)
        .on(ev::click, move |_| press())
        .child(icon(strokes))
}
