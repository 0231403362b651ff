//! Run, stop, how far it is, and the settings that all lanes share.

use leptos::{
    ev,
    html::{button, details, div, input, label, progress, section, span, summary},
    prelude::*,
};
use protocol::{LoadProgress, LoadStage, Sampling};

use super::{
    field::{NumberField, number_field},
    icon::{self, icon},
};
use crate::{
    state::{Desk, EngineState, clamp_sampling, format, read_stop_texts, write_stop_texts},
    worker_client::Runner,
};

pub(crate) fn run_bar(desk: Desk, runner: Runner) -> impl IntoView {
    let is_busy = Memo::new(move |_| desk.is_busy());
    let run_words = move || if is_busy.get() { "Restart" } else { "Run all" };
    section().class("run-bar").attr("aria-label", "Run").child((
        div().class("run-buttons").child((
            button()
                .attr("type", "button")
                .class("run")
                .attr("data-testid", "run")
                .attr("title", "Ctrl + Enter in any field does the same")
                .on(ev::pointerenter, move |_| runner.warm_up())
                .on(ev::focus, move |_| runner.warm_up())
                .on(ev::click, move |_| runner.run(None))
                .child((icon(icon::PLAY), span().child(run_words))),
            button()
                .attr("type", "button")
                .class("stop")
                .attr("data-testid", "stop")
                .attr("disabled", move || !is_busy.get())
                .on(ev::click, move |_| runner.stop(None))
                .child((icon(icon::STOP), "Stop")),
        )),
        status(desk, is_busy),
        settings(desk),
    ))
}

/// One line that is always there, so that nothing moves when it has something to say.
fn status(desk: Desk, is_busy: Memo<bool>) -> impl IntoView {
    let progress_of =
        Memo::new(move |_| desk.engine.with(|engine| engine.progress().filter(|_| is_busy.get())));
    let words = move || match progress_of.get() {
        Some(progress) => progress_words(&progress),
        None if desk.engine.with(EngineState::is_loading) && is_busy.get() => {
            "Starting the engine".to_owned()
        }
        None if is_busy.get() && desk.asks_for_format() => "Waiting for a chat format".to_owned(),
        None if is_busy.get() => "Running".to_owned(),
        None => "Runs in your browser. Nothing leaves it.".to_owned(),
    };
    let bar = move || {
        progress_of.get().map(|at| {
            let total = at.total_bytes.unwrap_or_default().max(1);
            progress()
                .attr("aria-label", "Loading")
                .attr("max", "100")
                .attr("value", at.total_bytes.map(|_| (100 * at.done_bytes / total).min(100).to_string()))
        })
    };
    div()
        .class("run-status")
        .attr("data-testid", "progress")
        .attr("data-stage", move || progress_of.get().map(|at| stage_name(at.stage)))
        .child((span().child(words), div().class("run-progress").child(bar)))
}

fn stage_name(stage: LoadStage) -> &'static str {
    match stage {
        LoadStage::Downloading => "downloading",
        LoadStage::Reading => "reading",
        LoadStage::Preparing => "preparing",
    }
}

fn progress_words(at: &LoadProgress) -> String {
    let doing = match at.stage {
        LoadStage::Downloading => "Downloading",
        LoadStage::Reading => "Reading",
        LoadStage::Preparing => "Preparing",
    };
    match at.total_bytes {
        Some(total) => format!("{doing} {} of {}", format::bytes(at.done_bytes), format::bytes(total)),
        None => format!("{doing} {}", format::bytes(at.done_bytes)),
    }
}

