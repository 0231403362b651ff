//! The JavaScript edge: messages in, events out.
//!
//! One task owns the [`Session`]. Requests are taken in the order in which they come; a load of an adapter starts
//! its download at once, that of a base as soon as the base before it is gone, and both take effect in their turn, so
//! that what is asked after them finds them loaded. Stop does not queue. Between two turns of the session the task yields to the event loop by a
//! message to itself, which browsers do not slow down as they do timers.

pub mod bench;
mod downloader;
mod message;
#[cfg(target_feature = "atomics")]
pub mod threads;

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, VecDeque},
    rc::Rc,
};

use js_sys::Promise;
use protocol::{
    ErrorKind, Event, FinishReason, Generate, LaneMetrics, LoadId, LoadProgress, LoadStage, Request, Source,
    WireError,
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    AbortController, AbortSignal, DedicatedWorkerGlobalScope, MessageChannel, MessageEvent, WorkerGlobalScope,
};

use crate::{
    adapter::Files,
    engine::{AnyEngine, Choice},
    session::{Base, Loader, Session},
    source::{self, Blobs, Opened},
};

pub use downloader::start_downloader;
pub use message::{event_to_js, request_from_js};

/// Makes this worker answer requests on the engine of that name, or on the best where there is no such engine; posts
/// `Ready`, with the engine's name, when it does.
///
/// # Errors
/// When it does not run in a dedicated worker.
#[wasm_bindgen]
pub fn start_worker(engine: &str) -> Result<(), JsValue> {
    let choice = Choice::named(engine).unwrap_or_default();
    let scope: DedicatedWorkerGlobalScope =
        js_sys::global().dyn_into().map_err(|_| JsValue::from_str("not in a dedicated worker"))?;
    report_panics();
    let worker = Worker::new(scope.clone(), choice)?;
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new({
        let worker = Rc::clone(&worker);
        move |message: MessageEvent| worker.receive(&message.data())
    });
    scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    // It listens as long as the worker lives.
    on_message.forget();
    spawn_local(Rc::clone(&worker).run());
    worker.post(&Event::Ready(choice.info()));
    // The page's first requests are on their way meanwhile, and what they ask for is on its way before the rest begins.
    crate::tokenizer::warm_up();
    let yielding = Yield::new()?;
    spawn_local(async move {
        yielding.now().await;
        choice.warm_up(&now_ms);
    });
    Ok(())
}

/// Bytes of a load, once they are there.
type Slot<T> = Rc<RefCell<Option<Result<T, WireError>>>>;

/// What waits for its turn.
enum Job {
    /// The base goes, and then another is read.
    MakeRoom {
        load_id: LoadId,
        read: Box<dyn FnOnce()>,
    },
    Model {
        load_id: LoadId,
        base: Slot<Base>,
    },
    Adapter {
        load_id: LoadId,
        adapter_id: String,
        files: Slot<(Option<Vec<u8>>, Vec<u8>)>,
    },
    UnloadAdapter {
        adapter_id: String,
    },
    Generate(Generate),
}

impl Job {
    fn is_ready(&self) -> bool {
        match self {
            Self::Model { base, .. } => base.borrow().is_some(),
            Self::Adapter { files, .. } => files.borrow().is_some(),
            Self::MakeRoom { .. } | Self::UnloadAdapter { .. } | Self::Generate(_) => true,
        }
    }

    fn load_id(&self) -> Option<LoadId> {
        match self {
            Self::MakeRoom { load_id, .. } | Self::Model { load_id, .. } | Self::Adapter { load_id, .. } => {
                Some(*load_id)
            }
            Self::UnloadAdapter { .. } | Self::Generate(_) => None,
        }
    }
}

/// Milliseconds since this worker began.
fn now_ms() -> f64 {
    let scope: Option<WorkerGlobalScope> = js_sys::global().dyn_into().ok();
    scope.and_then(|scope| scope.performance()).map_or(0.0, |performance| performance.now())
}

struct Worker {
    scope: DedicatedWorkerGlobalScope,
    choice: Choice,
    jobs: RefCell<VecDeque<Job>>,
    /// Stops that came while the session was at work.
    stops: RefCell<Vec<(protocol::RunId, Option<protocol::LaneId>)>>,
    /// Closes the downloads of loads that have not taken effect.
    loads: RefCell<BTreeMap<LoadId, AbortController>>,
    /// What the page was told last of the module's memory.
    memory_bytes: Cell<u64>,
    /// Wakes the task when it sleeps.
    wake: RefCell<Option<js_sys::Function>>,
    yielding: Yield,
}

