//! What the comparison of a link was made with and is not in use here: models and adapters that are not the page's own.
//! Nothing of them is fetched before the person has seen host, size and licence, and has said so.

use leptos::{
    ev,
    html::{button, code, dl, h2, h3, li, p, section, ul},
    prelude::*,
};
use protocol::{ItemKind, StoredItem};

use super::models::{coming::row as coming_row, constant, fact, problem::problem};
use crate::{
    state::{Desk, Library, Outside, format},
    worker_client::{Runner, hub},
};

/// How somebody comes by an item.
#[derive(Clone, PartialEq)]
enum Way {
    /// It is stored here.
    Stored(Box<StoredItem>),
    /// It is on its way.
    Coming(protocol::DownloadId),
    /// It can be fetched from these hosts.
    Fetch(Vec<String>),
    /// Only the sender has it.
    Senders,
}

impl Way {
    fn of(outside: &Outside, library: &Library) -> Self {
        let id = outside.id();
        let mut stored = library.shelf.iter().flat_map(|shelf| &shelf.items);
        if let Some(item) = stored.find(|item| item.id == id && !library.is_leaving(id)) {
            return Self::Stored(Box::new(item.clone()));
        }
        let mut coming = library.downloads.iter();
        if let Some(coming) = coming.find(|coming| coming.sha256.as_deref() == Some(id)) {
            return Self::Coming(coming.download_id);
        }
        outside.hosts(&hub()).map_or(Self::Senders, Self::Fetch)
    }
}

pub(crate) fn outside(desk: Desk, runner: Runner) -> impl IntoView {
    let missing = Memo::new(move |_| desk.missing());
    // What is stored is not known before somebody asks; this fetches nothing.
    Effect::new(move |_| {
        if !missing.with(Vec::is_empty) && desk.library.with_untracked(|library| library.shelf.is_none()) {
            runner.list_stored();
        }
    });
    move || {
        let missing = missing.get();
        (!missing.is_empty()).then(|| {
            section()
                .class("sheet outside")
                .attr("aria-labelledby", "outside-title")
                .attr("data-testid", "outside")
                .child((
                    h2().attr("id", "outside-title").child("Made with files that are not here"),
                    problem(desk),
                    ul().child(missing.into_iter().map(|item| wanted(desk, runner, item)).collect_view()),
                ))
        })
    }
}

fn wanted(desk: Desk, runner: Runner, outside: Outside) -> impl IntoView {
    let way = {
        let outside = outside.clone();
        Memo::new(move |_| desk.library.with(|library| Way::of(&outside, library)))
    };
    let kind = match outside.kind {
        ItemKind::Model => "base model",
        ItemKind::Adapter => "adapter",
    };
    let title = format!("{}, the {kind}", outside.name);
    li().class("outside-item").attr("data-testid", "outside-item").child((
        h3().child(title),
        move || match way.get() {
            Way::Stored(item) => stored(runner, *item).into_any(),
            Way::Coming(id) => ul().child(coming_row(desk, runner, id)).into_any(),
            Way::Fetch(hosts) => offer(runner, &outside, &hosts.join(", ")).into_any(),
            Way::Senders => senders(&outside).into_any(),
        },
    ))
}

fn stored(runner: Runner, item: StoredItem) -> impl IntoView {
    let words = match item.kind {
        ItemKind::Model => "Run on it",
        ItemKind::Adapter => "Offer it to lanes",
    };
    (
        p().class("soft").child("It is stored in this browser already."),
        button()
            .attr("type", "button")
            .class("primary")
            .attr("data-testid", "outside-use")
            .on(ev::click, move |_| runner.use_item(item.clone()))
            .child(words),
    )
}

fn offer(runner: Runner, outside: &Outside, hosts: &str) -> impl IntoView + use<> {
    let size = format::bytes(outside.size_bytes());
    let licence = outside.licence.clone().unwrap_or_else(|| "not stated in the link".to_owned());
    let item = outside.new_item(&hub());
    (
        dl().class("facts").attr("data-testid", "outside-facts").child((
            fact("Host", constant(hosts.to_owned())),
            fact("Files", constant(outside.file_names())),
            fact("Size", constant(size.clone())),
            fact("Licence", constant(licence)),
        )),
        p().class("remark-line").child((
            "What comes is kept only if its SHA-256 is the one in the link, ",
            short_hash(outside),
            ". Nothing is fetched before you press.",
        )),
        button()
            .attr("type", "button")
            .class("secondary")
            .attr("data-testid", "outside-fetch")
            .on(ev::click, move |_| {
                if let Some(item) = item.clone() {
                    runner.bring(item);
                }
            })
            .child(format!("Download {size} from {hosts}")),
    )
}

fn senders(outside: &Outside) -> impl IntoView + use<> {
    let names = outside.file_names();
    p().child((
        format!("It came from the sender's own computer or network. If you have {names}, choose it under Models; its SHA-256 begins with "),
        short_hash(outside),
        ".",
    ))
}

fn short_hash(outside: &Outside) -> impl IntoView + use<> {
    code().child(format::short_hash(outside.id()).to_owned())
}
