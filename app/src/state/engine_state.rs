//! What the worker holds and what it must be asked for next. Plain data: requests go out as values,
//! events come in as values.

use std::collections::BTreeMap;

use protocol::{
    AdapterInfo, ChatFormat, EngineInfo, ErrorKind, Event, Generate, LaneId, LoadId, LoadProgress, LoadStage,
    ModelInfo, Request, WireError,
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

/// What a load is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The base.
    Model,
    /// An adapter, by its name in lanes.
    Adapter(String),
}

/// The worker as the page knows it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EngineState {
    /// Known once the worker has started.
    pub info: Option<EngineInfo>,
    /// All memory that the worker takes, once it has told.
    pub memory_bytes: Option<u64>,
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

    /// Writes the lanes of the queue that have no chat format in this one, and names them.
    pub fn set_format(&mut self, format: ChatFormat) -> Vec<LaneId> {
        let without = self.waiting.iter_mut().filter(|lane| lane.chat.format.is_none());
        without
            .map(|lane| {
                lane.chat.format = Some(format);
                lane.lane_id
            })
            .collect()
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

    /// Lets go of the adapters that are not in the catalogue. Returns what to tell the worker.
    pub fn unload_all_but(&mut self, catalogue: &Catalogue) -> Vec<Request> {
        let is_gone = |id: &str| catalogue.adapter(id).is_none();
        self.wanted_adapters.retain(|id| !is_gone(id));
        let mut requests = Vec::new();
        for (adapter_id, adapter) in self.adapters.extract_if(.., |id, _| is_gone(id)) {
            if let Loading::Under { load_id, .. } = adapter {
                requests.push(Request::CancelLoad { load_id });
            }
            // A load that is cancelled too late has taken effect.
            requests.push(Request::UnloadAdapter { adapter_id });
        }
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
            let context_length = catalogue.base.context_length;
            requests.push(Request::LoadModel { load_id, files, context_length });
            self.model = Loading::Under { load_id, progress: None };
        }
        let Some(model) = self.model.ready() else { return requests };
        let needs_format = model.chat.needs_format();
        self.wants_model = false;
        for id in std::mem::take(&mut self.wanted_adapters) {
            requests.extend(self.ask_for_adapter(&id, catalogue, &address));
        }
        for lane in std::mem::take(&mut self.waiting) {
            // Which format is right a person knows, and nobody guesses.
            if needs_format && lane.chat.format.is_none() {
                self.waiting.push(lane);
                continue;
            }
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

    /// What a load is about; `None` when nobody waits for it any more.
    pub fn subject(&self, load_id: LoadId) -> Option<Subject> {
        if self.model.is_load(load_id) {
            return Some(Subject::Model);
        }
        let adapter = self.adapters.iter().find(|(_, slot)| slot.is_load(load_id));
        adapter.map(|(id, _)| Subject::Adapter(id.clone()))
    }

    /// Takes in an event. Returns the lanes that cannot run any more, and why.
    pub fn apply(&mut self, event: &Event, catalogue: &Catalogue) -> Vec<(LaneId, WireError)> {
        match event {
            Event::Ready(info) | Event::Tuned(info) => self.info = Some(info.clone()),
            Event::MemoryGrown { memory_bytes } => self.memory_bytes = Some(*memory_bytes),
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
mod tests;
