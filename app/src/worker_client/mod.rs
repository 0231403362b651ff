//! Carries requests to the inference worker and its events back to the desk. Starts the worker
//! when it is first needed, and a fresh one after a crash. `downloads` does the same for the downloader.

mod downloads;
#[cfg(not(target_arch = "wasm32"))]
mod nowhere;
#[cfg(target_arch = "wasm32")]
mod worker;

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};
use protocol::{ChatFormat, EngineInfo, ErrorKind, Event, LaneId, Request, WireError};

use self::downloads::Downloads;
pub use self::downloads::hub;
#[cfg(not(target_arch = "wasm32"))]
use self::nowhere::Worker;
#[cfg(target_arch = "wasm32")]
use self::worker::Worker;
use crate::{
    platform,
    state::{Card, Desk, EngineState},
};

/// How often the page looks whether the worker still says something.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// The longest silence of a worker that runs lanes, in looks. It tells of every token, and of every few tokens of a
/// prompt that it reads.
const SILENCE_RUNNING: u32 = 15;
/// The longest silence of a worker that starts or loads, in looks.
const SILENCE_LOADING: u32 = 60;

/// The scripts that workers run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    /// The inference module.
    Engine,
    /// What fetches and keeps files.
    Downloader,
}

impl Script {
    /// The name of the `meta` element that holds its address.
    fn meta_name(self) -> &'static str {
        match self {
            Self::Engine => "engine-worker",
            Self::Downloader => "downloader",
        }
    }
}

/// Runs what is on the desk.
#[derive(Clone, Copy)]
pub struct Runner {
    desk: Desk,
    downloads: StoredValue<Downloads, LocalStorage>,
    worker: StoredValue<Option<Worker>, LocalStorage>,
    watch: StoredValue<Watch>,
}

/// What the runner waits for.
#[derive(Debug, Clone, Copy, Default)]
struct Watch {
    card_is_coming: bool,
    /// Looks since the worker last said something. Looks and not seconds, because a machine that sleeps does
    /// not look either.
    silent_looks: u32,
}

/// What a worker is busy with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    /// Nothing, or it is not there.
    None,
    /// It starts or loads.
    Loading,
    /// It runs lanes.
    Running,
}

impl Watch {
    /// The worker said something.
    fn hear(&mut self) {
        self.silent_looks = 0;
    }

    /// Looks once more, and says what is wrong with a worker that has been silent for too long.
    fn look(&mut self, work: Work) -> Option<WireError> {
        let longest = match work {
            Work::None => {
                self.hear();
                return None;
            }
            Work::Loading => SILENCE_LOADING,
            Work::Running => SILENCE_RUNNING,
        };
        self.silent_looks += 1;
        let seconds = LOOK_EVERY.as_secs() * u64::from(self.silent_looks - 1);
        let message = format!("The engine has said nothing for {seconds} seconds.");
        (self.silent_looks > longest).then(|| WireError::new(ErrorKind::Internal, message))
    }
}

impl Runner {
    /// A runner for the desk; asks for the card at once and starts nothing else.
    pub fn new(desk: Desk) -> Self {
        let runner = Self {
            desk,
            downloads: StoredValue::new_local(Downloads::new()),
            worker: StoredValue::new_local(None),
            watch: StoredValue::default(),
        };
        runner.remember_chosen();
        runner.fetch_card();
        platform::every(LOOK_EVERY, move || runner.look());
        runner
    }

    /// Starts the worker, so that it is there when Run is pressed.
    pub fn warm_up(self) {
        if self.worker.with_value(Option::is_none) {
            let receive = move |event: Result<Event, WireError>, _| {
                self.receive(&event.unwrap_or_else(Event::Crashed));
            };
            match Worker::start(Script::Engine, receive) {
                Ok(worker) => self.worker.set_value(Some(worker)),
                Err(error) => self.desk.crash(&error),
            }
        }
    }

    /// Runs all lanes, or one.
    pub fn run(self, only: Option<LaneId>) {
        self.watch.update_value(Watch::hear);
        let stops = self.desk.run(only);
        self.send(stops);
        if self.desk.card.with_untracked(Option::is_none) {
            self.fetch_card();
        }
        self.warm_up();
        self.go_on();
    }

    /// Chooses the chat format of the base; `None` is its own template. Lanes that waited for one run.
    pub fn choose_format(self, format: Option<ChatFormat>) {
        self.desk.choose_format(format);
        self.go_on();
    }

    /// Stops all lanes, or one.
    pub fn stop(self, only: Option<LaneId>) {
        let stops = self.desk.stop(only);
        self.send(stops);
    }

    /// Sends what a change of the desk asks for.
    pub fn send(self, requests: Vec<Request>) {
        for request in requests {
            let (request, files) = self.downloads.get_value().with_held_files(request);
            let sent =
                self.worker.with_value(|worker| worker.as_ref().map(|worker| worker.send(&request, &files)));
            if let Some(Err(error)) = sent {
                self.crash(&error);
                return;
            }
        }
    }

