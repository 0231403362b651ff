//! What the worker holds and what it must be asked for next. Plain data: requests go out as values,
//! events come in as values.

use std::collections::BTreeMap;

use protocol::{
    AdapterInfo, EngineInfo, ErrorKind, Event, Generate, LaneId, LoadId, LoadProgress, LoadStage, ModelInfo,
    Request, WireError,
};

use super::Catalogue;

/// Something that the worker loads.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Loading<T> {
    /// Not asked for.
    #[default]
    Absent,
    /// On its way.
    Under {
        /// The load.
        load_id: LoadId,
        /// How far it is.
        progress: Option<LoadProgress>,
    },
    /// There.
    Ready(T),
    /// It did not come; the next run asks again.
    Failed(WireError),
}

impl<T> Loading<T> {
    /// It, when it is there.
    pub fn ready(&self) -> Option<&T> {
        if let Self::Ready(it) = self { Some(it) } else { None }
    }

    /// `idle`, `loading`, `ready` or `failed`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Absent => "idle",
            Self::Under { .. } => "loading",
            Self::Ready(_) => "ready",
            Self::Failed(_) => "failed",
        }
    }

    fn is_load(&self, id: LoadId) -> bool {
        matches!(self, Self::Under { load_id, .. } if *load_id == id)
    }

    fn should_ask(&self) -> bool {
        matches!(self, Self::Absent | Self::Failed(_))
    }
}

/// The worker as the page knows it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EngineState {
    /// Known once the worker has started.
    pub info: Option<EngineInfo>,
    /// The base model.
    pub model: Loading<ModelInfo>,
    /// The adapters that were asked for.
    pub adapters: BTreeMap<String, Loading<AdapterInfo>>,
    /// Lanes that wait for the worker, the model or their adapter.
    waiting: Vec<Generate>,
    /// Whether the model is wanted before any lane is.
    wants_model: bool,
    /// Adapters that are wanted before any lane is.
    wanted_adapters: Vec<String>,
    last_load_id: LoadId,
}

impl EngineState {
    /// Puts lanes in the queue; [`Self::next_requests`] says what that takes.
    pub fn enqueue(&mut self, lanes: impl IntoIterator<Item = Generate>) {
        self.waiting.extend(lanes);
    }

    /// Takes lanes out of the queue and names them: all, or one.
    pub fn withdraw(&mut self, only: Option<LaneId>) -> Vec<LaneId> {
        let leaves = |lane: &Generate| only.is_none_or(|id| id == lane.lane_id);
        self.waiting.extract_if(.., |lane| leaves(lane)).map(|lane| lane.lane_id).collect()
    }

    /// Asks for the model before a lane does.
    pub fn want_model(&mut self) {
        self.wants_model = true;
    }

    /// Asks for an adapter, and so for the model, before a lane does.
    pub fn want_adapter(&mut self, id: &str) {
        self.wants_model = true;
        // Under its id there may have been an older one.
        self.adapters.remove(id);
        self.wanted_adapters.push(id.to_owned());
    }

    /// Another base is to be the model: what is loaded will be replaced. Returns what to tell the worker.
    pub fn change_base(&mut self) -> Vec<Request> {
        let requests = self.cancel_loads(|_| true);
        self.model = Loading::Absent;
        self.adapters.clear();
        self.wanted_adapters.clear();
        requests
    }

    /// Gives up the downloads that nobody waits for any more. Returns what to tell the worker.
    pub fn cancel_unwanted_loads(&mut self) -> Vec<Request> {
        if !self.waiting.is_empty() || self.wants_model {
            return Vec::new();
        }
        // What is being prepared is done in a moment, and downloaded in vain otherwise.
        self.cancel_loads(|progress| progress.is_none_or(|progress| progress.stage != LoadStage::Preparing))
    }

