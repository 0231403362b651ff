//! Bring your own: drop files, choose them, or give an address.

use leptos::{
    ev,
    html::{button, div, form, h2, h3, input, label, p, section, span},
    prelude::*,
};
use protocol::{Address, NamedBy, NewItem, WireError};

use crate::{
    platform,
    state::{adapter_at, model_at},
    worker_client::Runner,
};

/// What differs between bringing a model and bringing an adapter.
#[derive(Clone, Copy)]
struct Way {
    title: &'static str,
    words: &'static str,
    accept: &'static str,
    file: (&'static str, &'static str),
    url: (&'static str, &'static str, &'static str),
    load: &'static str,
    read: fn(&str) -> Result<NewItem, WireError>,
}

const MODEL: Way = Way {
    title: "A model",
    words: "A GGUF file; several at once where it comes in parts.",
    accept: ".gguf",
    file: ("model-file", "Choose a GGUF file"),
    url: ("model-url", "Address of a GGUF file", "https://…/model.gguf"),
    load: "load-model",
    read: model_at,
};

const ADAPTER: Way = Way {
    title: "A LoRA adapter",
    words: "adapter_config.json and adapter_model.safetensors, both at once.",
    accept: ".json,.safetensors",
    file: ("adapter-file", "Choose its two files"),
    url: ("adapter-url", "Address of its folder", "https://…/adapter_model.safetensors"),
    load: "load-adapter",
    read: adapter_at,
};

pub(crate) fn bring(runner: Runner) -> impl IntoView {
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
            runner.bring_files(platform::dropped_files(&event));
        })
        .child((
            div().class("sheet-head").child((
                h2().attr("id", "bring-title").child("Bring your own"),
                p().class("soft")
                    .child("or drop files here; they are copied into this browser and go nowhere else"),
            )),
            div().class("ways").child((way(runner, MODEL), way(runner, ADAPTER))),
        ))
}

fn way(runner: Runner, way: Way) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let has_brought = RwSignal::new(false);
    let (file_id, file_words) = way.file;
    let (url_id, url_words, placeholder) = way.url;
    let remark_id = format!("{url_id}-remark");
    let load = move || match (way.read)(&text.get_untracked()) {
        Ok(item) => {
            text.set(String::new());
            runner.bring(item);
        }
        // The file that was chosen is on its way already.
        Err(_) if text.with_untracked(|text| text.trim().is_empty()) && has_brought.get_untracked() => {}
        Err(error) => runner.problem(error),
    };
    div().class("way").child((
        h3().child(way.title),
        p().class("sheet-words").child(way.words),
        label().class("file-button").child((
            input()
                .attr("type", "file")
                .attr("multiple", "")
                .attr("accept", way.accept)
                .attr("data-testid", file_id)
                .on(ev::change, move |event| {
                    has_brought.set(true);
                    runner.bring_files(platform::picked_files(&event));
                }),
            span().child(file_words),
        )),
        form()
            .class("address-row")
            .on(ev::submit, move |event| {
                event.prevent_default();
                load();
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
                    .prop("value", move || text.get())
                    .on(ev::input, move |event| text.set(event_target_value(&event))),
                button().attr("type", "submit").class("secondary").attr("data-testid", way.load).child(
                    move || {
                        host(&text.get())
                            .map_or_else(|| "Load".to_owned(), |host| format!("Load from {host}"))
                    },
                ),
            )),
        p().class("remark-line").attr("id", remark_id).child(move || remark(&text.get())),
    ))
}

fn host(text: &str) -> Option<String> {
    Address::parse(text, NamedBy::Person).ok().map(|address| address.host().to_owned())
}

/// What pressing Load would do.
fn remark(text: &str) -> String {
    if text.trim().is_empty() {
        return "https only; nothing is asked for before you press Load.".to_owned();
    }
    match Address::parse(text, NamedBy::Person) {
        Ok(address) => format!(
            "Asks {} for it, without cookies or referrer. The host says the size when it answers, and states the \
             licence where you found the address; you can stop it at any time.",
            address.host()
        ),
        Err(error) => format!("Not yet: {error}."),
    }
}
