//! Where the comparison comes from when the page opens, and where it is kept: a link comes before
//! the journal, the journal before the scenario. What gives way to a link is kept too.

use leptos::prelude::*;
use protocol::{Chat, Request};

use crate::{
    platform,
    share::{self, Shared},
    state::{
        ChatMemory, Comparison, Desk, Instead, JournalError, LaneState, Notice, Question, read_aside,
        read_journal, write_aside, write_journal,
    },
    worker_client::Runner,
};

const JOURNAL: &str = "comparison";
const ASIDE: &str = "aside";
const CHAT_MEMORY: &str = "chat";

/// Lays out what the person had or was sent, and keeps every change from now on.
pub(crate) fn open(desk: Desk, runner: Runner) {
    remember_formats(desk);
    let kept = Kept::open(desk);
    let open_link = move || runner.send(open_link(desk));
    open_link();
    platform::on_fragment_change(open_link);
    Effect::new(move |_| kept.keep_comparison(desk));
    Effect::new(move |_| kept.keep_aside(desk));
}

/// What outlives the page: each scenario has its own.
#[derive(Clone, Copy)]
struct Kept {
    journal: Memory,
    aside: Memory,
}

impl Kept {
    /// Lays out what was kept.
    fn open(desk: Desk) -> Self {
        let scenario = desk.scenario.id.as_str();
        let (journal, text) = Memory::open(format!("{JOURNAL}.{scenario}"));
        match text.map(|text| read_journal(&text, scenario)) {
            None => {}
            Some(Ok(comparison)) => desk.lay_out(comparison, Vec::new()),
            Some(Err(error)) => {
                journal.put_out_of_the_way();
                desk.notice.set(Some(Notice::journal(&error)));
            }
        }
        let (aside, text) = Memory::open(format!("{ASIDE}.{scenario}"));
        match text.map(|text| read_aside(&text, scenario)) {
            None => {}
            Some(Ok(put_aside)) => desk.put_aside.set(put_aside),
            // Nobody has asked for it yet.
            Some(Err(_)) => aside.put_out_of_the_way(),
        }
        Self { journal, aside }
    }

    fn keep_comparison(self, desk: Desk) {
        let comparison = desk.comparison();
        // Who has changed nothing gets the scenario as it will be next time, not as it was today.
        let is_as_it_opens = comparison == Comparison::of(desk.scenario);
        let text = if is_as_it_opens { Ok(String::new()) } else { write_journal(&comparison) };
        tell_whether_kept(desk, self.journal.keep(text));
    }

    fn keep_aside(self, desk: Desk) {
        let text = desk
            .put_aside
            .with(|aside| if aside.is_empty() { Ok(String::new()) } else { write_aside(aside) });
        tell_whether_kept(desk, self.aside.keep(text));
    }
}

/// Says when something is not kept any more, and takes that back when it is.
fn tell_whether_kept(desk: Desk, change: Option<Result<(), Unkept>>) {
    match change {
        None => {}
        Some(Ok(())) => desk.notice.update(|notice| drop(notice.take_if(|notice| notice.is_unkept()))),
        Some(Err(error)) => desk.notice.set(Some(Notice::unkept(&error.to_string()))),
    }
}

/// Why a text is not kept.
#[derive(Debug, thiserror::Error)]
enum Unkept {
    /// It could not be read back.
    #[error(transparent)]
    Unreadable(#[from] JournalError),
    /// The browser has no room for it, or keeps nothing.
    #[error("this browser has no room for it")]
    NoRoom,
}

/// A text that outlives the page. Each tab has its own, so that two do not overwrite each other's; a new tab begins with
/// that of the tab that changed it last.
#[derive(Clone, Copy)]
struct Memory {
    name: StoredValue<String>,
    /// What is kept; empty for nothing.
    kept: StoredValue<String>,
    /// Whether there is something newer that could not be kept.
    is_behind: StoredValue<bool>,
}

impl Memory {
    /// The memory of that name, and what is in it.
    fn open(name: String) -> (Self, Option<String>) {
        let of_tab = platform::read_of_tab(&name);
        let text = of_tab.clone().or_else(|| platform::read_stored(&name)).unwrap_or_default();
        if of_tab.is_none() && !text.is_empty() {
            // What other tabs do from now on is not this one's.
            platform::store_of_tab(&name, &text);
        }
        let memory = Self {
            name: StoredValue::new(name),
            kept: StoredValue::new(text.clone()),
            is_behind: StoredValue::new(false),
        };
        (memory, Some(text).filter(|text| !text.is_empty()))
    }

