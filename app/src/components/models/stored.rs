//! What is stored in this browser: size, last use, what to do with it, and the room that is left.

use leptos::{
    ev,
    html::{button, div, h2, li, p, progress, section, span, strong, ul},
    prelude::*,
};
use protocol::{ItemKind, Shelf, StoredItem};

use crate::{
    components::{field::icon_button, icon},
    platform,
    state::{Desk, format},
    worker_client::Runner,
};

pub(crate) fn stored(desk: Desk, runner: Runner) -> impl IntoView {
    let shelf = Memo::new(move |_| desk.library.with(|library| library.shelf.clone()));
    let content = move || match shelf.get() {
        None => p().class("soft").child("Looking at what is stored").into_any(),
        Some(shelf) => shelf_view(desk, runner, shelf).into_any(),
    };
    section()
        .class("sheet stored")
        .attr("aria-labelledby", "stored-title")
        .attr("data-testid", "stored")
        .child((h2().attr("id", "stored-title").child("Stored in this browser"), content))
}

fn shelf_view(desk: Desk, runner: Runner, shelf: Shelf) -> impl IntoView {
    let room = room(&shelf);
    let memory_only = shelf.memory_only.map(|why| {
        p().class("remark").attr("data-testid", "memory-only").child(format!(
            "Nothing can be stored here ({why}). What you bring runs from memory, and lasts until this page closes."
        ))
    });
    let unfinished = (shelf.unfinished_bytes > 0).then(|| {
        li().class("stored-row").child((
            span().class("stored-name").child("Unfinished downloads"),
            span().class("soft").child("go on where they stopped when you ask for the file again"),
            span().class("stored-size").child(format::bytes(shelf.unfinished_bytes)),
            icon_button(
                icon::REMOVE,
                || "Delete unfinished downloads".to_owned(),
                "delete-unfinished",
                move || runner.delete_unfinished(),
            ),
        ))
    });
    let is_empty = shelf.items.is_empty() && unfinished.is_none();
    let rows = shelf.items.into_iter().map(|item| row(desk, runner, item)).collect_view();
    (
        memory_only,
        is_empty.then(|| {
            p().class("empty-state")
                .child("Nothing yet. What you bring is kept here, and runs again without a network.")
        }),
        (!is_empty).then(|| ul().child((rows, unfinished))),
        room,
    )
}

fn row(desk: Desk, runner: Runner, item: StoredItem) -> impl IntoView {
    let id = item.id.clone();
    let is_chosen = Memo::new(move |_| {
        desk.library.with(|library| {
            let chosen = library.chosen.base.iter().chain(&library.chosen.adapters);
            chosen.into_iter().any(|chosen| chosen.id == id)
        })
    });
    let kind = match item.kind {
        ItemKind::Model => "model",
        ItemKind::Adapter => "adapter",
    };
    let lasts = if item.in_memory { ", in memory until this page closes" } else { "" };
    let licence = item.licence.as_ref().map(|licence| format!(", licence {licence}")).unwrap_or_default();
    let used = format::ago(platform::now_ms() - item.used_ms);
    let name = item.name.clone();
    let (size, delete_id, own_name) = (item.size_bytes(), item.id.clone(), item.name.clone());
    let use_words = move || if is_chosen.get() { "In use" } else { "Use" };
    li().class("stored-row")
        .attr("data-testid", "stored-item")
        .attr("data-kind", kind)
        .attr("data-sha256", item.id.clone())
        .child((
            strong().class("stored-name").child(item.name.clone()),
            span().class("soft").child(format!("{kind}{licence}, used {used}{lasts}")),
            span().class("stored-size").child(format::bytes(size)),
            div().class("stored-tools").child((
                button()
                    .attr("type", "button")
                    .class("secondary")
                    .attr("data-testid", "use-item")
                    .attr("aria-label", move || format!("{} {own_name}", use_words()))
                    .attr("disabled", move || is_chosen.get())
                    .on(ev::click, move |_| runner.use_item(item.clone()))
                    .child(use_words),
                icon_button(
                    icon::REMOVE,
                    move || format!("Delete {name}"),
                    "delete-item",
                    move || runner.delete_item(&delete_id),
                ),
            )),
        ))
}

fn room(shelf: &Shelf) -> impl IntoView + use<> {
    let (used, quota) = (shelf.used_bytes?, shelf.quota_bytes.filter(|quota| *quota > 0)?);
    Some(
        div().class("room").child((
            progress()
                .attr("aria-label", "Room used")
                .attr("max", "1000")
                .attr("value", (1000 * used / quota).min(1000).to_string()),
            p().class("soft").child(format!(
                "{} of {} that this browser gives",
                format::bytes(used),
                format::bytes(quota)
            )),
        )),
    )
}
