//! Models: what is loaded, what could be, and what it took to make.

use leptos::{
    html::{article, code, dd, div, dl, dt, h1, h2, h3, p, section},
    prelude::*,
};

use crate::state::{AdapterCard, Card, Desk, Training, format};

pub(crate) fn models_page(desk: Desk) -> impl IntoView {
    let content = move || match desk.card.get() {
        Some(card) => (engine(desk), base(desk, &card), adapters(desk, &card)).into_any(),
        None => p().class("empty-state").child("The model card is not here yet.").into_any(),
    };
    div().class("page models").child((
        h1().child("Models"),
        p().class("lesson").child(
            "One base model, loaded once however many lanes run, and small adapters that are applied on top of it \
             while it runs. The hashes are those that every lane proves.",
        ),
        content,
    ))
}

fn engine(desk: Desk) -> impl IntoView {
    let info = move || desk.engine.with(|engine| engine.info.clone());
    let memory = move || {
        desk.engine.with(|engine| {
            let adapters: u64 =
                engine.adapters.values().filter_map(|adapter| Some(adapter.ready()?.memory_bytes)).sum();
            engine.model.ready().map(|model| format::bytes(model.memory_bytes + adapters))
        })
    };
    let not_yet = || "starts with Run".to_owned();
    section().class("sheet").attr("aria-labelledby", "engine-title").child((
        h2().attr("id", "engine-title").child("Engine"),
        dl().class("facts").child((
            fact("Engine", move || info().map_or_else(not_yet, |info| info.kind.name().to_owned())),
            fact("Threads", move || info().map_or_else(|| "–".to_owned(), |info| info.threads.to_string())),
            fact("Weights in memory", move || memory().unwrap_or_else(|| "–".to_owned())),
            fact("Build", move || info().map_or_else(|| "–".to_owned(), |info| info.build)),
        )),
    ))
}

fn base(desk: Desk, card: &Card) -> impl IntoView {
    let file = card.default_file().clone();
    let state = move || desk.engine.with(|engine| engine.model.name());
    let training = training_facts(&card.base.training);
    section().class("sheet").attr("aria-labelledby", "base-title").attr("data-testid", "base-card").child((
        div()
            .class("sheet-head")
            .child((h2().attr("id", "base-title").child(card.base.name.clone()), load_state(state))),
        dl().class("facts").child((
            fact("Parameters", constant(format::count(card.base.parameters))),
            fact("Quantisation", constant(file.quantisation.clone())),
            fact("Size", constant(format::bytes(file.size_bytes))),
            fact("Context", constant(format!("{} tokens", format::grouped(card.base.context_length.into())))),
            training,
        )),
        hash("SHA-256 of the file", file.sha256),
    ))
}

fn adapters(desk: Desk, card: &Card) -> impl IntoView {
    let cards = card.adapters.iter().map(|adapter| adapter_card(desk, adapter)).collect_view();
    section().class("adapters").attr("aria-labelledby", "adapters-title").child((
        h2().attr("id", "adapters-title").child("Adapters"),
        div().class("adapter-cards").child(cards),
    ))
}

fn adapter_card(desk: Desk, adapter: &AdapterCard) -> impl IntoView {
    let id = adapter.id.clone();
    let state =
        move || desk.engine.with(|engine| engine.adapters.get(&id).map_or("idle", |adapter| adapter.name()));
    article()
        .class("sheet adapter-card")
        .attr("data-testid", "adapter-card")
        .attr("aria-label", adapter.name.clone())
        .child((
            div().class("sheet-head").child((h3().child(adapter.name.clone()), load_state(state))),
            p().class("sheet-words").child(adapter.description.clone()),
            dl().class("facts").child((
                training_facts(&adapter.training),
                fact("Rank, alpha", constant(format!("{}, {}", adapter.rank, adapter.alpha))),
                fact("Size", constant(format::bytes(adapter.size_bytes))),
            )),
            hash("SHA-256 of the weights", adapter.weights_sha256.clone()),
        ))
}

fn load_state(state: impl Fn() -> &'static str + Send + Sync + Clone + 'static) -> impl IntoView {
    let words = {
        let state = state.clone();
        move || match state() {
            "ready" => "in memory",
            "loading" => "loading",
            "failed" => "did not load",
            _ => "not loaded",
        }
    };
    p().class("load-state").attr("data-state", state).child(words)
}

fn training_facts(training: &Training) -> impl IntoView + use<> {
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

fn fact(name: &'static str, value: impl Fn() -> String + Send + 'static) -> AnyView {
    div().child((dt().child(name), dd().child(value))).into_any()
}

fn constant(value: String) -> impl Fn() -> String + Send + 'static {
    move || value.clone()
}

fn hash(name: &'static str, hash: String) -> impl IntoView {
    p().class("hash").child((name, " ", code().child(hash)))
}
