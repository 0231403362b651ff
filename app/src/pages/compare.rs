//! Compare: one input, many lanes.

use leptos::{
    control_flow::{For, ForProps},
    ev,
    html::{button, div, h2, section},
    prelude::*,
};

use crate::{
    components::{
        chat_format::format_ask,
        diff::output_diff,
        icon::{self, icon},
        lane,
        outside::outside,
        run_bar::run_bar,
        scenario::scenario,
    },
    state::Desk,
    worker_client::Runner,
};

pub(crate) fn compare_page(desk: Desk, runner: Runner) -> impl IntoView {
    let run_by_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            runner.run(None);
        }
    };
    div().class("page").on(ev::keydown, run_by_key).child((
        outside(desk, runner).into_any(),
        scenario(desk).into_any(),
        run_bar(desk, runner).into_any(),
        format_ask(desk, runner).into_any(),
        lanes(desk, runner).into_any(),
        output_diff(desk).into_any(),
    ))
}

fn lanes(desk: Desk, runner: Runner) -> impl IntoView {
    let columns = For(ForProps::builder()
        .each(move || desk.lanes.get())
        .key(|slot| slot.id)
        .children(move |slot| lane::lane(desk, runner, slot))
        .build());
    section().class("lanes-section").attr("aria-labelledby", "lanes-title").child((
        div().class("lanes-head").child((
            h2().attr("id", "lanes-title").child("The answers"),
            button()
                .attr("type", "button")
                .class("quiet")
                .attr("data-testid", "add-lane")
                .attr("disabled", move || !desk.has_room())
                .on(ev::click, move |_| lane::focus_new(desk.add_lane()))
                .child((icon(icon::ADD), "Add lane")),
        )),
        div().class("lanes").style(("--lanes", move || desk.lanes.with(Vec::len).to_string())).child(columns),
    ))
}