    fn cancel_loads(&mut self, which: impl Fn(Option<&LoadProgress>) -> bool) -> Vec<Request> {
        let mut requests = Vec::new();
        let mut cancel = |load_id| requests.push(Request::CancelLoad { load_id });
        if let Loading::Under { load_id, progress } = &self.model
            && which(progress.as_ref())
        {
            cancel(*load_id);
            self.model = Loading::Absent;
        }
        for adapter in self.adapters.values_mut() {
            if let Loading::Under { load_id, progress } = adapter
                && which(progress.as_ref())
            {
                cancel(*load_id);
                *adapter = Loading::Absent;
            }
        }
        requests
    }

    /// Whether something is being loaded.
    pub fn is_loading(&self) -> bool {
        self.progress().is_some()
            || matches!(self.model, Loading::Under { .. })
            || self.adapters.values().any(|adapter| matches!(adapter, Loading::Under { .. }))
    }

    /// How far the present load is.
    pub fn progress(&self) -> Option<LoadProgress> {
        if let Loading::Under { progress, .. } = &self.model {
            return *progress;
        }
        self.adapters.values().find_map(|adapter| match adapter {
            Loading::Under { progress, .. } => *progress,
            _ => None,
        })
    }

    /// What to send to the worker now. `address` makes a path beside the page absolute.
    pub fn next_requests(&mut self, catalogue: &Catalogue, address: impl Fn(&str) -> String) -> Vec<Request> {
        if self.info.is_none() || (!self.wants_model && self.waiting.is_empty()) {
            return Vec::new();
        }
        let mut requests = Vec::new();
        if self.model.should_ask() {
            let load_id = self.next_load_id();
            let files = catalogue.base.files.iter().map(|place| place.source(&address)).collect();
            requests.push(Request::LoadModel { load_id, files });
            self.model = Loading::Under { load_id, progress: None };
        }
        if self.model.ready().is_none() {
            return requests;
        }
        self.wants_model = false;
        for id in std::mem::take(&mut self.wanted_adapters) {
            requests.extend(self.ask_for_adapter(&id, catalogue, &address));
        }
        for lane in std::mem::take(&mut self.waiting) {
            let Some(id) = lane.adapter.as_ref().map(|adapter| adapter.adapter_id.clone()) else {
                requests.push(Request::Generate(lane));
                continue;
            };
            if self.adapters.get(&id).is_some_and(|adapter| adapter.ready().is_some()) {
                requests.push(Request::Generate(lane));
                continue;
            }
            requests.extend(self.ask_for_adapter(&id, catalogue, &address));
            self.waiting.push(lane);
        }
        requests
    }

    fn ask_for_adapter(
        &mut self,
        id: &str,
        catalogue: &Catalogue,
        address: impl Fn(&str) -> String,
    ) -> Option<Request> {
        let choice = catalogue.adapter(id)?;
        if !self.adapters.get(id).is_none_or(Loading::should_ask) {
            return None;
        }
        let load_id = self.next_load_id();
        self.adapters.insert(id.to_owned(), Loading::Under { load_id, progress: None });
        Some(Request::LoadAdapter {
            load_id,
            adapter_id: id.to_owned(),
            config: choice.config.as_ref().map(|config| config.source(&address)),
            weights: choice.weights.source(&address),
        })
    }

