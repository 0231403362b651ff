//! The desk: the comparison, its results and the engine as signals, and what a person can do with
//! them. It knows no browser; [`crate::worker_client`] carries its requests to the worker.

mod chat;

use comparison::{Lane, Scenario, Weights};
use leptos::prelude::*;
use protocol::{AdapterUse, Event, Generate, LaneId, Request, RunId, Sampling, WireError};
use serde::{Deserialize, Serialize};

use super::{
    Card, ChatState, Comparison, EngineState, LaneState, Library, MAX_LANES, MadeWith, Notice, Phase,
    Question, Shown,
    comparison::{name_with, new_lane},
};

/// The most comparisons that are kept aside.
const MOST_ASIDE: usize = 4;

/// A lane on the desk.
#[derive(Clone, Copy)]
pub struct LaneSlot {
    /// Its number; never used again once it is removed.
    pub id: LaneId,
    /// What it asks.
    pub lane: RwSignal<Lane>,
    /// What it answered.
    pub state: RwSignal<LaneState>,
    /// What it shows.
    pub shown: Memo<Shown>,
    /// The run whose events it listens to.
    run_id: StoredValue<RunId>,
}

/// A comparison that was put aside for another, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PutAside {
    pub(super) comparison: Comparison,
    /// What its lanes had answered; not kept between visits.
    #[serde(skip)]
    pub(super) states: Vec<LaneState>,
    /// What came in its place.
    pub instead: Instead,
    /// That, as it came.
    pub(super) in_its_place: Comparison,
}

/// What a comparison was put aside for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Instead {
    /// The scenario, as it opens.
    Scenario,
    /// The comparison of a link.
    Link,
}

/// Everything the page shows.
#[derive(Clone, Copy)]
pub struct Desk {
    /// What the comparison started from.
    pub scenario: &'static Scenario,
    /// What every lane is asked about.
    pub input: RwSignal<String>,
    /// How tokens are picked.
    pub sampling: RwSignal<Sampling>,
    /// How conversations become prompts.
    pub chat_state: RwSignal<ChatState>,
    /// What the sender of the comparison had it on.
    pub made_with: RwSignal<Option<MadeWith>>,
    /// The columns, from left to right.
    pub lanes: RwSignal<Vec<LaneSlot>>,
    /// The worker, as far as it is known.
    pub engine: RwSignal<EngineState>,
    /// What lies beside the page; known soon after it opens.
    pub card: RwSignal<Option<Card>>,
    /// What people brought.
    pub library: RwSignal<Library>,
    /// What went wrong.
    pub notice: RwSignal<Option<Notice>>,
    /// What can be brought back, the last one first to come.
    pub put_aside: RwSignal<Vec<PutAside>>,
    /// What a screen reader says: once when a run begins, once when it has ended.
    pub announcement: RwSignal<String>,
    /// SHA-256 of the base, once it is known.
    base_sha256: Memo<Option<String>>,
    last_lane_id: StoredValue<LaneId>,
    last_run_id: StoredValue<RunId>,
    owner: StoredValue<Owner>,
}

impl Desk {
    /// The desk with the scenario on it.
    pub fn new(scenario: &'static Scenario) -> Self {
        let (card, library) = (RwSignal::new(None), RwSignal::new(Library::default()));
        let base_sha256 = Memo::new(move |_| Some(sources::catalogue(card, library)?.base.sha256));
        let desk = Self {
            scenario,
            input: RwSignal::default(),
            sampling: RwSignal::default(),
            chat_state: RwSignal::default(),
            made_with: RwSignal::new(None),
            lanes: RwSignal::default(),
            engine: RwSignal::default(),
            card,
            library,
            notice: RwSignal::new(None),
            put_aside: RwSignal::default(),
            announcement: RwSignal::default(),
            base_sha256,
            last_lane_id: StoredValue::new(0),
            last_run_id: StoredValue::new(0),
            owner: StoredValue::new(Owner::current().unwrap_or_default()),
        };
        desk.lay_out(Comparison::of(scenario), Vec::new());
        desk
    }

    /// The comparison as it stands.
    pub fn comparison(self) -> Comparison {
        Comparison {
            scenario: self.scenario.id.clone(),
            input: self.input.get(),
            sampling: self.sampling.get(),
            thinking: self.thinks_first(),
            format: self.chat_state.with(|chat| chat.sent.clone()),
            made_with: self.made_with.get(),
            lanes: self.lanes.get().into_iter().map(|slot| slot.lane.get()).collect(),
        }
    }

