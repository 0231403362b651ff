//! The scenario: what it teaches, the input, and the answer that is expected.

use leptos::{
    ev,
    html::{button, dd, div, dl, dt, h1, label, p, section, span, textarea},
    prelude::*,
};
use serde_json::Value;

use super::field::text_in;
use crate::state::{Desk, MAX_TEXT};

pub(crate) fn scenario(desk: Desk) -> impl IntoView {
    let scenario = desk.scenario;
    section()
        .class("scenario")
        .attr("data-testid", "scenario")
        .attr("aria-labelledby", "scenario-title")
        .child((
            div().class("scenario-words").child((
                h1().attr("id", "scenario-title").child(scenario.title.as_str()),
                p().class("lesson").child(scenario.lesson.as_str()),
            )),
            div().class("ticket").child((picker(desk), input_field(desk), expected(desk))),
        ))
}

fn picker(desk: Desk) -> impl IntoView {
    let choice = move |at: usize| {
        let known = &desk.scenario.inputs[at];
        let is_chosen = move || desk.input.with(|input| *input == known.input);
        button()
            .attr("type", "button")
            .class("chip")
            .attr("data-testid", "example-input")
            .attr("aria-pressed", move || is_chosen().to_string())
            .on(ev::click, move |_| desk.input.set(known.input.clone()))
            .child(known.title.as_str())
    };
    let choices = (0..desk.scenario.inputs.len()).map(choice).collect_view();
    div().class("picker").attr("role", "group").attr("aria-label", "Example inputs").child(choices)
}

fn input_field(desk: Desk) -> impl IntoView {
    label().class("input-field").child((
        span().class("field-label").child("Input, the same for every lane: pick one or write your own"),
        textarea()
            .attr("data-testid", "input")
            .attr("rows", "3")
            .attr("spellcheck", "false")
            .attr("maxlength", MAX_TEXT.to_string())
            .prop("value", move || desk.input.get())
            .on(ev::input, move |event| desk.input.set(text_in(&event))),
    ))
}

/// The fields of the right answer, where the scenario knows it.
fn expected(desk: Desk) -> impl IntoView {
    let fields = Memo::new(move |_| desk.expected().map(fields));
    let answer = move || match fields.get() {
        Some(fields) => {
            let pair = |(name, value): (String, String)| div().child((dt().child(name), dd().child(value)));
            dl().class("expected-fields").child(fields.into_iter().map(pair).collect_view()).into_any()
        }
        None => p()
            .class("expected-none")
            .child("Unknown for your own text; judge the answers yourself.")
            .into_any(),
    };
    div().class("expected").child((span().class("field-label").child("Right answer"), answer))
}

fn fields(expected: &'static str) -> Vec<(String, String)> {
    match serde_json::from_str(expected) {
        Ok(Value::Object(fields)) => fields
            .into_iter()
            .map(|(name, value)| (name, value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
            .collect(),
        _ => vec![("answer".to_owned(), expected.to_owned())],
    }
}