    /// Takes in an event. Returns the lanes that cannot run any more, and why.
    pub fn apply(&mut self, event: &Event, catalogue: &Catalogue) -> Vec<(LaneId, WireError)> {
        match event {
            Event::Ready(info) | Event::Tuned(info) => self.info = Some(info.clone()),
            Event::Progress(progress) => self.note_progress(*progress),
            Event::ModelLoaded { load_id, model } if self.model.is_load(*load_id) => {
                let expected = &catalogue.base.sha256;
                if model.sha256 != *expected {
                    return self.fail_load(
                        *load_id,
                        &unexpected_hash(ErrorKind::InvalidModel, "model", &model.sha256, expected),
                    );
                }
                self.model = Loading::Ready(model.clone());
                self.adapters.clear();
            }
            Event::AdapterLoaded { load_id, adapter } => {
                let expected = catalogue.adapter(&adapter.adapter_id).map(|choice| choice.sha256.as_str());
                if let Some(expected) = expected.filter(|expected| *expected != adapter.sha256) {
                    let error = unexpected_hash(
                        ErrorKind::InvalidAdapter,
                        &adapter.adapter_id,
                        &adapter.sha256,
                        expected,
                    );
                    return self.fail_load(*load_id, &error);
                }
                if let Some(slot) = self.adapters.values_mut().find(|slot| slot.is_load(*load_id)) {
                    *slot = Loading::Ready(adapter.clone());
                }
            }
            Event::LoadFailed { load_id, error } => return self.fail_load(*load_id, error),
            Event::Crashed(error) => return self.crash(error),
            _ => {}
        }
        Vec::new()
    }

    /// The worker is gone, and everything it held with it.
    pub fn crash(&mut self, error: &WireError) -> Vec<(LaneId, WireError)> {
        let waiting = std::mem::take(&mut self.waiting);
        *self = Self { last_load_id: self.last_load_id, ..Self::default() };
        waiting.into_iter().map(|lane| (lane.lane_id, error.clone())).collect()
    }

    /// Takes the lanes out whose adapter is in no catalogue, and names them with the reason.
    pub fn refuse_unknown_adapters(&mut self, catalogue: &Catalogue) -> Vec<(LaneId, WireError)> {
        let unknown = |lane: &Generate| {
            lane.adapter.as_ref().is_some_and(|adapter| catalogue.adapter(&adapter.adapter_id).is_none())
        };
        let refuse = |lane: Generate| {
            let id = lane.adapter.map(|adapter| adapter.adapter_id).unwrap_or_default();
            let message = format!("There is no adapter {id:?} for {}.", catalogue.base.name);
            (lane.lane_id, WireError::new(ErrorKind::InvalidRequest, message))
        };
        self.waiting.extract_if(.., |lane| unknown(lane)).map(refuse).collect()
    }

    fn note_progress(&mut self, news: LoadProgress) {
        if let Loading::Under { load_id, progress } = &mut self.model
            && *load_id == news.load_id
        {
            *progress = Some(news);
        }
        for adapter in self.adapters.values_mut() {
            if let Loading::Under { load_id, progress } = adapter
                && *load_id == news.load_id
            {
                *progress = Some(news);
            }
        }
    }

    fn fail_load(&mut self, failed: LoadId, error: &WireError) -> Vec<(LaneId, WireError)> {
        if self.model.is_load(failed) {
            self.model = Loading::Failed(error.clone());
            self.wants_model = false;
            self.wanted_adapters.clear();
            return self.withdraw(None).into_iter().map(|lane| (lane, error.clone())).collect();
        }
        let Some((id, slot)) = self.adapters.iter_mut().find(|(_, slot)| slot.is_load(failed)) else {
            return Vec::new();
        };
        *slot = Loading::Failed(error.clone());
        let wants = |lane: &Generate| lane.adapter.as_ref().is_some_and(|adapter| adapter.adapter_id == *id);
        self.waiting.extract_if(.., |lane| wants(lane)).map(|lane| (lane.lane_id, error.clone())).collect()
    }

    fn next_load_id(&mut self) -> LoadId {
        self.last_load_id += 1;
        self.last_load_id
    }
}

fn unexpected_hash(kind: ErrorKind, what: &str, got: &str, expected: &str) -> WireError {
    let short = |hash: &str| hash.get(..12).unwrap_or(hash).to_owned();
    let message =
        format!("The file of {what} has the hash {}, but its card says {}.", short(got), short(expected));
    WireError::new(kind, message)
}

#[cfg(test)]
mod tests {
    use protocol::{AdapterUse, EngineKind, Sampling, Source};

    use super::*;
    use crate::state::{AdapterChoice, BaseChoice, Place};

