//! Bring your own: drop files and folders, choose them, or give an address.

use leptos::{
    ev,
    html::{button, div, dl, form, h2, h3, input, label, p, section, span},
    prelude::*,
};
use protocol::{Address, ItemKind, NamedBy, NewItem};

use super::fact;
use crate::{
    platform,
    state::{Desk, Inquiry, Stage, format},
    worker_client::Runner,
};

/// What differs between bringing a model and bringing an adapter.
#[derive(Clone, Copy)]
struct Way {
    kind: ItemKind,
    title: &'static str,
    words: &'static str,
    accept: &'static str,
    file: (&'static str, &'static str),
    /// Adapters are folders.
    folder: Option<&'static str>,
    url: (&'static str, &'static str, &'static str),
    load: &'static str,
}

const MODEL: Way = Way {
    kind: ItemKind::Model,
    title: "A model",
    words: "A GGUF file; several at once where it comes in parts.",
    accept: ".gguf",
    file: ("model-file", "Choose a GGUF file"),
    folder: None,
    url: ("model-url", "Address of a GGUF file", "https://…/model.gguf"),
    load: "load-model",
};

const ADAPTER: Way = Way {
    kind: ItemKind::Adapter,
    title: "A LoRA adapter",
    words: "The folder that PEFT or mlx-lm saves, its two files, or a GGUF adapter.",
    accept: ".json,.safetensors,.gguf",
    file: ("adapter-file", "Choose files"),
    folder: Some("Choose a folder"),
    url: ("adapter-url", "Address of an adapter's folder or file", "https://…/adapter_model.safetensors"),
    load: "load-adapter",
};

pub(crate) fn bring(desk: Desk, runner: Runner) -> impl IntoView {
    let is_over = RwSignal::new(false);
    section()
        .class("sheet bring")
        .attr("aria-labelledby", "bring-title")
        .attr("data-testid", "drop-zone")
        .attr("data-over", move || is_over.get().to_string())
        .on(ev::dragover, move |event| {
            event.prevent_default();
            is_over.set(true);
        })
        .on(ev::dragleave, move |_| is_over.set(false))
        .on(ev::drop, move |event| {
            event.prevent_default();
            is_over.set(false);
            runner.bring_dropped(platform::dropped(&event));
        })
        .child((
            div().class("sheet-head").child((
                h2().attr("id", "bring-title").child("Bring your own"),
                p().class("soft").child(
                    "or drop files and folders here; they are copied into this browser and go nowhere else",
                ),
            )),
            div().class("ways").child((way(desk, runner, MODEL), way(desk, runner, ADAPTER))),
        ))
}

fn way(desk: Desk, runner: Runner, way: Way) -> impl IntoView {
    let has_brought = RwSignal::new(false);
    let (file_id, file_words) = way.file;
    let pick = move |event: ev::Event| {
        has_brought.set(true);
        runner.bring_files(platform::picked_files(&event));
    };
    let files = input()
        .attr("type", "file")
        .attr("multiple", "")
        .attr("accept", way.accept)
        .attr("data-testid", file_id)
        .on(ev::change, pick);
    let folder = way.folder.map(|words| {
        let folder = input()
            .attr("type", "file")
            .attr("webkitdirectory", "")
            .attr("data-testid", "adapter-folder")
            .on(ev::change, pick);
        label().class("file-button").child((folder, span().child(words)))
    });
    div().class("way").child((
        h3().child(way.title),
        p().class("sheet-words").child(way.words),
        div()
            .class("file-buttons")
            .child((label().class("file-button").child((files, span().child(file_words))), folder)),
        address(desk, runner, way, has_brought),
    ))
}

/// A field for an address, and what its host says of it.
fn address(desk: Desk, runner: Runner, way: Way, has_brought: RwSignal<bool>) -> impl IntoView {
    let inquiry = Memo::new(move |_| desk.library.with(|library| library.address(way.kind).clone()));
    let (url_id, url_words, placeholder) = way.url;
    let remark_id = format!("{url_id}-remark");
    let press = move || {
        let is_empty = inquiry.with_untracked(|inquiry| inquiry.text().trim().is_empty());
        // The file that was chosen is on its way already.
        if !is_empty || !has_brought.get_untracked() {
            runner.press_address(way.kind);
        }
    };
    let edit = move |text: String| desk.library.update(|library| library.address_mut(way.kind).edit(&text));
    (
        form()
            .class("address-row")
            .on(ev::submit, move |event| {
                event.prevent_default();
                press();
            })
            .child((
                input()
                    .attr("type", "text")
                    .attr("inputmode", "url")
                    .attr("autocomplete", "off")
                    .attr("spellcheck", "false")
                    .attr("aria-label", url_words)
                    .attr("aria-describedby", remark_id.clone())
                    .attr("placeholder", placeholder)
                    .attr("data-testid", url_id)
                    .prop("value", move || inquiry.with(|inquiry| inquiry.text().to_owned()))
                    .on(ev::input, move |event| edit(event_target_value(&event))),
                button()
                    .attr("type", "submit")
                    .class("secondary")
                    .attr("data-testid", way.load)
                    .attr("data-stage", move || inquiry.with(|inquiry| stage_name(inquiry.stage())))
                    .child(move || inquiry.with(button_words)),
            )),
        div()
            .class("address-answer")
            .attr("id", remark_id)
            .attr("role", "status")
            .child(move || inquiry.with(answer)),
    )
}

fn stage_name(stage: &Stage) -> &'static str {
    match stage {
        Stage::Typed => "typed",
        Stage::Asked(_) => "asked",
        Stage::Quoted(_) => "quoted",
        Stage::Refused(_) => "refused",
    }
}

