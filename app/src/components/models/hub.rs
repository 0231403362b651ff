//! From the hub: models to begin with, and any repository by its name. Each file shows host, size and licence
//! before it is fetched.

use leptos::{
    ev,
    html::{article, button, dd, div, dl, dt, form, h2, h3, input, li, p, section, span, ul},
    prelude::*,
};
use protocol::Repository;

use crate::{
    state::{Desk, LookUp, Offer, PRESETS, Preset, format, offers},
    worker_client::{Runner, hub as hub_address},
};

pub(crate) fn hub(desk: Desk, runner: Runner) -> impl IntoView {
    let name = RwSignal::new(String::new());
    let look = move |repository: &str| {
        name.set(repository.to_owned());
        runner.look_up(repository);
    };
    section().class("sheet hub").attr("aria-labelledby", "hub-title").child((
        div().class("sheet-head").child((
            h2().attr("id", "hub-title").child("From the hub"),
            p().class("soft")
                .child(format!("{}: listing asks it for names and sizes, and downloads nothing", host())),
        )),
        form()
            .class("address-row")
            .on(ev::submit, move |event| {
                event.prevent_default();
                runner.look_up(&name.get_untracked());
            })
            .child((
                input()
                    .attr("type", "text")
                    .attr("autocomplete", "off")
                    .attr("spellcheck", "false")
                    .attr("aria-label", "Repository, as owner/name")
                    .attr("placeholder", "owner/name")
                    .attr("data-testid", "hub-name")
                    .prop("value", move || name.get())
                    .on(ev::input, move |event| name.set(event_target_value(&event))),
                button()
                    .attr("type", "submit")
                    .class("secondary")
                    .attr("data-testid", "hub-list")
                    .child("List files"),
            )),
        answer(desk, runner),
        div()
            .class("presets")
            .child(PRESETS.map(|preset| preset_card(preset, look)).into_iter().collect_view()),
    ))
}

fn host() -> String {
    let hub = hub_address();
    hub.split_once("://").map_or(hub.clone(), |(_, host)| host.to_owned())
}

fn preset_card(preset: Preset, look: impl Fn(&str) + Copy + 'static) -> impl IntoView {
    article().class("preset").attr("aria-label", preset.name).child((
        h3().child(preset.name),
        dl().class("preset-facts").child((
            div().child((dt().child("Parameters"), dd().child(preset.parameters))),
            div().child((dt().child("Download"), dd().child(format!("about {} MB", preset.size_mb)))),
            div().child((dt().child("Licence"), dd().child(preset.licence))),
        )),
        p().class("preset-file").child(preset.file),
        button()
            .attr("type", "button")
            .class("secondary")
            .attr("data-testid", "preset")
            .attr("aria-label", format!("See files of {} at {}", preset.name, host()))
            .on(ev::click, move |_| look(preset.repository))
            .child("See files"),
    ))
}

fn answer(desk: Desk, runner: Runner) -> impl IntoView {
    let look_up = Memo::new(move |_| desk.library.with(|library| library.look_up.clone()));
    let content = move || match look_up.get() {
        LookUp::Idle => None,
        LookUp::Asking { repository, .. } => {
            Some(p().class("soft").child(format!("Asking {} about {repository}", host())).into_any())
        }
        LookUp::NotFound(error) => Some(
            p().class("remark remark-wrong").attr("data-testid", "hub-error").child(error.message).into_any(),
        ),
        LookUp::Found(repository) => Some(listing(runner, &repository).into_any()),
    };
    div().class("hub-answer").attr("role", "status").child(content)
}

fn listing(runner: Runner, repository: &Repository) -> impl IntoView + use<> {
    let licence = repository.licence.clone().unwrap_or_else(|| "not stated".to_owned());
    let files = offers(repository);
    let remark = match (repository.wants_account, files.is_empty()) {
        (true, _) => Some(
            "Its files are given only to people with an account. Download them there, and drop them above."
                .to_owned(),
        ),
        (_, true) => Some("It holds no whole GGUF model and no LoRA adapter.".to_owned()),
        _ => None,
    };
    let preferred = |offer: &Offer| PRESETS.iter().any(|preset| preset.file == offer.label);
    let rows = files.into_iter().map(|offer| row(runner, preferred(&offer), &licence, offer)).collect_view();
    div().class("listing").attr("data-testid", "hub-listing").child((
        p().child((
            repository.id.clone(),
            span().class("soft").child(format!(
                " at commit {}; licence: {licence}",
                repository.commit.get(..8).unwrap_or(&repository.commit)
            )),
        )),
        remark.map(|remark| p().class("remark").child(remark)),
        ul().child(rows),
    ))
}

fn row(runner: Runner, is_preferred: bool, licence: &str, offer: Offer) -> impl IntoView + use<> {
    let size = offer.size_bytes.map_or_else(|| "size not stated".to_owned(), format::bytes);
    let words = format!("Download {size}");
    let full = format!("Download {}, {size}, from {}, licence {licence}", offer.label, host());
    li().class("listing-row").attr("data-preferred", is_preferred.to_string()).child((
        span().class("listing-name").child(offer.label),
        button()
            .attr("type", "button")
            .class("secondary")
            .attr("data-testid", "hub-file")
            .attr("aria-label", full.clone())
            .attr("title", full)
            .on(ev::click, move |_| runner.bring(offer.item.clone()))
            .child(words),
    ))
}