fn settings(desk: Desk) -> impl IntoView {
    let sampling = desk.sampling;
    let number =
        move |label, hint, testid, range, step, get: fn(&Sampling) -> f64, set: fn(&mut Sampling, f64)| {
            number_field(NumberField {
                label,
                hint,
                testid,
                range,
                step,
                value: Signal::derive(move || sampling.with(get)),
                set: Callback::new(move |number| {
                    sampling.update(|sampling| {
                        set(sampling, number);
                        *sampling = clamp_sampling(std::mem::take(sampling));
                    });
                }),
            })
            .into_any()
        };
    div().class("settings").attr("role", "group").attr("aria-label", "Sampling, shared by all lanes").child((
        number(
            "Temperature",
            "0 always takes the most likely token; more spreads the choice",
            "temperature",
            (0.0, 2.0),
            "0.1",
            |sampling| rounded(sampling.temperature),
            |sampling, number| sampling.temperature = number as f32,
        ),
        number(
            "Max tokens",
            "The longest answer",
            "max-tokens",
            (1.0, 1024.0),
            "1",
            |sampling| f64::from(sampling.max_tokens),
            |sampling, number| sampling.max_tokens = number as u32,
        ),
        number(
            "Seed",
            "The same seed throws the same dice in every lane",
            "seed",
            (0.0, 9_007_199_254_740_991.0),
            "1",
            |sampling| sampling.seed as f64,
            |sampling, number| sampling.seed = number as u64,
        ),
        thinking_switch(desk),
        details().class("more").child((
            summary().child("More"),
            div().class("more-fields").child((
                number(
                    "Top k",
                    "Keep the k most likely tokens; 0 keeps all",
                    "top-k",
                    (0.0, 1000.0),
                    "1",
                    |sampling| f64::from(sampling.top_k),
                    |sampling, number| sampling.top_k = number as u32,
                ),
                number(
                    "Top p",
                    "Keep the most likely tokens that together reach this probability; 1 keeps all",
                    "top-p",
                    (0.01, 1.0),
                    "0.01",
                    |sampling| rounded(sampling.top_p),
                    |sampling, number| sampling.top_p = number as f32,
                ),
                number(
                    "Min p",
                    "Keep tokens at least this fraction as likely as the first; 0 keeps all",
                    "min-p",
                    (0.0, 1.0),
                    "0.01",
                    |sampling| rounded(sampling.min_p),
                    |sampling, number| sampling.min_p = number as f32,
                ),
                number(
                    "Repetition penalty",
                    "More than 1 makes tokens that occurred already less likely",
                    "repetition-penalty",
                    (0.5, 2.0),
                    "0.05",
                    |sampling| rounded(sampling.repetition_penalty),
                    |sampling, number| sampling.repetition_penalty = number as f32,
                ),
                stop_texts(sampling),
            )),
        )),
    ))
}

/// For models that can; and as long as it is on, so that it can be switched off.
fn thinking_switch(desk: Desk) -> impl IntoView {
    let thinking = Memo::new(move |_| desk.thinks_first());
    let is_there = Memo::new(move |_| thinking.get() || desk.own_template().is_some_and(|own| own.thinks()));
    move || {
        is_there.get().then(|| {
            label()
                .class("tick thinking-switch")
                .attr(
                    "title",
                    "What the model thinks is shown folded above its answer, and counts in max tokens",
                )
                .child((
                    input()
                        .attr("type", "checkbox")
                        .attr("data-testid", "thinking")
                        .prop("checked", move || thinking.get())
                        .on(ev::change, move |event| {
                            desk.chat_state.update(|chat| chat.thinking = event_target_checked(&event));
                        }),
                    span().child("Let the model think first"),
                ))
        })
    }
}

/// A single-precision setting without the digits that it does not have.
fn rounded(value: f32) -> f64 {
    (f64::from(value) * 1e4).round() / 1e4
}

fn stop_texts(sampling: RwSignal<Sampling>) -> impl IntoView {
    label()
        .class("field field-wide")
        .attr(
            "title",
            "The answer ends before one of these; separate them by commas. \\n is a new line, \\, a comma, \\\\ a backslash",
        )
        .child((
            span().class("field-label").child("Stop texts"),
            input()
                .attr("type", "text")
                .attr("data-testid", "stop-texts")
                .attr("placeholder", "none")
                .prop("value", move || sampling.with(|sampling| write_stop_texts(&sampling.stop)))
                .on(ev::change, move |event| {
                    let texts = event_target_value(&event);
                    sampling.update(|sampling| {
                        sampling.stop = read_stop_texts(&texts);
                        *sampling = clamp_sampling(std::mem::take(sampling));
                    });
                }),
        ))
}
