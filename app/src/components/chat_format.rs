//! Which chat format a model is asked in, where it has no template of its own that works, or where somebody wants
//! another.

use leptos::{
    ev,
    html::{button, code, div, h2, p, section, strong},
    prelude::*,
};
use protocol::{ChatFormat, OwnTemplate};

use crate::{state::Desk, worker_client::Runner};

/// What people call a format, and the beginning of what it writes.
fn words(format: ChatFormat) -> (&'static str, &'static str) {
    match format {
        ChatFormat::Chatml => ("ChatML", "<|im_start|>user ⏎ … <|im_end|>"),
        ChatFormat::Llama3 => ("Llama 3", "<|start_header_id|>user<|end_header_id|> ⏎ … <|eot_id|>"),
        ChatFormat::Gemma => ("Gemma", "<start_of_turn>user ⏎ … <end_of_turn>"),
        ChatFormat::Plain => ("Plain", "User: ⏎ … ⏎ Assistant:"),
    }
}

/// Near Run: asks, as long as the lanes cannot run without an answer.
pub(crate) fn format_ask(desk: Desk, runner: Runner) -> impl IntoView {
    let asks = Memo::new(move |_| desk.asks_for_format());
    move || {
        asks.get().then(|| {
            section()
                .class("format-ask")
                .attr("data-testid", "format-ask")
                .attr("aria-labelledby", "ask-title")
                .child((
                    h2().attr("id", "ask-title").child("How should this model be asked?"),
                    p().class("format-words").child(move || why(desk.own_template().as_ref())),
                    choices(desk, runner),
                ))
        })
    }
}

/// On the page of models: what is chosen, once it is known what the model has itself.
pub(crate) fn format_sheet(desk: Desk, runner: Runner) -> impl IntoView {
    let own = Memo::new(move |_| desk.own_template());
    move || {
        own.get().map(|own| {
            section()
                .class("sheet")
                .attr("data-testid", "format-sheet")
                .attr("data-asks", move || desk.asks_for_format().to_string())
                .attr("aria-labelledby", "format-title")
                .child((
                    div().class("sheet-head").child(h2().attr("id", "format-title").child("Chat format")),
                    p().class("format-words").child(why(Some(&own))),
                    choices(desk, runner),
                ))
        })
    }
}

/// What the model has itself, and what follows.
fn why(own: Option<&OwnTemplate>) -> String {
    const CHOOSE: &str = "Choose the format that it was trained with; its page usually names it. A model that never \
                          had a conversation does best with Plain.";
    match own {
        None | Some(OwnTemplate::Missing) => format!("Its file has no chat template. {CHOOSE}"),
        Some(OwnTemplate::Broken { reason }) => {
            format!("Its own chat template does not work: {reason}. {CHOOSE}")
        }
        Some(OwnTemplate::Works { thinks, reads_date }) => {
            let thinks = if *thinks { " It can let the model think before it answers." } else { "" };
            let date = if *reads_date {
                " It asks for the date, and is told 1 January 2025 on every day, so that the same link gives the same tokens."
            } else {
                ""
            };
            format!(
                "Its file has a chat template that works.{thinks}{date} Another format can be tried in its place."
            )
        }
    }
}

fn choices(desk: Desk, runner: Runner) -> impl IntoView {
    let chosen = Memo::new(move |_| desk.chat_format());
    let has_own = Memo::new(move |_| desk.own_template().is_some_and(|own| !own.needs_format()));
    let choice = move |format: Option<ChatFormat>| {
        let (name, sample) = format.map_or(("Its own", "as the file says"), words);
        button()
            .attr("type", "button")
            .class("format-choice")
            .attr("data-testid", format!("format-{}", format.map_or("own", ChatFormat::name)))
            .attr("aria-pressed", move || (chosen.get() == format).to_string())
            .on(ev::click, move |_| runner.choose_format(format))
            .child((strong().child(name), code().child(sample)))
    };
    div().class("formats").attr("role", "group").attr("aria-label", "Chat formats").child((
        move || has_own.get().then(|| choice(None)),
        ChatFormat::ALL.into_iter().map(|format| choice(Some(format))).collect_view(),
    ))
}
