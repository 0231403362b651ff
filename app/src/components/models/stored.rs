//! What is stored in this browser: size, last use, what to do with it, and the room that is left.

use leptos::{
    ev,
    html::{button, div, h2, li, p, progress, section, span, strong, ul},
    prelude::*,
};
use protocol::{ItemKind, Shelf, StoredItem};

use super::memory;
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

/// How an item stands to the lanes.
#[derive(Clone, PartialEq)]
enum Standing {
    /// It could be used.
    Idle,
    /// Lanes run on it, or can choose it.
    InUse,
    /// It was tried, and does not run; of an adapter, on the present base.
    Refused(String),
    /// It is deleted as soon as nothing else is being written.
    Leaving,
}

impl Standing {
    fn of(desk: Desk, item: &StoredItem) -> Self {
        let base = desk.catalogue().map(|catalogue| catalogue.base.sha256).unwrap_or_default();
        desk.library.with(|library| {
            if library.is_leaving(&item.id) {
                Self::Leaving
            } else if library.chosen.is_in_use(item, &base) {
                Self::InUse
            } else if let Some(why) = library.chosen.refusal(&item.id, &base) {
                Self::Refused(why.to_owned())
            } else {
                Self::Idle
            }
        })
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::InUse => "in-use",
            Self::Refused(_) => "refused",
            Self::Leaving => "leaving",
        }
    }

    fn button(&self, kind: ItemKind) -> &'static str {
        match (self, kind) {
            (Self::InUse, _) => "In use",
            (Self::Refused(_), _) => "Try again",
            (Self::Leaving, _) => "Going",
            (Self::Idle, ItemKind::Model) => "Use",
            (Self::Idle, ItemKind::Adapter) => "Try on this base",
        }
    }

    fn remark(&self, kind: ItemKind) -> Option<String> {
        match (self, kind) {
            (Self::Refused(why), ItemKind::Model) => Some(format!("Does not run here: {why}")),
            (Self::Refused(why), ItemKind::Adapter) => Some(format!("Does not run on this base: {why}")),
            (Self::Leaving, _) => Some("Will be deleted when the download on its way has ended.".to_owned()),
            (Self::Idle | Self::InUse, _) => None,
        }
    }
}

fn row(desk: Desk, runner: Runner, item: StoredItem) -> impl IntoView {
    let standing = {
        let item = item.clone();
        Memo::new(move |_| Standing::of(desk, &item))
    };
    let (item_kind, size, id) = (item.kind, item.size_bytes(), item.id.clone());
    let kind = match item_kind {
        ItemKind::Model => "model",
        ItemKind::Adapter => "adapter",
    };
    let about = {
        let item = item.clone();
        move || about(&item, kind, desk.context_length())
    };
    let name = item.name.clone();
    let use_words = move || format!("{} {name}", standing.get().button(item_kind));
    let delete_words = format!("Delete {}", item.name);
    let remark = move || {
        let standing = standing.get();
        let is_wrong = matches!(standing, Standing::Refused(_));
        let class = if is_wrong { "remark remark-wrong stored-remark" } else { "remark stored-remark" };
        standing.remark(item_kind).map(|why| p().class(class).attr("data-testid", "stored-remark").child(why))
    };
    li().class("stored-row")
        .attr("data-testid", "stored-item")
        .attr("data-kind", kind)
        .attr("data-state", move || standing.get().name())
        .attr("data-sha256", item.id.clone())
        .child((
            strong().class("stored-name").child(item.name.clone()),
            span().class("soft").child(about),
            span().class("stored-size").child(format::bytes(size)),
            div().class("stored-tools").child((
                button()
                    .attr("type", "button")
                    .class("secondary")
                    .attr("data-testid", "use-item")
                    .attr("aria-label", use_words)
                    .attr("disabled", move || matches!(standing.get(), Standing::InUse | Standing::Leaving))
                    .on(ev::click, move |_| runner.use_item(item.clone()))
                    .child(move || standing.get().button(item_kind)),
                icon_button(
                    icon::REMOVE,
                    move || delete_words.clone(),
                    "delete-item",
                    move || runner.delete_item(&id),
                ),
            )),
            remark,
        ))
}

/// What an item is, in a line.
fn about(item: &StoredItem, kind: &str, context_length: u32) -> String {
    let needs =
        item.facts.as_ref().map(|facts| format!(", {}", memory(facts, context_length))).unwrap_or_default();
    let licence = item.licence.as_ref().map(|licence| format!(", licence {licence}")).unwrap_or_default();
    let used = format::ago(platform::now_ms() - item.used_ms);
    let lasts = if item.in_memory { ", in memory until this page closes" } else { "" };
    format!("{kind}{needs}{licence}, used {used}{lasts}")
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