    /// Keeps another text, or an empty one for nothing; what cannot be kept leaves what was kept before. Says whether
    /// that works, where it is news.
    fn keep(self, text: Result<String, JournalError>) -> Option<Result<(), Unkept>> {
        let kept = text.map_err(Unkept::from).and_then(|text| self.write(text));
        let was_behind = self.is_behind.get_value();
        self.is_behind.set_value(kept.is_err());
        (kept.is_err() != was_behind).then_some(kept)
    }

    fn write(self, text: String) -> Result<(), Unkept> {
        let (name, before) = (self.name.get_value(), self.kept.get_value());
        if text == before {
            return Ok(());
        }
        let in_tab = platform::store_of_tab(&name, &text);
        if text.is_empty() {
            // What another tab wrote stays.
            if platform::read_stored(&name) == Some(before) {
                platform::forget(&name);
            }
        } else {
            let in_browser = platform::store(&name, &text);
            if !in_tab && !in_browser {
                return Err(Unkept::NoRoom);
            }
            if !in_tab {
                // An older one would come back instead.
                platform::forget_of_tab(&name);
            }
        }
        self.kept.set_value(text);
        Ok(())
    }

    /// Moves what cannot be read to where nothing overwrites it, for whoever wants to mend it.
    fn put_out_of_the_way(self) {
        let name = self.name.get_value();
        platform::store(&format!("{name}.broken"), &self.kept.get_value());
        self.kept.set_value(String::new());
        platform::forget_of_tab(&name);
        platform::forget(&name);
    }
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

/// Lays out what the address brings, and runs none of it. Returns what to tell the worker.
fn open_link(desk: Desk) -> Vec<Request> {
    let requests = match share::decode(&platform::fragment(), desk.scenario) {
        None => return Vec::new(),
        Some(Ok(shared)) => lay_out(desk, shared),
        Some(Err(error)) => {
            desk.notice.set(Some(Notice::from(&error)));
            Vec::new()
        }
    };
    platform::forget_fragment();
    requests
}

fn lay_out(desk: Desk, Shared { comparison, outputs }: Shared) -> Vec<Request> {
    let format = comparison.format.as_ref().map(|choice| choice.format);
    let chat = Chat { format, thinking: comparison.thinking };
    let base = comparison.made_with.as_ref().and_then(|made_with| made_with.base.clone());
    let state = |(at, output): (usize, Option<String>)| {
        let lane = comparison.lanes.get(at)?;
        let question = Question::new(lane, &comparison.input, &comparison.sampling, chat, base.clone());
        Some(output.map_or_else(LaneState::default, |output| LaneState::sent(question, output)))
    };
    let states = outputs.into_iter().enumerate().map_while(state).collect();
    desk.replace(comparison, states, Instead::Link)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SCENARIO, state::Phase};

    /// Opens the page on what is kept.
    fn visit(steps: impl FnOnce(Desk, Kept)) {
        Owner::new().with(|| {
            let desk = Desk::new(&SCENARIO);
            let kept = Kept::open(desk);
            keep(desk, kept);
            steps(desk, kept);
        });
    }

    fn keep(desk: Desk, kept: Kept) {
        untrack(|| {
            kept.keep_comparison(desk);
            kept.keep_aside(desk);
        });
    }

    fn link(input: &str) -> Shared {
        let comparison = Comparison { input: input.into(), ..Comparison::of(&SCENARIO) };
        Shared { comparison, outputs: Vec::new() }
    }

    fn input(desk: Desk) -> String {
        desk.input.get_untracked()
    }

