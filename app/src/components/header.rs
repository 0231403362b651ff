//! The bar above everything: where one is, what the engine is doing, and what concerns the whole page.

use leptos::{
    ev,
    html::{button, div, header, nav, p, span},
    prelude::*,
};

use super::icon::{self, icon};
use crate::{
    pages::Page,
    platform,
    state::{Desk, EngineState, format},
};

const THEME_KEY: &str = "theme";

/// What the header does besides showing.
#[derive(Clone, Copy)]
pub(crate) struct HeaderActions {
    pub(crate) share_is_open: RwSignal<bool>,
    pub(crate) reset: Callback<()>,
}

pub(crate) fn page_header(desk: Desk, page: RwSignal<Page>, actions: HeaderActions) -> impl IntoView {
    let HeaderActions { share_is_open, reset } = actions;
    header().class("top").child((
        div().class("brand").child((mark(), p().class("brand-name").child("Prompt or fine-tune?"))),
        nav().class("tabs").attr("aria-label", "Pages").child((
            tab("Compare", "open-compare", Page::Compare, page),
            tab("Models", "open-models", Page::Models, page),
        )),
        model_status(desk),
        div().class("top-tools").child((
            button()
                .attr("type", "button")
                .class("quiet")
                .attr("data-testid", "reset")
                .attr("title", "Back to the scenario as it opens; you can undo this")
                .on(ev::click, move |_| reset.run(()))
                .child((icon(icon::RESET), span().class("word").child("Reset"))),
            button()
                .attr("type", "button")
                .class("quiet")
                .attr("data-testid", "share")
                .attr("aria-expanded", move || share_is_open.get().to_string())
                .attr("title", "A link to this comparison")
                .on(ev::click, move |_| share_is_open.update(|open| *open = !*open))
                .child((icon(icon::SHARE), span().class("word").child("Share"))),
            theme_button(),
        )),
    ))
}

/// The two-by-two of prompting and tuning, as the product's sign.
fn mark() -> impl IntoView {
    let cell = |corner: &'static str| span().class("mark-cell").attr("data-corner", corner);
    span().class("mark").attr("aria-hidden", "true").child((
        cell("naive"),
        cell("prompt"),
        cell("tuning"),
        cell("both"),
    ))
}

fn tab(words: &'static str, testid: &'static str, to: Page, page: RwSignal<Page>) -> impl IntoView {
    button()
        .attr("type", "button")
        .class("tab")
        .attr("data-testid", testid)
        .attr("aria-current", move || (page.get() == to).then_some("page"))
        .on(ev::click, move |_| page.set(to))
        .child(words)
}

fn model_status(desk: Desk) -> impl IntoView {
    let engine = desk.engine;
    let info = Memo::new(move |_| engine.with(|engine| engine.info.clone()));
    let state = Memo::new(move |_| engine.with(|engine| engine.model.name()));
    let words = Memo::new(move |_| engine.with(|engine| status_words(engine, desk)));
    p().class("model-status")
        .attr("data-testid", "model-status")
        .attr("data-state", move || state.get())
        .attr("data-engine", move || info.get().map(|info| info.kind.name()))
        .attr("data-threads", move || info.get().map(|info| info.threads.to_string()))
        .child((span().class("lamp").attr("aria-hidden", "true"), span().child(move || words.get())))
}

fn status_words(engine: &EngineState, desk: Desk) -> String {
    let base = desk.catalogue().map(|catalogue| catalogue.base);
    let name = base.as_ref().map_or("Model", |base| &base.name);
    let model = base
        .as_ref()
        .map_or_else(|| name.to_owned(), |base| format!("{name}, {}", format::bytes(base.size_bytes)));
    match (engine.model.name(), &engine.info) {
        ("ready", Some(info)) => {
            let threads =
                if info.threads == 1 { "1 thread".to_owned() } else { format!("{} threads", info.threads) };
            format!("{name} on {}, {threads}", info.kind.name())
        }
        ("loading", _) => format!("Loading {model}"),
        ("failed", _) => "The model did not load".to_owned(),
        _ => format!("{model}, loads on Run"),
    }
}

/// From what the system says to light, to dark, and round again.
fn theme_button() -> impl IntoView {
    let known = platform::read_stored(THEME_KEY).filter(|theme| theme == "light" || theme == "dark");
    let theme = RwSignal::new(known.unwrap_or_else(|| "system".to_owned()));
    let name = move || format!("Theme: {}", theme.get());
    button()
        .attr("type", "button")
        .class("icon-button")
        .attr("data-testid", "theme")
        .attr("aria-label", name)
        .attr("title", name)
        .on(ev::click, move |_| {
            let next = match theme.get_untracked().as_str() {
                "system" => "light",
                "light" => "dark",
                _ => "system",
            };
            theme.set(next.to_owned());
            platform::store(THEME_KEY, next);
            platform::apply_theme(Some(next).filter(|theme| *theme != "system"));
        })
        .child(icon(icon::THEME))
}
