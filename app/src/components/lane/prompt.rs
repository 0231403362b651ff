//! How a lane asks: system text, template and worked examples. Folded to two lines until somebody
//! touches it, and then open until somebody folds it, so that nothing moves away under the pointer.

use comparison::{Example, INPUT_PLACEHOLDER, Lane};
use leptos::{
    ev,
    html::{button, div, fieldset, label, legend, p, span, textarea},
    prelude::*,
};

use crate::{
    components::{
        field::{icon_button, text_in},
        icon::{self, icon},
    },
    platform,
    state::{LaneSlot, MAX_EXAMPLES, MAX_TEXT, corner_of, format},
};

pub(super) fn prompt(slot: LaneSlot) -> impl IntoView {
    let lane = slot.lane;
    let is_open = RwSignal::new(false);
    let fold_words = move || if is_open.get() { "Fold" } else { "Edit prompt" };
    div()
        .class("lane-prompt")
        .attr("data-open", move || is_open.get().to_string())
        .on(ev::focusin, move |event| {
            // The fold button is inside too; only the fields open it. What is open is left alone: it would be drawn
            // anew, and the field that was just touched would lose the focus.
            if platform::is_text_area(&event) && !is_open.get_untracked() {
                is_open.set(true);
            }
        })
        .child((
            div().class("prompt-head").child((
                span().class("field-label").child(move || summary_of(&lane.read())),
                button()
                    .attr("type", "button")
                    .class("link-button")
                    .attr("aria-expanded", move || is_open.get().to_string())
                    .on(ev::click, move |_| is_open.update(|open| *open = !*open))
                    .child(fold_words),
            )),
            text_field(
                "System text",
                "lane-system",
                "no system text",
                Signal::derive(move || lane.with(|lane| lane.prompt.system.clone())),
                Callback::new(move |text| edit(lane, |lane| lane.prompt.system = text)),
            ),
            text_field(
                "User template",
                "lane-template",
                INPUT_PLACEHOLDER,
                Signal::derive(move || lane.with(|lane| lane.prompt.template.clone())),
                Callback::new(move |text| edit(lane, |lane| lane.prompt.template = text)),
            ),
            warning(lane),
            examples(slot, is_open),
        ))
}

fn edit(lane: RwSignal<Lane>, change: impl FnOnce(&mut Lane)) {
    lane.update(|lane| {
        change(lane);
        lane.corner = corner_of(lane);
    });
}

fn summary_of(lane: &Lane) -> String {
    match lane.prompt.examples.len() {
        0 => "Prompt".to_owned(),
        1 => "Prompt, 1 example".to_owned(),
        count => format!("Prompt, {count} examples"),
    }
}

fn text_field(
    words: &'static str,
    testid: &'static str,
    placeholder: &'static str,
    text: Signal<String>,
    set: Callback<String>,
) -> impl IntoView {
    let text = Memo::new(move |_| text.get());
    let length = move || match text.with(|text| text.chars().count()) {
        0 => String::new(),
        count => format!("{} characters", format::grouped(count as u64)),
    };
    label().class("prompt-field").child((
        span().class("prompt-label").child((words, span().attr("aria-hidden", "true").child(length))),
        textarea()
            .attr("data-testid", testid)
            .attr("rows", "2")
            .attr("spellcheck", "false")
            .attr("placeholder", placeholder)
            .attr("maxlength", MAX_TEXT.to_string())
            .prop("value", move || text.get())
            .on(ev::input, move |event| set.run(text_in(&event))),
    ))
}

fn warning(lane: RwSignal<Lane>) -> impl IntoView {
    let is_missing = Memo::new(move |_| lane.with(|lane| !lane.prompt.takes_input()));
    move || {
        is_missing.get().then(|| {
            p().class("prompt-warning")
                .attr("data-testid", "lane-warning")
                .child(format!("The template has no {INPUT_PLACEHOLDER}: this lane never sees the input."))
        })
    }
}

/// The worked examples; shown while the prompt is open.
fn examples(slot: LaneSlot, is_open: RwSignal<bool>) -> impl IntoView {
    let lane = slot.lane;
    let count = Memo::new(move |_| lane.with(|lane| lane.prompt.examples.len()));
    let list = move || (0..count.get()).map(|at| example(slot, at)).collect_view();
    let editor = move || {
        div().class("examples").child((
            list,
            button()
                .attr("type", "button")
                .class("link-button")
                .attr("data-testid", "add-example")
                .attr("disabled", move || count.get() >= MAX_EXAMPLES)
                .on(ev::click, move |_| edit(lane, |lane| lane.prompt.examples.push(Example::default())))
                .child((icon(icon::ADD), "Worked example")),
        ))
    };
    move || is_open.get().then(editor)
}

fn example(slot: LaneSlot, at: usize) -> impl IntoView {
    let LaneSlot { id, lane, .. } = slot;
    let part = move |get: fn(&Example) -> &String| {
        Signal::derive(move || {
            lane.with(|lane| lane.prompt.examples.get(at).map(get).cloned().unwrap_or_default())
        })
    };
    let change = move |set: fn(&mut Example, String)| {
        Callback::new(move |text| {
            edit(lane, |lane| {
                if let Some(example) = lane.prompt.examples.get_mut(at) {
                    set(example, text);
                }
            });
        })
    };
    let remove = move || {
        edit(lane, |lane| {
            if at < lane.prompt.examples.len() {
                lane.prompt.examples.remove(at);
            }
        });
        platform::focus(format!("[data-lane-id=\"{id}\"] [data-testid=add-example]"));
    };
    fieldset().class("example").child((
        legend().child((
            span().child(format!("Example {}", at + 1)),
            icon_button(icon::REMOVE, move || format!("Remove example {}", at + 1), "remove-example", remove),
        )),
        text_field(
            "Input",
            "example-in",
            "a ticket",
            part(|it| &it.input),
            change(|it, text| it.input = text),
        ),
        text_field(
            "Answer",
            "example-out",
            "its right answer",
            part(|it| &it.output),
            change(|it, text| it.output = text),
        ),
    ))
}