    fn catalogue() -> Catalogue {
        let beside = |path: &str| Place::Beside(path.to_owned());
        Catalogue {
            base: BaseChoice {
                name: "m".into(),
                size_bytes: 9,
                sha256: "aaaaaaaaaaaaaaaa".into(),
                files: vec![beside("m.gguf")],
            },
            adapters: vec![AdapterChoice {
                id: "t".into(),
                name: "T".into(),
                sha256: "bbbbbbbbbbbbbbbb".into(),
                config: Some(Place::Stored("cccc".into())),
                weights: Place::Stored("bbbbbbbbbbbbbbbb".into()),
            }],
        }
    }

    fn lane(lane_id: LaneId, adapter: Option<&str>) -> Generate {
        Generate {
            run_id: 1,
            lane_id,
            messages: vec![],
            adapter: adapter.map(|id| AdapterUse { adapter_id: id.into(), scale: 1.0 }),
            sampling: Sampling::default(),
        }
    }

    fn ready() -> Event {
        Event::Ready(EngineInfo { kind: EngineKind::Reference, threads: 1, build: "b".into() })
    }

    fn model(sha256: &str) -> ModelInfo {
        ModelInfo {
            name: "m".into(),
            architecture: "llama".into(),
            parameters: 1,
            quantisation: "Q8_0".into(),
            context_length: 8,
            vocabulary: 4,
            size_bytes: 9,
            memory_bytes: 9,
            sha256: sha256.into(),
            tokenizer_sha256: String::new(),
        }
    }

    fn adapter(sha256: &str) -> AdapterInfo {
        AdapterInfo {
            adapter_id: "t".into(),
            rank: 8,
            alpha: 16.0,
            parameters: 1,
            matrices: 1,
            memory_bytes: 1,
            sha256: sha256.into(),
        }
    }

    fn next(state: &mut EngineState) -> Vec<Request> {
        state.next_requests(&catalogue(), |path| format!("http://here/{path}"))
    }

    #[test]
    fn a_run_asks_for_the_model_then_the_adapter_then_the_lane() {
        let mut state = EngineState::default();
        state.enqueue([lane(1, None), lane(2, Some("t"))]);
        assert_eq!(next(&mut state), [], "the worker has not started");
        state.apply(&ready(), &catalogue());
        let url = Source::Url("http://here/m.gguf".into());
        assert_eq!(next(&mut state), [Request::LoadModel { load_id: 1, files: vec![url] }]);
        assert_eq!(next(&mut state), [], "it is on its way");
        state.apply(&Event::ModelLoaded { load_id: 1, model: model("aaaaaaaaaaaaaaaa") }, &catalogue());
        let requests = next(&mut state);
        assert_eq!(requests[0], Request::Generate(lane(1, None)));
        assert!(
            matches!(&requests[1], Request::LoadAdapter { load_id: 2, adapter_id, .. } if adapter_id == "t")
        );
        state.apply(&Event::AdapterLoaded { load_id: 2, adapter: adapter("bbbbbbbbbbbbbbbb") }, &catalogue());
        assert_eq!(next(&mut state), [Request::Generate(lane(2, Some("t")))]);
        state.enqueue([lane(3, Some("t"))]);
        assert_eq!(
            next(&mut state),
            [Request::Generate(lane(3, Some("t")))],
            "what is there is not asked for again"
        );
    }

    #[test]
    fn a_model_that_does_not_come_fails_every_waiting_lane_and_is_asked_for_again() {
        let mut state = EngineState::default();
        state.apply(&ready(), &catalogue());
        state.enqueue([lane(1, None), lane(2, Some("t"))]);
        next(&mut state);
        let error = WireError::new(ErrorKind::Network, "gone");
        let failed = state.apply(&Event::LoadFailed { load_id: 1, error: error.clone() }, &catalogue());
        assert_eq!(failed, [(1, error.clone()), (2, error)]);
        state.enqueue([lane(1, None)]);
        assert!(matches!(next(&mut state)[..], [Request::LoadModel { load_id: 2, .. }]));
    }

