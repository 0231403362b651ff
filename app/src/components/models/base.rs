//! The base that the lanes run on, and the engine that runs it.

use leptos::{
    ev,
    html::{button, div, dl, h2, h3, p, section, span},
    prelude::*,
};
use protocol::ModelInfo;

use super::{constant, context, fact, hash, load_state};
use crate::{
    state::{Card, Desk, Training, format},
    worker_client::Runner,
};

pub(crate) fn base(desk: Desk, runner: Runner) -> impl IntoView {
    let state = move || desk.engine.with(|engine| engine.model.name());
    let is_own = Memo::new(move |_| desk.library.with(|library| library.chosen.base.is_some()));
    let name =
        move || desk.catalogue().map_or_else(|| "The base".to_owned(), |catalogue| catalogue.base.name);
    let loaded = Memo::new(move |_| desk.engine.with(|engine| engine.model.ready().cloned()));
    let facts = move || match (loaded.get(), is_own.get(), desk.card.get()) {
        (Some(model), ..) => model_facts(&model).into_any(),
        (None, false, Some(card)) => card_facts(&card).into_any(),
        (None, true, _) => p().class("sheet-words").child("Loads on Run.").into_any(),
        (None, false, None) => p().class("empty-state").child("The model card is not here yet.").into_any(),
    };
    let training =
        move || (!is_own.get()).then(|| desk.card.get().map(|card| training_facts(&card.base.training)));
    let own_context_length = Memo::new(move |_| match (loaded.get(), is_own.get()) {
        (Some(model), _) => Some(model.own_context_length),
        (None, false) => desk.card.get().map(|card| card.base.context_length),
        (None, true) => None,
    });
    let lane_memory = move || {
        loaded.get().map(|model| fact("Memory of a full lane", constant(format::bytes(model.cache_bytes))))
    };
    let sha256 = move || desk.catalogue().map(|catalogue| hash("SHA-256 of the file", catalogue.base.sha256));
    let back = move || {
        is_own.get().then(|| {
            button()
                .attr("type", "button")
                .class("link-button")
                .attr("data-testid", "default-model")
                .on(ev::click, move |_| runner.use_own_base())
                .child("Back to the default model")
        })
    };
    section().class("sheet").attr("aria-labelledby", "base-title").attr("data-testid", "base-card").child((
        div().class("sheet-head").child((
            div().child((
                span().class("eyebrow").child("The lanes run on"),
                h2().attr("id", "base-title").child(name),
            )),
            load_state(state),
        )),
        group("The model", facts),
        group(
            "In this browser",
            dl().class("facts").child((
                engine_facts(desk),
                context::choice(desk, runner, own_context_length),
                lane_memory,
            )),
        ),
        move || training().map(|facts| group("Its training", dl().class("facts").child(facts))),
        sha256,
        back,
    ))
}

/// Facts under a name of their own.
fn group(name: &'static str, facts: impl IntoView + 'static) -> impl IntoView {
    div().class("fact-group").child((h3().child(name), facts))
}

fn engine_facts(desk: Desk) -> impl IntoView {
    let info = move || desk.engine.with(|engine| engine.info.clone());
    let memory = move || {
        desk.engine.with(|engine| {
            let adapters: u64 =
                engine.adapters.values().filter_map(|adapter| Some(adapter.ready()?.memory_bytes)).sum();
            engine.model.ready().map(|model| format::bytes(model.memory_bytes + adapters))
        })
    };
    (
        fact("Engine", move || {
            info().map_or_else(|| "starts with Run".to_owned(), |info| info.kind.name().to_owned())
        }),
        fact("Threads", move || info().map_or_else(|| "–".to_owned(), |info| info.threads.to_string())),
        fact("Weights in memory", move || memory().unwrap_or_else(|| "–".to_owned())),
        fact("All memory in use", move || {
            desk.engine.with(|engine| engine.memory_bytes).map_or_else(|| "–".to_owned(), format::bytes)
        }),
    )
}

fn model_facts(model: &ModelInfo) -> impl IntoView + use<> {
    dl().class("facts").child((
        fact("Architecture", constant(model.architecture.clone())),
        fact("Parameters", constant(format::count(model.parameters))),
        fact("Quantisation", constant(model.quantisation.clone())),
        fact("Size", constant(format::bytes(model.size_bytes))),
        fact("Context", constant(context::in_use(model))),
        fact("Vocabulary", constant(format::grouped(model.vocabulary.into()))),
    ))
}

fn card_facts(card: &Card) -> impl IntoView + use<> {
    let file = card.default_file();
    dl().class("facts").child((
        fact("Parameters", constant(format::count(card.base.parameters))),
        fact("Quantisation", constant(file.quantisation.clone())),
        fact("Size", constant(format::bytes(file.size_bytes))),
        fact("Context", constant(context::tokens(card.base.context_length))),
    ))
}

pub(super) fn training_facts(training: &Training) -> impl IntoView + use<> {
    let facts = [
        ("Labelled examples", training.examples.map(format::grouped)),
        ("Steps", training.steps.map(format::grouped)),
        ("Tokens seen", training.tokens.map(format::count)),
        ("Training time", training.minutes.map(format::minutes)),
        ("Hardware", training.hardware.clone()),
        ("Final loss", training.final_loss.map(|loss| format!("{loss:.3}"))),
        ("Seed", training.seed.map(|seed| seed.to_string())),
    ];
    facts
        .into_iter()
        .filter_map(|(name, value)| value.map(|value| fact(name, constant(value))))
        .collect_view()
}