impl Worker {
    fn new(scope: DedicatedWorkerGlobalScope, choice: Choice) -> Result<Rc<Self>, JsValue> {
        let yielding = Yield::new()?;
        Ok(Rc::new(Self {
            scope,
            choice,
            jobs: RefCell::default(),
            stops: RefCell::default(),
            loads: RefCell::default(),
            memory_bytes: Cell::default(),
            wake: RefCell::default(),
            yielding,
        }))
    }

    fn post(&self, event: &Event) {
        // A page that is gone cannot be told anything.
        if let Ok(event) = event_to_js(event) {
            let _ = self.scope.post_message(&event);
        }
    }

    fn receive(self: &Rc<Self>, message: &JsValue) {
        let blobs = message::take_blobs(message);
        match request_from_js(message.clone()) {
            Ok(request) => self.queue(request, blobs),
            Err(error) => match message::lane_of(message) {
                Some((run_id, lane_id)) => self.post(&Event::LaneFailed { run_id, lane_id, error }),
                None => match message::load_of(message) {
                    Some(load_id) => self.post(&Event::LoadFailed { load_id, error }),
                    // Nobody waits for an answer to this; a page that sends it is broken.
                    None => self.post(&Event::Crashed(error)),
                },
            },
        }
        self.wake();
    }

    fn queue(self: &Rc<Self>, request: Request, blobs: Blobs) {
        let job = match request {
            Request::LoadModel { load_id, files: sources, context_length } => {
                let base = Slot::default();
                let (worker, slot) = (Rc::clone(self), Rc::clone(&base));
                let read = move || {
                    worker.bring(load_id, slot, move |worker, signal| async move {
                        let context_length = context_length as usize;
                        worker.read_model(load_id, &sources, context_length, &blobs, &signal).await
                    });
                };
                self.jobs.borrow_mut().push_back(Job::MakeRoom { load_id, read: Box::new(read) });
                Job::Model { load_id, base }
            }
            Request::LoadAdapter { load_id, adapter_id, config, weights } => {
                let files = Slot::default();
                self.bring(load_id, Rc::clone(&files), move |worker, signal| async move {
                    let config = match config {
                        Some(config) => Some(worker.read(load_id, &config, &blobs, &signal, false).await?),
                        None => None,
                    };
                    Ok((config, worker.read(load_id, &weights, &blobs, &signal, true).await?))
                });
                Job::Adapter { load_id, adapter_id, files }
            }
            Request::CancelLoad { load_id } => return self.cancel(load_id),
            Request::UnloadAdapter { adapter_id } => Job::UnloadAdapter { adapter_id },
            Request::Generate(generate) => Job::Generate(generate),
            Request::Stop { run_id, lane_id } => {
                self.stops.borrow_mut().push((run_id, lane_id));
                return;
            }
        };
        self.jobs.borrow_mut().push_back(job);
    }

    /// Gives up a load that has not taken effect; one that has is told by its own event.
    fn cancel(&self, load_id: LoadId) {
        let mut jobs = self.jobs.borrow_mut();
        let before = jobs.len();
        jobs.retain(|job| job.load_id() != Some(load_id));
        if jobs.len() < before {
            if let Some(control) = self.loads.borrow_mut().remove(&load_id) {
                control.abort();
            }
            self.post(&Event::LoadCancelled { load_id });
        }
    }

    /// Starts to bring the bytes of a load.
    fn bring<T: 'static, F: Future<Output = Result<T, WireError>> + 'static>(
        self: &Rc<Self>,
        load_id: LoadId,
        slot: Slot<T>,
        read: impl FnOnce(Rc<Self>, AbortSignal) -> F,
    ) {
        let Ok(control) = AbortController::new() else {
            let error = WireError::new(ErrorKind::UnsupportedBrowser, "This browser cannot stop a download.");
            *slot.borrow_mut() = Some(Err(error));
            return;
        };
        let reading = read(Rc::clone(self), control.signal());
        self.loads.borrow_mut().insert(load_id, control);
        let worker = Rc::clone(self);
        spawn_local(async move {
            let result = reading.await;
            *slot.borrow_mut() = Some(result);
            worker.loads.borrow_mut().remove(&load_id);
            worker.wake();
        });
    }