    #[test]
    fn other_bytes_than_the_card_promises_are_refused() {
        let mut state = EngineState::default();
        state.apply(&ready(), &catalogue());
        state.enqueue([lane(1, None)]);
        next(&mut state);
        let failed =
            state.apply(&Event::ModelLoaded { load_id: 1, model: model("cccccccccccccccc") }, &catalogue());
        assert_eq!(failed[0].1.kind, ErrorKind::InvalidModel);
        assert_eq!(state.model.name(), "failed");
    }

    #[test]
    fn a_failed_adapter_fails_only_the_lanes_that_want_it() {
        let mut state = EngineState::default();
        state.apply(&ready(), &catalogue());
        state.enqueue([lane(1, Some("t"))]);
        next(&mut state);
        state.apply(&Event::ModelLoaded { load_id: 1, model: model("aaaaaaaaaaaaaaaa") }, &catalogue());
        next(&mut state);
        let error = WireError::new(ErrorKind::InvalidAdapter, "cut short");
        let failed = state.apply(&Event::LoadFailed { load_id: 2, error: error.clone() }, &catalogue());
        assert_eq!(failed, [(1, error)]);
        state.enqueue([lane(2, None)]);
        assert_eq!(next(&mut state), [Request::Generate(lane(2, None))]);
    }

    #[test]
    fn a_crash_forgets_what_the_worker_held() {
        let mut state = EngineState::default();
        state.apply(&ready(), &catalogue());
        state.enqueue([lane(1, None)]);
        next(&mut state);
        let error = WireError::new(ErrorKind::Internal, "trap");
        assert_eq!(state.apply(&Event::Crashed(error.clone()), &catalogue()), [(1, error)]);
        assert_eq!((state.model.name(), state.info.is_none()), ("idle", true));
    }

    #[test]
    fn a_download_that_nobody_waits_for_is_given_up() {
        let mut state = EngineState::default();
        state.apply(&ready(), &catalogue());
        state.enqueue([lane(1, None)]);
        next(&mut state);
        assert_eq!(state.cancel_unwanted_loads(), [], "a lane waits for it");
        state.withdraw(None);
        assert_eq!(state.cancel_unwanted_loads(), [Request::CancelLoad { load_id: 1 }]);
        assert_eq!(state.model.name(), "idle");
        state.apply(&Event::ModelLoaded { load_id: 1, model: model("aaaaaaaaaaaaaaaa") }, &catalogue());
        assert_eq!(state.model.name(), "idle", "it came too late");
    }

    #[test]
    fn what_is_wanted_is_loaded_without_a_lane() {
        let mut state = EngineState::default();
        state.apply(&ready(), &catalogue());
        state.want_adapter("t");
        assert!(matches!(next(&mut state)[..], [Request::LoadModel { load_id: 1, .. }]));
        state.apply(&Event::ModelLoaded { load_id: 1, model: model("aaaaaaaaaaaaaaaa") }, &catalogue());
        let requests = next(&mut state);
        let weights = Source::Stored("bbbbbbbbbbbbbbbb".into());
        assert!(matches!(&requests[..], [Request::LoadAdapter { weights: from, .. }] if *from == weights));
        assert_eq!(next(&mut state), []);
        state.change_base();
        assert_eq!((state.model.name(), state.adapters.len()), ("idle", 0));
    }

    #[test]
    fn lanes_with_an_unknown_adapter_are_refused_by_name() {
        let mut state = EngineState::default();
        state.enqueue([lane(1, Some("nobody")), lane(2, None)]);
        let refused = state.refuse_unknown_adapters(&catalogue());
        assert_eq!(refused[0].0, 1);
        assert!(refused[0].1.message.contains("nobody"));
        assert_eq!(state.withdraw(None), [2]);
    }
}
