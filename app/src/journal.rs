//! Where the comparison comes from when the page opens, and where it is kept: a link comes before
//! the journal, the journal before the scenario.

use leptos::prelude::*;
use protocol::Chat;

use crate::{
    platform,
    share::{self, Shared},
    state::{
        ChatMemory, Comparison, Desk, Instead, LaneState, Notice, Question, read_journal, write_journal,
    },
};

const JOURNAL: &str = "comparison";
/// A journal that could not be read, for whoever wants to mend it.
const BROKEN_JOURNAL: &str = "comparison.broken";
const CHAT_MEMORY: &str = "chat";

/// Lays out what the person had or was sent, and keeps every change from now on.
pub(crate) fn open(desk: Desk) {
    remember_formats(desk);
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

/// Brings back which formats people chose for models, and keeps every choice from now on.
fn remember_formats(desk: Desk) {
    // What cannot be read is learnt and asked for again.
    let kept = platform::read_stored(CHAT_MEMORY).and_then(|text| serde_json::from_str(&text).ok());
    desk.chat_state.update(|chat| chat.memory = kept.unwrap_or_default());
    let memory = Memo::new(move |_| desk.chat_state.with(|chat| chat.memory.clone()));
    Effect::new(move |_| match memory.get() {
        memory if memory == ChatMemory::default() => platform::forget(CHAT_MEMORY),
        memory => {
            if let Ok(text) = serde_json::to_string(&memory) {
                platform::store(CHAT_MEMORY, &text);
            }
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
    let format = comparison.format.as_ref().map(|choice| choice.format);
    let chat = Chat { format, thinking: comparison.thinking };
    let state = |(at, output): (usize, Option<String>)| {
        let lane = comparison.lanes.get(at)?;
        let question = Question::new(lane, &comparison.input, &comparison.sampling, chat);
        Some(output.map_or_else(LaneState::default, |output| LaneState::sent(question, output)))
    };
    let states = outputs.into_iter().enumerate().map_while(state).collect();
    // Nothing has been sent to a worker yet that would have to be stopped, or it ends by itself.
    drop(desk.replace(comparison, states, Instead::Link));
}
