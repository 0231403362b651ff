//! The adapters that lie beside the page, and what it took to make them.

use leptos::{
    html::{article, div, dl, h2, h3, p, section},
    prelude::*,
};

use super::{base::training_facts, constant, fact, hash, load_state};
use crate::state::{AdapterCard, Desk, format};

pub(crate) fn own_adapters(desk: Desk) -> impl IntoView {
    let cards = move || {
        desk.card.with(|card| {
            card.iter()
                .flat_map(|card| &card.adapters)
                .map(|adapter| adapter_card(desk, adapter))
                .collect_view()
        })
    };
    section().class("adapters").attr("aria-labelledby", "adapters-title").child((
        h2().attr("id", "adapters-title").child("Adapters of the default model"),
        div().class("adapter-cards").child(cards),
    ))
}

fn adapter_card(desk: Desk, adapter: &AdapterCard) -> impl IntoView + use<> {
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