    /// A model out of its files, put together while they are read.
    async fn read_model(
        &self,
        load_id: LoadId,
        sources: &[Source],
        context_length: usize,
        blobs: &Blobs,
        signal: &AbortSignal,
    ) -> Result<Base, WireError> {
        let mut loader = Loader::new(sources.len(), self.choice.layout(), context_length);
        for source in sources {
            if let Err(error) = self.push_file(load_id, source, blobs, signal, &mut loader).await {
                // What is wrong with a stored file may be that it is no longer what was stored.
                source::verify_stored(source, blobs, signal).await?;
                return Err(error);
            }
        }
        Ok(loader.finish()?)
    }

    /// One of the model's files.
    async fn push_file(
        &self,
        load_id: LoadId,
        source: &Source,
        blobs: &Blobs,
        signal: &AbortSignal,
        loader: &mut Loader,
    ) -> Result<(), WireError> {
        let mut file = Opened::new(source, blobs, signal).await?;
        let (stage, total_bytes) = (file.stage(), file.size_bytes());
        loader.begin_file(total_bytes);
        let mut part = Vec::new();
        while file.next(&mut part).await? {
            loader.push(&part)?;
            if !signal.aborted() {
                let done_bytes = file.read_bytes();
                self.post(&Event::Progress(LoadProgress { load_id, stage, done_bytes, total_bytes }));
            }
        }
        file.check(&loader.end_file()?)
    }

    async fn read(
        &self,
        load_id: LoadId,
        source: &Source,
        blobs: &Blobs,
        signal: &AbortSignal,
        tell: bool,
    ) -> Result<Vec<u8>, WireError> {
        let progress = |stage, done_bytes, total_bytes| {
            if tell && !signal.aborted() {
                self.post(&Event::Progress(LoadProgress { load_id, stage, done_bytes, total_bytes }));
            }
        };
        source::read(source, blobs, signal, progress).await
    }

    fn wake(&self) {
        if let Some(resolve) = self.wake.borrow_mut().take() {
            // Resolving a promise does not fail.
            let _ = resolve.call0(&JsValue::NULL);
        }
    }

    /// Waits for [`Self::wake`].
    async fn sleep(&self) {
        let promise = Promise::new(&mut |resolve, _| *self.wake.borrow_mut() = Some(resolve));
        // This promise is never rejected.
        let _ = JsFuture::from(promise).await;
    }

    /// Works for ever.
    async fn run(self: Rc<Self>) {
        let choice = self.choice;
        let mut session = Session::new(move |model| choice.engine(model), now_ms);
        loop {
            self.apply_stops(&mut session);
            while let Some(job) = self.next_job() {
                self.apply(&mut session, job);
                self.apply_stops(&mut session);
            }
            session.turn().await;
            self.post_events(&mut session);
            if session.is_busy() {
                self.yielding.now().await;
            } else if !self.has_work() {
                self.sleep().await;
            }
        }
    }

    fn has_work(&self) -> bool {
        !self.stops.borrow().is_empty() || self.jobs.borrow().front().is_some_and(Job::is_ready)
    }

    fn next_job(&self) -> Option<Job> {
        let mut jobs = self.jobs.borrow_mut();
        if jobs.front()?.is_ready() { jobs.pop_front() } else { None }
    }

    fn apply_stops(&self, session: &mut Session<AnyEngine>) {
        for (run_id, lane_id) in self.stops.take() {
            session.stop(run_id, lane_id);
            // Lanes that did not even begin.
            self.jobs.borrow_mut().retain(|job| match job {
                Job::Generate(lane)
                    if lane.run_id == run_id && lane_id.is_none_or(|id| id == lane.lane_id) =>
                {
                    let reason = FinishReason::Stopped;
                    self.post(&Event::Finished { run_id, lane_id: lane.lane_id, reason, metrics: NO_WORK });
                    false
                }
                _ => true,
            });
        }
        self.post_events(session);
    }