fn button_words(inquiry: &Inquiry) -> String {
    let host = inquiry.host();
    match (inquiry.stage(), host) {
        (Stage::Quoted(item), Some(host)) => match size_of(item) {
            Some(size) => format!("Download {} from {host}", format::bytes(size)),
            None => format!("Download from {host}"),
        },
        (Stage::Asked(_), Some(host)) => format!("Asking {host}"),
        (_, Some(host)) => format!("Ask {host} for its size"),
        (_, None) => "Load".to_owned(),
    }
}

/// Size of all files together; `None` where the host keeps one to itself.
fn size_of(item: &NewItem) -> Option<u64> {
    item.files.iter().map(|file| file.size_bytes).sum()
}

/// What stands below the field.
fn answer(inquiry: &Inquiry) -> AnyView {
    let remark = |text: String| p().class("remark-line").child(text).into_any();
    match inquiry.stage() {
        Stage::Quoted(item) => quote(inquiry.host().unwrap_or_default(), item).into_any(),
        Stage::Asked(_) => remark("Asking for its size; nothing of it is fetched yet.".to_owned()),
        Stage::Refused(error) => p()
            .class("remark remark-wrong")
            .attr("data-testid", "address-error")
            .child(error.message.clone())
            .into_any(),
        Stage::Typed if inquiry.text().trim().is_empty() => {
            remark("https only; nothing is asked for before you press the button.".to_owned())
        }
        Stage::Typed => remark(match Address::parse(inquiry.text(), NamedBy::Person) {
            Ok(address) => format!(
                "Asks {} how large it is, without cookies or referrer. The file itself comes when you press again.",
                address.host()
            ),
            Err(error) => format!("Not yet: {error}."),
        }),
    }
}

fn quote(host: String, item: &NewItem) -> impl IntoView + use<> {
    let names: Vec<&str> = item.files.iter().map(|file| file.name.as_str()).collect();
    let names = match names[..] {
        [first, .., last] if names.len() > 2 => format!("{first} to {last}"),
        _ => names.join(", "),
    };
    let size = size_of(item).map_or_else(|| "the host does not say".to_owned(), format::bytes);
    let licence = item
        .licence
        .clone()
        .unwrap_or_else(|| "the host does not say; look where you found the address".to_owned());
    let known = if item.files.iter().all(|file| file.sha256.is_some()) {
        "Its SHA-256 is known, and compared when it has come."
    } else {
        "Nobody says its SHA-256; it is computed when it has come."
    };
    let facts = dl().class("facts address-facts").attr("data-testid", "address-facts").child((
        fact("Host", super::constant(host)),
        fact("Files", super::constant(names)),
        fact("Size", super::constant(size)),
        fact("Licence", super::constant(licence)),
    ));
    (facts, p().class("remark-line").child(known))
}
