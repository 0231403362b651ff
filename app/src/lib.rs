//! The page: compare prompts with fine-tuned variants, side by side, in the browser.
//!
//! `state` holds what the page knows as plain data, `components` and `pages` show it, `share`
//! writes it into links. Only `platform` and `worker_client` touch JavaScript; everything else
//! compiles and is tested natively.

mod components;
mod journal;
mod pages;
pub mod platform;
pub mod share;
pub mod state;
pub mod worker_client;

use std::sync::LazyLock;

use comparison::Scenario;
use leptos::{
    html::{a, div, main},
    prelude::*,
};

use crate::{
    components::{
        banner::{error_banner, put_aside_banner},
        header::{HeaderActions, page_header},
        share_panel::share_panel,
    },
    pages::{Page, compare_page, models_page},
    state::{Comparison, Desk, Instead},
    worker_client::Runner,
};

/// The scenario that the page opens with. It is part of the module, so that recorded answers stand
/// on the page as soon as the page itself does, without another request.
pub static SCENARIO: LazyLock<Scenario> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../public/scenarios/triage.json"))
        .expect("the scenario is ours, and tested")
});

/// Starts the page.
#[cfg(target_arch = "wasm32")]
#[wasm_bindgen::prelude::wasm_bindgen(start)]
pub fn start() {
    platform::mount(app);
}

/// The whole page.
pub fn app() -> impl IntoView {
    let desk = Desk::new(&SCENARIO);
    let runner = Runner::new(desk);
    journal::open(desk, runner);
    // A deleted adapter leaves the worker's memory too.
    let offered = Memo::new(move |_| desk.catalogue().map(|catalogue| catalogue.adapters));
    Effect::new(move |_| {
        offered.track();
        runner.send(untrack(|| desk.unload_deleted_adapters()));
    });
    let page = RwSignal::new(Page::Compare);
    let share_is_open = RwSignal::new(false);
    // The panel is about the page that it was opened on.
    Effect::new(move |_| {
        page.track();
        share_is_open.set(false);
    });
    let reset = Callback::new(move |()| {
        runner.send(desk.replace(Comparison::of(desk.scenario), Vec::new(), Instead::Scenario));
        desk.notice.set(None);
    });
    let bring_back = Callback::new(move |()| runner.send(desk.bring_back()));
    let content = move || match page.get() {
        Page::Compare => compare_page(desk, runner).into_any(),
        Page::Models => models_page(desk, runner).into_any(),
    };
    (
        a().class("skip").attr("href", "#main").child("Skip to the comparison"),
        page_header(desk, page, HeaderActions { share_is_open, reset }),
        main().attr("id", "main").attr("tabindex", "-1").child((
            error_banner(desk),
            put_aside_banner(desk, bring_back),
            share_panel(desk, share_is_open),
            content,
        )),
        div()
            .class("visually-hidden")
            .attr("aria-live", "polite")
            .attr("data-testid", "announcement")
            .child(move || desk.announcement.get()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scenario_is_sound_and_in_range() {
        let comparison = Comparison::of(&SCENARIO);
        assert_eq!(comparison.clone().clamped(), comparison);
        for recorded in &SCENARIO.recorded {
            assert!(recorded.input < SCENARIO.inputs.len() && recorded.lane < SCENARIO.lanes.len());
        }
    }
}