    #[test]
    fn what_gave_way_to_a_link_comes_back_after_a_reload_and_a_second_link() {
        visit(|desk, kept| {
            desk.input.set("mine".into());
            keep(desk, kept);
        });
        visit(|desk, kept| {
            assert_eq!(input(desk), "mine");
            lay_out(desk, link("first"));
            keep(desk, kept);
        });
        visit(|desk, kept| {
            assert_eq!(input(desk), "first");
            lay_out(desk, link("second"));
            keep(desk, kept);
        });
        visit(|desk, kept| {
            assert_eq!(input(desk), "second");
            desk.bring_back();
            assert_eq!((input(desk).as_str(), desk.put_aside.get_untracked().len()), ("mine", 0));
            keep(desk, kept);
        });
        visit(|desk, _| {
            assert_eq!((input(desk).as_str(), desk.put_aside.get_untracked().len()), ("mine", 0));
        });
    }

    #[test]
    fn each_tab_gets_back_its_own_and_a_new_one_what_was_changed_last() {
        visit(|desk, kept| {
            desk.input.set("one".into());
            keep(desk, kept);
        });
        platform::in_another_tab(|| {
            visit(|desk, kept| {
                assert_eq!(input(desk), "one");
                desk.input.set("two".into());
                keep(desk, kept);
            });
        });
        visit(|desk, kept| {
            assert_eq!(input(desk), "one");
            desk.lay_out(Comparison::of(&SCENARIO), Vec::new());
            keep(desk, kept);
        });
        visit(|desk, _| assert_eq!(untrack(|| desk.comparison()), Comparison::of(&SCENARIO)));
        platform::in_another_tab(|| visit(|desk, _| assert_eq!(input(desk), "two")));
    }

    #[test]
    fn what_cannot_be_read_is_put_out_of_the_way_and_said_once() {
        let name = format!("{JOURNAL}.{}", SCENARIO.id);
        platform::store(&name, "{");
        visit(|desk, _| assert_eq!(desk.notice.get_untracked().expect("a notice").kind, "journal"));
        visit(|desk, _| assert_eq!(desk.notice.get_untracked(), None));
        assert_eq!(platform::read_stored(&format!("{name}.broken")).as_deref(), Some("{"));
    }

    #[test]
    fn what_could_not_be_read_back_is_said_once_and_what_was_kept_before_stays() {
        visit(|desk, kept| {
            desk.input.set("mine".into());
            keep(desk, kept);
            let text = "漢".repeat(crate::state::MAX_TEXT);
            for slot in desk.lanes.get_untracked() {
                slot.lane.update(|lane| {
                    lane.prompt.examples =
                        vec![comparison::Example { input: text.clone(), output: String::new() }; 2];
                });
            }
            keep(desk, kept);
            assert_eq!(desk.notice.get_untracked().expect("a notice").kind, "unkept");
            desk.notice.set(None);
            desk.input.set("mine again".into());
            keep(desk, kept);
            assert_eq!(desk.notice.get_untracked(), None);
        });
        visit(|desk, _| assert_eq!(input(desk), "mine"));
    }

    #[test]
    fn a_link_that_is_opened_in_mid_run_stops_the_lanes() {
        visit(|desk, _| {
            desk.run(None);
            let started = protocol::Event::Started {
                run_id: 1,
                lane_id: 1,
                prompt_tokens: 1,
                reused_tokens: 0,
                system_folded: false,
                begins_thinking: false,
                proof: protocol::Proof { weights_sha256: "ab".into(), adapter_sha256: None, scale: 0.0 },
            };
            // The worker has taken the first lane, the others wait.
            desk.engine.update(|engine| drop(engine.withdraw(Some(1))));
            desk.apply(&started);
            assert_eq!(lay_out(desk, link("x")), [Request::Stop { run_id: 1, lane_id: Some(1) }]);
            desk.bring_back();
            let lanes = desk.lanes.get_untracked();
            let phase = |at: usize| lanes[at].state.with_untracked(|state| state.phase);
            assert_eq!((phase(0), phase(1)), (Phase::Stopped, Phase::Stopped));
        });
    }
}
