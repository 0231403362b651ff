//! Models: what the lanes run on, how to bring one's own, what is stored, and what the page's own took to make.

use leptos::{
    html::{div, h1, p},
    prelude::*,
};

use crate::{
    components::{
        chat_format::format_sheet,
        models::{base, bring, coming, hub, own_adapters, problem, stored},
    },
    platform,
    state::Desk,
    worker_client::Runner,
};

pub(crate) fn models_page(desk: Desk, runner: Runner) -> impl IntoView {
    runner.list_stored();
    let offline = move || {
        platform::is_offline().then(|| {
            p().class("remark")
                .attr("data-testid", "offline")
                .child("You are offline. What is stored below still runs, and so do files from your disk.")
        })
    };
    div().class("page models").child((
        h1().child("Models"),
        p().class("lesson").child(
            "One base model, loaded once however many lanes run, and small adapters that are applied on top of it \
             while it runs. Bring your own: it stays in this browser.",
        ),
        offline,
        problem::problem(desk).into_any(),
        coming::coming(desk, runner).into_any(),
        base::base(desk, runner).into_any(),
        format_sheet(desk, runner).into_any(),
        bring::bring(desk, runner).into_any(),
        hub::hub(desk, runner).into_any(),
        stored::stored(desk, runner).into_any(),
        own_adapters::own_adapters(desk).into_any(),
    ))
}