    /// The lane of that number.
    pub fn slot(self, id: LaneId) -> Option<LaneSlot> {
        self.lanes.with_untracked(|lanes| lanes.iter().find(|slot| slot.id == id).copied())
    }

    /// The right answer to the input, where the scenario knows it.
    pub fn expected(self) -> Option<&'static str> {
        let scenario = self.scenario;
        self.input.with(|text| scenario.inputs.iter().find(|known| known.input == *text)?.expected.as_deref())
    }

    /// Puts another comparison on the desk. `states` are what its lanes have answered so far.
    pub fn lay_out(self, comparison: Comparison, states: Vec<LaneState>) {
        self.input.set(comparison.input);
        self.sampling.set(comparison.sampling);
        self.chat_state.update(|chat| (chat.thinking, chat.sent) = (comparison.thinking, comparison.format));
        self.made_with.set(comparison.made_with);
        let mut states = states.into_iter();
        let lanes = comparison.lanes.into_iter();
        self.lanes.set(lanes.map(|lane| self.new_slot(lane, states.next().unwrap_or_default())).collect());
    }

    /// Lays out another comparison and keeps the present one for [`Self::bring_back`], unless it lies there untouched
    /// since it came in the place of one that is kept.
    pub fn replace(self, comparison: Comparison, states: Vec<LaneState>, instead: Instead) -> Vec<Request> {
        let requests = self.stop(None);
        let present = untrack(|| self.comparison());
        let mut answered: Vec<LaneState> =
            self.chosen(None).iter().map(|slot| slot.state.get_untracked()).collect();
        // What the worker says of these lanes from now on reaches nobody.
        answered.iter_mut().filter(|state| state.phase.is_busy()).for_each(LaneState::stop);
        self.lay_out(comparison.clone(), states);
        self.put_aside.update(|aside| {
            if let Some(last) = aside.last_mut().filter(|last| last.in_its_place == present) {
                (last.instead, last.in_its_place) = (instead, comparison);
                return;
            }
            if aside.len() == MOST_ASIDE {
                aside.remove(0);
            }
            aside.push(PutAside { comparison: present, states: answered, instead, in_its_place: comparison });
        });
        requests
    }

    /// Undoes [`Self::replace`].
    pub fn bring_back(self) -> Vec<Request> {
        let requests = self.stop(None);
        let mut last = None;
        self.put_aside.update(|aside| last = aside.pop());
        if let Some(PutAside { comparison, states, .. }) = last {
            self.lay_out(comparison, states);
        }
        requests
    }

    /// Whether there is room for another lane.
    pub fn has_room(self) -> bool {
        self.lanes.with(|lanes| lanes.len() < MAX_LANES)
    }

    /// A new lane at the right end. Returns its number.
    pub fn add_lane(self) -> Option<LaneId> {
        self.insert(None, new_lane(), LaneState::default())
    }

    /// The same lane again beside it, with its answer. Returns its number.
    pub fn duplicate(self, id: LaneId) -> Option<LaneId> {
        let slot = self.slot(id)?;
        let mut lane = slot.lane.get_untracked();
        lane.name = name_with(&lane.name, " (copy)");
        let mut state = slot.state.get_untracked();
        if state.phase.is_busy() {
            state = LaneState::default();
        }
        self.insert(Some(id), lane, state)
    }

    /// The lane's prompt on other weights, beside it. Returns its number.
    pub fn same_prompt_on(self, id: LaneId, weights: Weights) -> Option<LaneId> {
        let mut lane = self.slot(id)?.lane.get_untracked();
        lane.corner = lane.corner.on(&weights);
        let on = if weights == Weights::Base { ", on the base" } else { ", on the adapter" };
        lane.name = name_with(&lane.name, on);
        lane.weights = weights;
        self.insert(Some(id), lane, LaneState::default())
    }

    /// An empty prompt on the lane's weights, beside it. Returns its number.
    pub fn new_prompt_on_same(self, id: LaneId) -> Option<LaneId> {
        let weights = self.slot(id)?.lane.get_untracked().weights;
        let fresh = new_lane();
        let lane =
            Lane { name: "New prompt".to_owned(), corner: fresh.corner.on(&weights), weights, ..fresh };
        self.insert(Some(id), lane, LaneState::default())
    }

    /// Takes a lane away.
    pub fn remove(self, id: LaneId) -> Vec<Request> {
        if self.lanes.with_untracked(Vec::len) < 2 {
            return Vec::new();
        }
        let requests = self.stop(Some(id));
        self.lanes.update(|lanes| lanes.retain(|slot| slot.id != id));
        requests
    }

    /// Moves a lane by one place, to the left or to the right.
    pub fn move_lane(self, id: LaneId, to_the_right: bool) {
        self.lanes.update(|lanes| {
            let Some(at) = lanes.iter().position(|slot| slot.id == id) else { return };
            let to = if to_the_right { at + 1 } else { at.wrapping_sub(1) };
            if to < lanes.len() {
                lanes.swap(at, to);
            }
        });
    }

    /// Puts lanes in the queue, all or one; what they still do is stopped first.
    pub fn run(self, only: Option<LaneId>) -> Vec<Request> {
        let requests = self.stop_lanes(only);
        self.notice.set(None);
        let run_id = self.last_run_id.get_value() + 1;
        self.last_run_id.set_value(run_id);
        let lanes = self.chosen(only);
        for slot in &lanes {
            slot.run_id.set_value(run_id);
            slot.state.set(LaneState::waiting(untrack(|| self.question(slot.lane))));
        }
        self.engine.update(|engine| {
            engine.enqueue(lanes.iter().filter_map(|slot| generate(slot, run_id)));
        });
        let count = lanes.len();
        self.announcement.set(format!("Running {count} {}.", if count == 1 { "lane" } else { "lanes" }));
        requests
    }

    /// Stops lanes, all or one, keeps what they said, and gives up downloads that nobody waits for any more.
    pub fn stop(self, only: Option<LaneId>) -> Vec<Request> {
        let mut requests = self.stop_lanes(only);
        self.engine.update(|engine| requests.extend(engine.cancel_unwanted_loads()));
        requests
    }

    fn stop_lanes(self, only: Option<LaneId>) -> Vec<Request> {
        let mut queued = Vec::new();
        self.engine.update(|engine| queued = engine.withdraw(only));
        let mut requests = Vec::new();
        for slot in self.chosen(only) {
            if queued.contains(&slot.id) {
                slot.state.update(LaneState::stop);
            } else if slot.state.with_untracked(|state| state.phase.is_busy()) {
                requests.push(Request::Stop { run_id: slot.run_id.get_value(), lane_id: Some(slot.id) });
            }
        }
        self.announce_the_end();
        requests
    }

    /// What to send to the worker now. `address` makes a card's path absolute.
    pub fn next_requests(self, address: impl Fn(&str) -> String) -> Vec<Request> {
        let Some(catalogue) = untrack(|| self.catalogue()) else { return Vec::new() };
        let mut requests = Vec::new();
        let mut refused = Vec::new();
        self.engine.update(|engine| {
            refused = engine.refuse_unknown_adapters(&catalogue);
            requests = engine.next_requests(&catalogue, address);
        });
        self.fail_lanes(refused);
        requests
    }

    /// Takes in what the worker says, and returns what to tell it. Events of runs that are over change nothing.
    pub fn apply(self, event: &Event) -> Vec<Request> {
        match event {
            Event::Started { run_id, lane_id, .. }
            | Event::PromptRead { run_id, lane_id, .. }
            | Event::Token { run_id, lane_id, .. }
            | Event::Finished { run_id, lane_id, .. }
            | Event::LaneFailed { run_id, lane_id, .. } => {
                let Some(slot) = self.slot(*lane_id) else { return Vec::new() };
                if slot.run_id.get_value() != *run_id {
                    return Vec::new();
                }
                slot.state.update(|state| state.apply(event));
                if let Event::LaneFailed { error, .. } = event {
                    self.notice.set(Some(Notice::from(error)));
                }
                if !slot.state.with_untracked(|state| state.phase.is_busy()) {
                    self.announce_the_end();
                }
            }
            Event::Crashed(error) => self.crash(error),
            // The worker may be there before the card is.
            Event::Ready(info) | Event::Tuned(info) => {
                self.engine.update(|engine| engine.info = Some(info.clone()));
            }
            _ => return self.apply_load(event),
        }
        Vec::new()
    }

    /// The worker is gone, and all it held: everything pending has failed.
    pub fn crash(self, error: &WireError) {
        self.blame_base_on_trial(error);
        self.engine.update(|engine| drop(engine.crash(error)));
        self.fail_pending(error);
    }

    /// Nothing that is pending can run.
    pub fn fail_pending(self, error: &WireError) {
        self.engine.update(|engine| drop(engine.withdraw(None)));
        let is_busy = |slot: &LaneSlot| slot.state.with_untracked(|state| state.phase.is_busy());
        let busy = self.chosen(None).into_iter().filter(is_busy);
        self.fail_lanes(busy.map(|slot| (slot.id, error.clone())).collect());
        self.notice.set(Some(Notice::from(error)));
    }

    /// Whether a lane is waiting or running.
    pub fn is_busy(self) -> bool {
        self.has_lane_in(Phase::is_busy)
    }

    /// Whether a lane's tokens arrive.
    pub fn is_answering(self) -> bool {
        self.has_lane_in(|phase| phase == Phase::Running)
    }

    fn has_lane_in(self, is_meant: impl Fn(Phase) -> bool) -> bool {
        self.lanes.with(|lanes| lanes.iter().any(|slot| slot.state.with(|state| is_meant(state.phase))))
    }

    fn fail_lanes(self, failed: Vec<(LaneId, WireError)>) {
        let Some((_, first)) = failed.first().cloned() else { return };
        for (id, error) in failed {
            if let Some(slot) = self.slot(id) {
                slot.state.update(|state| state.fail(error));
            }
        }
        self.notice.set(Some(Notice::from(&first)));
        self.announce_the_end();
    }

    fn announce_the_end(self) {
        let phases: Vec<Phase> =
            self.chosen(None).iter().map(|slot| slot.state.with_untracked(|state| state.phase)).collect();
        if phases.iter().any(|phase| phase.is_busy()) || phases.iter().all(|phase| *phase == Phase::Empty) {
            return;
        }
        let count = |wanted: Phase| phases.iter().filter(|phase| **phase == wanted).count();
        let mut said = format!("{} of {} lanes done", count(Phase::Done), phases.len());
        for (phase, word) in [(Phase::Stopped, "stopped"), (Phase::Failed, "failed")] {
            if count(phase) > 0 {
                said = format!("{said}, {} {word}", count(phase));
            }
        }
        said.push('.');
        if self.announcement.with_untracked(|before| *before != said) {
            self.announcement.set(said);
        }
    }

    fn chosen(self, only: Option<LaneId>) -> Vec<LaneSlot> {
        let mut lanes = self.lanes.get_untracked();
        lanes.retain(|slot| only.is_none_or(|id| id == slot.id));
        lanes
    }

    fn question(self, lane: RwSignal<Lane>) -> Question {
        let (chat, base) = (self.chat(), self.base_sha256.get());
        lane.with(|lane| {
            self.input.with(|input| self.sampling.with(|dice| Question::new(lane, input, dice, chat, base)))
        })
    }

    fn insert(self, after: Option<LaneId>, lane: Lane, state: LaneState) -> Option<LaneId> {
        if !untrack(|| self.has_room()) {
            return None;
        }
        let slot = self.new_slot(lane, state);
        self.lanes.update(|lanes| {
            let at = lanes.iter().position(|slot| Some(slot.id) == after).map_or(lanes.len(), |at| at + 1);
            lanes.insert(at, slot);
        });
        Some(slot.id)
    }

    /// Signals of lanes belong to the desk, not to the view in which somebody pressed a button.
    fn new_slot(self, lane: Lane, state: LaneState) -> LaneSlot {
        let id = self.last_lane_id.get_value() + 1;
        self.last_lane_id.set_value(id);
        self.owner.get_value().with(|| {
            let (lane, state) = (RwSignal::new(lane), RwSignal::new(state));
            let shown = Memo::new(move |_| {
                state.with(|own| {
                    if own.phase.is_busy() {
                        Shown::busy(own)
                    } else {
                        Shown::choose(own, &self.question(lane), self.scenario)
                    }
                })
            });
            LaneSlot { id, lane, state, shown, run_id: StoredValue::new(0) }
        })
    }
}

fn generate(slot: &LaneSlot, run_id: RunId) -> Option<Generate> {
    let question = slot.state.with_untracked(|state| state.question.clone())?;
    let adapter = match question.weights {
        Weights::Base => None,
        Weights::Adapter { id, scale } => Some(AdapterUse { adapter_id: id, scale }),
    };
    Some(Generate {
        run_id,
        lane_id: slot.id,
        messages: question.messages,
        chat: question.chat,
        adapter,
        sampling: question.sampling,
    })
}

mod sources;
#[cfg(test)]
mod tests;
