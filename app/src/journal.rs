//! Where the comparison comes from when the page opens, and where it is kept: a link comes before
//! the journal, the journal before the scenario.

use leptos::prelude::*;

use crate::{
    platform,
    share::{self, Shared},
    state::{Comparison, Desk, Instead, LaneState, Notice, Question, read_journal, write_journal},
};

const JOURNAL: &str = "comparison";
/// A journal that could not be read, for whoever wants to mend it.
const BROKEN_JOURNAL: &str = "comparison.broken";

/// Lays out what the person had or was sent, and keeps every change from now on.
pub(crate) fn open(desk: Desk) {
    if let Some(text) = platform::read_stored(JOURNAL) {
        match read_journal(&text) {
            Ok(comparison) if comparison.scenario == desk.scenario.id => desk.lay_out(comparison, Vec::new()),
            Ok(_) => {}
            Err(error) => {
                platform::store(BROKEN_JOURNAL, &text);
                desk.notice.set(Some(Notice::journal(&error)));
            }
        }
    }
    open_link(desk);
    platform::on_fragment_change(move || open_link(desk));
    Effect::new(move |_| {
        let comparison = desk.comparison();
        // Who has changed nothing gets the scenario as it will be next time, not as it was today.
        if comparison == Comparison::of(desk.scenario) {
            platform::forget(JOURNAL);
        } else {
            platform::store(JOURNAL, &write_journal(&comparison));
        }
    });
}

/// Lays out what the address brings, and runs none of it.
fn open_link(desk: Desk) {
    match share::decode(&platform::fragment(), desk.scenario) {
        None => return,
        Some(Ok(shared)) => lay_out(desk, shared),
        Some(Err(error)) => desk.notice.set(Some(Notice::from(&error))),
    }
    platform::forget_fragment();
}

fn lay_out(desk: Desk, Shared { comparison, outputs }: Shared) {
    let state = |(at, output): (usize, Option<String>)| {
        let lane = comparison.lanes.get(at)?;
        let question = Question::new(lane, &comparison.input, &comparison.sampling);
        Some(output.map_or_else(LaneState::default, |output| LaneState::sent(question, output)))
    };
    let states = outputs.into_iter().enumerate().map_while(state).collect();
    // Nothing has been sent to a worker yet that would have to be stopped, or it ends by itself.
    drop(desk.replace(comparison, states, Instead::Link));
}