    fn receive(self, event: &Event) {
        self.watch.update_value(Watch::hear);
        match event {
            Event::Crashed(error) => return self.crash(error),
            Event::Ready(info) => {
                if let Err(error) = is_what_was_asked_for(info, platform::query("engine").as_deref()) {
                    return self.crash(&error);
                }
            }
            _ => {}
        }
        let requests = self.desk.apply(event);
        self.send(requests);
        if let Event::LoadFailed { error, .. } = event
            && downloads::is_damaged(error)
        {
            self.repair(&error.message);
        }
        self.go_on();
    }

    /// A worker can die without a word, and then nobody but the page can say so.
    fn look(self) {
        let work = self.work();
        let mut watch = self.watch.get_value();
        let fault = watch.look(work);
        self.watch.set_value(watch);
        if let Some(error) = fault {
            self.crash(&error);
        }
    }

    fn work(self) -> Work {
        let is_loading = self.desk.engine.with_untracked(EngineState::is_loading);
        // While a person is asked for a format, nobody else works.
        let is_busy = untrack(|| self.desk.is_busy() && !self.desk.asks_for_format());
        if self.worker.with_value(Option::is_none) || !(is_loading || is_busy) {
            return Work::None;
        }
        let is_starting = self.desk.engine.with_untracked(|engine| engine.info.is_none());
        // Lanes that run speak while an adapter for others is loaded.
        let is_answering = untrack(|| self.desk.is_answering());
        if (is_loading || is_starting) && !is_answering { Work::Loading } else { Work::Running }
    }

    fn go_on(self) {
        let requests = self.desk.next_requests(platform::absolute);
        self.send(requests);
    }

    fn crash(self, error: &WireError) {
        self.worker.set_value(None);
        self.desk.crash(error);
    }

    fn fetch_card(self) {
        if self.watch.get_value().card_is_coming {
            return;
        }
        self.watch.update_value(|watch| watch.card_is_coming = true);
        spawn_local(async move {
            let text = platform::fetch_text("models/card.json").await;
            self.watch.update_value(|watch| watch.card_is_coming = false);
            let card = text.map_err(|message| WireError::new(ErrorKind::Network, message)).and_then(|text| {
                Card::read(&text).map_err(|message| WireError::new(ErrorKind::InvalidModel, message))
            });
            match card {
                Ok(card) => {
                    self.desk.card.set(Some(card));
                    self.go_on();
                }
                Err(error) => self.desk.fail_pending(&error),
            }
        });
    }
}

/// An engine that was asked for in the address and is not there is said, and nothing else runs instead.
fn is_what_was_asked_for(info: &EngineInfo, asked: Option<&str>) -> Result<(), WireError> {
    let there = info.kind.name();
    match asked {
        Some(asked) if asked != there => Err(WireError::new(
            ErrorKind::UnsupportedBrowser,
            format!("The address asks for the engine {asked:?}, but here there is only {there:?}."),
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use protocol::EngineKind;

    use super::*;

    #[test]
    fn a_worker_that_says_nothing_for_long_is_given_up() {
        let looks = |work: Work| {
            let mut watch = Watch::default();
            let silent = (0..1000).take_while(|_| watch.look(work).is_none()).count();
            (silent, watch.look(work).map(|error| error.message))
        };
        assert_eq!(looks(Work::Running).0, SILENCE_RUNNING as usize);
        assert_eq!(looks(Work::Loading).0, SILENCE_LOADING as usize);
        assert!(looks(Work::Running).1.is_some_and(|message| message.contains("32 seconds")));
        assert_eq!(looks(Work::None), (1000, None));
    }

    #[test]
    fn a_worker_that_reads_a_long_prompt_is_left_alone() {
        let mut watch = Watch::default();
        for _ in 0..100 {
            assert!((1..SILENCE_RUNNING).all(|_| watch.look(Work::Running).is_none()));
            watch.hear();
        }
        assert_eq!((0..SILENCE_RUNNING).find_map(|_| watch.look(Work::Running)), None);
        watch.look(Work::None);
        assert_eq!(watch.silent_looks, 0);
    }

    #[test]
    fn an_engine_that_is_not_there_is_said() {
        let info = EngineInfo { kind: EngineKind::Reference, threads: 1, build: String::new() };
        assert_eq!(is_what_was_asked_for(&info, None), Ok(()));
        assert_eq!(is_what_was_asked_for(&info, Some("reference")), Ok(()));
        let error = is_what_was_asked_for(&info, Some("gpu")).expect_err("there is no such engine");
        assert_eq!(error.kind, ErrorKind::UnsupportedBrowser);
        assert!(error.message.contains("gpu") && error.message.contains("reference"), "{}", error.message);
    }
}