    fn apply(&self, session: &mut Session<AnyEngine>, job: Job) {
        let event = match job {
            Job::MakeRoom { read, .. } => {
                session.unload_model();
                return read();
            }
            Job::Model { load_id, base } => {
                match self.prepare(load_id, &base, |base| base.model.info().memory_bytes) {
                    Ok(base) => Event::ModelLoaded { load_id, model: session.load_model(base) },
                    Err(error) => Event::LoadFailed { load_id, error },
                }
            }
            Job::Adapter { load_id, adapter_id, files } => {
                let loaded = self.prepare(load_id, &files, |(_, weights)| weights.len() as u64);
                let loaded = loaded.and_then(|(config, weights)| {
                    let files = Files { config: config.as_deref(), weights: &weights };
                    session.load_adapter(&adapter_id, files).map_err(WireError::from)
                });
                match loaded {
                    Ok(adapter) => Event::AdapterLoaded { load_id, adapter },
                    Err(error) => Event::LoadFailed { load_id, error },
                }
            }
            Job::UnloadAdapter { adapter_id } => return session.unload_adapter(&adapter_id),
            Job::Generate(generate) => return session.start(generate),
        };
        self.post_events(session);
        self.post(&event);
    }

    /// Takes the bytes of a load and tells that they are being prepared.
    fn prepare<T>(
        &self,
        load_id: LoadId,
        slot: &Slot<T>,
        size_bytes: impl Fn(&T) -> u64,
    ) -> Result<T, WireError> {
        let missing = || WireError::new(ErrorKind::Internal, "a load without bytes");
        let loaded = slot.borrow_mut().take().ok_or_else(missing)??;
        let total_bytes = Some(size_bytes(&loaded));
        let stage = LoadStage::Preparing;
        self.post(&Event::Progress(LoadProgress { load_id, stage, done_bytes: 0, total_bytes }));
        Ok(loaded)
    }

    fn post_events(&self, session: &mut Session<AnyEngine>) {
        for event in session.take_events() {
            self.post(&event);
        }
        let memory_bytes = memory_bytes();
        if self.memory_bytes.replace(memory_bytes) < memory_bytes {
            self.post(&Event::MemoryGrown { memory_bytes });
        }
    }
}

/// All memory of this module.
fn memory_bytes() -> u64 {
    const PAGE_BYTES: u64 = 1 << 16;
    core::arch::wasm32::memory_size::<0>() as u64 * PAGE_BYTES
}

/// What a lane cost that was stopped before it began.
const NO_WORK: LaneMetrics = LaneMetrics {
    prompt_tokens: 0,
    output_tokens: 0,
    first_token_ms: 0.0,
    elapsed_ms: 0.0,
    tokens_per_second: 0.0,
};

/// Lets the event loop take its turn, by a message to oneself.
struct Yield {
    channel: MessageChannel,
    resolve: Rc<RefCell<Option<js_sys::Function>>>,
    _on_message: Closure<dyn FnMut()>,
}

impl Yield {
    fn new() -> Result<Self, JsValue> {
        let channel = MessageChannel::new()?;
        let resolve: Rc<RefCell<Option<js_sys::Function>>> = Rc::default();
        let on_message = Closure::<dyn FnMut()>::new({
            let resolve = Rc::clone(&resolve);
            move || {
                if let Some(resolve) = resolve.borrow_mut().take() {
                    // Resolving a promise does not fail.
                    let _ = resolve.call0(&JsValue::NULL);
                }
            }
        });
        channel.port1().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        Ok(Self { channel, resolve, _on_message: on_message })
    }

    async fn now(&self) {
        let promise = Promise::new(&mut |resolve, _| *self.resolve.borrow_mut() = Some(resolve));
        if self.channel.port2().post_message(&JsValue::NULL).is_ok() {
            // This promise is never rejected.
            let _ = JsFuture::from(promise).await;
        }
    }
}

/// Tells the page of a panic, after which the module cannot go on.
fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let kind =
            if panic.to_string().contains("memory") { ErrorKind::OutOfMemory } else { ErrorKind::Internal };
        let event = event_to_js(&Event::Crashed(WireError::new(kind, panic.to_string())));
        // The scope is asked for here and not before, as the hook is every thread's.
        let scope = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>();
        if let (Ok(event), Ok(scope)) = (event, scope) {
            let _ = scope.post_message(&event);
        }
    }));
}
