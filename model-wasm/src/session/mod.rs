//! Models, adapters and lanes: what the worker does, without the worker.
//!
//! A session is driven from outside: requests go in by method calls, [`Session::turn`] does the next
//! small piece of work (a chunk of one prompt, and one step of every lane that is decoding, in one
//! batch; or, where a step gave several tokens, the next token of each lane), and [`Event`]s come out by
//! [`Session::take_events`]. Between two turns anything may happen, so a stop comes within one chunk or one
//! token. The clock is handed in.

mod answer;
mod base;
mod cache;
mod draft;
mod error;
mod lane;
mod loader;
#[cfg(test)]
mod tests;
mod times;

use std::{collections::BTreeMap, sync::Arc};

use protocol::{AdapterInfo, AdapterUse, Event, FinishReason, Generate, LaneId, ModelInfo, RunId, WireError};

use crate::{
    adapter::{Adapter, Files},
    chat::Prompt,
    engine::{Engine, Run, SequenceId, Weights},
    model::Model,
    sampling,
};

pub use base::Base;
pub use error::SessionError;
pub use loader::{Judge, Loader, MOST_BYTES, Verdict, sha256_of_parts};

use answer::End;
use cache::{Cache, Shared};
use draft::Outcome;
use lane::{Lane, State};

/// Tokens of one prompt that are read in one turn.
const PREFILL_CHUNK: usize = 32;
/// The largest scale that an adapter may be given.
const LARGEST_SCALE: f32 = 10.0;

/// A base with its engine and what runs on it.
struct Loaded<E> {
    base: Base,
    engine: E,
    adapters: BTreeMap<String, Arc<Adapter>>,
    cache: Cache,
}

/// See the module.
pub struct Session<E> {
    loaded: Option<Loaded<E>>,
    lanes: Vec<Lane>,
    events: Vec<Event>,
    engine_for: Box<dyn Fn(Arc<Model>) -> E>,
    /// Whether lanes guess ahead.
    drafting: bool,
    /// Milliseconds since some fixed moment.
    now_ms: Box<dyn Fn() -> f64>,
}

impl<E: Engine> Session<E> {
    /// An empty session; `engine_for` makes the engine of a base model, `now_ms` counts milliseconds from any
    /// moment.
    pub fn new(engine_for: impl Fn(Arc<Model>) -> E + 'static, now_ms: impl Fn() -> f64 + 'static) -> Self {
        Self {
            loaded: None,
            lanes: Vec::new(),
            events: Vec::new(),
            engine_for: Box::new(engine_for),
            drafting: true,
            now_ms: Box::new(now_ms),
        }
    }

    /// Lets lanes guess ahead, or not; that changes how long they take, and nothing else.
    pub fn set_drafting(&mut self, drafting: bool) {
        self.drafting = drafting;
    }

    /// Frees the base, before another is read, so that memory never holds two. Its lanes fail; its adapters are gone.
    pub fn unload_model(&mut self) {
        self.fail_lanes(|_| true, || SessionError::ModelReplaced);
        self.loaded = None;
    }

    /// Makes a model the base, in the place of the one before it.
    pub fn load_model(&mut self, base: Base) -> ModelInfo {
        self.unload_model();
        let mut engine = (self.engine_for)(Arc::clone(&base.model));
        engine.tune(&self.now_ms);
        self.events.push(Event::Tuned(engine.info()));
        let info = base.model.info().clone();
        let loaded = Loaded { base, engine, adapters: BTreeMap::new(), cache: Cache::default() };
        self.loaded = Some(loaded);
        info
    }

    /// Reads an adapter of any format for the base and keeps it under `adapter_id`.
    ///
    /// # Errors
    /// When there is no base, or the adapter is damaged, not supported or does not fit.
    pub fn load_adapter(&mut self, adapter_id: &str, files: Files) -> Result<AdapterInfo, SessionError> {
        let loaded = self.loaded.as_ref().ok_or(SessionError::NoModel)?;
        let adapter = Adapter::from_files(files, &loaded.base.model)?;
        self.unload_adapter(adapter_id);
        let info = adapter.info(adapter_id);
        if let Some(loaded) = &mut self.loaded {
            loaded.adapters.insert(adapter_id.to_owned(), Arc::new(adapter));
        }
        Ok(info)
    }

    /// Frees an adapter. Lanes that are running with it fail.
    pub fn unload_adapter(&mut self, adapter_id: &str) {
        let uses = |lane: &Lane| lane.adapter_id.as_deref() == Some(adapter_id);
        self.fail_lanes(uses, || SessionError::AdapterUnloaded(adapter_id.to_owned()));
        let Some(loaded) = &mut self.loaded else { return };
        let Some(adapter) = loaded.adapters.remove(adapter_id) else { return };
        let on_it = |weights: &Weights| {
            weights.applied().is_some_and(|(applied, _)| std::ptr::eq(applied, &raw const *adapter))
        };
        loaded.cache.forget(&mut loaded.engine, on_it);
    }

    /// Starts a lane. What is wrong with it is told by an event.
    pub fn start(&mut self, request: Generate) {
        self.start_or_tell(request, None);
    }

    /// Starts a lane on a prompt that is made already, in the place of its messages; see [`Base::bare_prompt`].
    pub fn start_on(&mut self, request: Generate, prompt: Prompt) {
        self.start_or_tell(request, Some(prompt));
    }

    fn start_or_tell(&mut self, request: Generate, prompt: Option<Prompt>) {
        let (run_id, lane_id) = (request.run_id, request.lane_id);
        if let Err(error) = self.try_start(request, prompt) {
            self.events.push(Event::LaneFailed { run_id, lane_id, error: error.into() });
        }
    }

    /// Stops one lane of a run, or all of it.
    pub fn stop(&mut self, run_id: RunId, lane_id: Option<LaneId>) {
        for index in (0..self.lanes.len()).rev() {
            let lane = &self.lanes[index];
            if lane.run_id == run_id && lane_id.is_none_or(|lane_id| lane.lane_id == lane_id) {
                self.finish(index, FinishReason::Stopped);
            }
        }
    }

    /// The base, if one is loaded.
    pub fn model(&self) -> Option<&ModelInfo> {
        self.loaded.as_ref().map(|loaded| loaded.base.model.info())
    }

    /// Whether a turn would do something.
    pub fn is_busy(&self) -> bool {
        !self.lanes.is_empty()
    }

    /// What has happened since the last call.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Does the next small piece of work; nothing when no lane runs.
    pub async fn turn(&mut self) {
        if !self.hand_out() {
            self.prefill().await;
            self.step().await;
            self.hand_out();
        }
    }

    fn try_start(&mut self, request: Generate, prompt: Option<Prompt>) -> Result<(), SessionError> {
        let Generate { run_id, lane_id, messages, chat, adapter, sampling } = request;
        let started_ms = (self.now_ms)();
        if self.lanes.iter().any(|lane| lane.run_id == run_id && lane.lane_id == lane_id) {
            return Err(SessionError::LaneRuns { run_id, lane_id });
        }
        let loaded = self.loaded.as_mut().ok_or(SessionError::NoModel)?;
        sampling::check(&sampling)?;
        let (prompt, turn_ends) = match prompt {
            Some(prompt) => (prompt, &[][..]),
            None if messages.is_empty() => return Err(SessionError::NoMessages),
            None => loaded.base.prompt(&messages, chat)?,
        };
        let (prompt_tokens, context_length) = (prompt.tokens.len(), loaded.base.model.config.context_length);
        if prompt_tokens == 0 {
            return Err(SessionError::NoMessages);
        }
        if prompt_tokens >= context_length {
            return Err(SessionError::PromptTooLong { prompt_tokens, context_length });
        }
        let weights = weights(&loaded.adapters, adapter.as_ref())?;
        let adapter_id = adapter.map(|adapter| adapter.adapter_id);
        let lane = Lane::new(run_id, lane_id, adapter_id, weights, sampling, turn_ends, prompt, started_ms);
        self.lanes.push(lane);
        Ok(())
    }

    /// Gives a lane its sequence: that of another lane, running or ended, as far as both have read the same on the same
    /// weights; else an empty one.
    fn begin(&mut self, index: usize) -> Result<(), SessionError> {
        let Some(Loaded { engine, cache, .. }) = &mut self.loaded else { return Ok(()) };
        let lane = &self.lanes[index];
        let on_them = self.lanes.iter().filter(|other| other.weights.same_as(&lane.weights));
        let running = on_them
            .filter_map(|other| Shared::with(other.sequence?, &other.tokens[..other.read], &lane.tokens));
        let shared =
            running.chain(cache.find(&lane.weights, &lane.tokens)).max_by_key(|shared| shared.length);
        let (sequence, read) = match shared {
            Some(Shared { sequence, length }) => (engine.fork(sequence, length)?, length),
            None => (engine.open(lane.weights.clone()), 0),
        };
        let proof = engine.proof(sequence)?;
        let lane = &mut self.lanes[index];
        (lane.sequence, lane.read) = (Some(sequence), read);
        self.events.push(Event::Started {
            run_id: lane.run_id,
            lane_id: lane.lane_id,
            prompt_tokens: lane.prompt_tokens,
            reused_tokens: read as u32,
            system_folded: lane.system_folded,
            begins_thinking: lane.begins_thinking,
            proof,
        });
        Ok(())
    }

    /// Reads a chunk of the prompt of the lane that has waited longest. A lane begins only when those before it have read
    /// their prompts, so that it finds what it shares with them.
    async fn prefill(&mut self) {
        let waiting = self.lanes.iter().position(|lane| lane.state() != State::Decoding);
        let Some(index) = waiting else { return };
        if self.lanes[index].state() == State::Waiting
            && let Err(error) = self.begin(index)
        {
            return self.fail(index, error);
        }
        let (Some(loaded), lane) = (&mut self.loaded, &mut self.lanes[index]) else { return };
        let (Some(sequence), State::Reading) = (lane.sequence, lane.state()) else { return };
        let chunk = lane.unread(PREFILL_CHUNK);
        let began_ms = (self.now_ms)();
        if let Err(error) = loaded.engine.prefill(sequence, chunk).await {
            return self.fail(index, error.into());
        }
        lane.read += chunk.len();
        lane.times.note_prompt((self.now_ms)() - began_ms);
        self.events.push(Event::PromptRead {
            run_id: lane.run_id,
            lane_id: lane.lane_id,
            read_tokens: lane.read as u32,
            prompt_tokens: lane.prompt_tokens,
            elapsed_ms: lane.times.prompt_ms(),
        });
    }

    /// One step of every lane that is decoding: its last token and a guess at what follows, all in one batch. Every lane
    /// has handed out what the step before gave it.
    async fn step(&mut self) {
        let Some(loaded) = &mut self.loaded else { return };
        let decoding: Vec<usize> =
            (0..self.lanes.len()).filter(|&index| self.lanes[index].state() == State::Decoding).collect();
        if decoding.is_empty() {
            return;
        }
        let context_length = loaded.base.model.config.context_length;
        let batch: Vec<(SequenceId, Vec<u32>)> = decoding
            .iter()
            .filter_map(|&index| {
                let lane = &mut self.lanes[index];
                Some((lane.sequence?, lane.next_tokens(context_length, self.drafting)))
            })
            .collect();
        let runs: Vec<Run> =
            batch.iter().map(|(sequence, tokens)| Run { sequence: *sequence, tokens }).collect();
        let began_ms = (self.now_ms)();
        let mut logits = match loaded.engine.read(&runs).await {
            Ok(logits) => logits.into_iter(),
            Err(error) => {
                for &index in decoding.iter().rev() {
                    self.fail(index, error.clone().into());
                }
                return;
            }
        };
        let step_ms = (self.now_ms)() - began_ms;
        for (&index, (_, tokens)) in decoding.iter().zip(&batch) {
            let lane = &mut self.lanes[index];
            lane.times.note_step(step_ms);
            lane.outcome = Outcome::new(&tokens[1..], logits.by_ref().take(tokens.len()));
        }
    }

    /// Gives out one token of every lane whose last step has some left; whether there was one.
    fn hand_out(&mut self) -> bool {
        let mut any = false;
        let mut index = 0;
        while index < self.lanes.len() {
            let n_lanes = self.lanes.len();
            let lane = &mut self.lanes[index];
            if let Some(logits) = lane.outcome.next() {
                any = true;
                self.advance(index, logits);
            }
            // A lane that has ended is gone, and the next one stands in its place.
            index += usize::from(self.lanes.len() == n_lanes);
        }
        any
    }

    /// Picks a lane's next token from its logits. Where that is what was guessed, the logits after it are good too.
    fn advance(&mut self, index: usize, mut logits: Vec<f32>) {
        let Some(loaded) = &mut self.loaded else { return };
        let tokenizer = &loaded.base.tokenizer;
        let lane = &mut self.lanes[index];
        lane.read += 1;
        let seen = lane.tokens.iter().copied();
        let token = match sampling::sample(&mut logits, &lane.sampling, seen, u64::from(lane.output_tokens)) {
            Ok(token) => token,
            Err(error) => return self.fail(index, error.into()),
        };
        lane.times.note_token();
        if tokenizer.end_of_turn().contains(&token) {
            return self.finish(index, FinishReason::EndOfTurn);
        }
        lane.tokens.push(token);
        lane.output_tokens += 1;
        let (pieces, end) = lane.answer.push(token, &tokenizer.token_bytes(token));
        let (run_id, lane_id) = (lane.run_id, lane.lane_id);
        self.events.extend(pieces.into_iter().map(|(token, text)| Event::Token {
            run_id,
            lane_id,
            token,
            text,
        }));
        let reason = if let Some(end) = end {
            match end {
                End::Turn => FinishReason::EndOfTurn,
                End::StopText => FinishReason::StopText,
            }
        } else if lane.output_tokens >= lane.sampling.max_tokens {
            FinishReason::Length
        } else if lane.tokens.len() >= loaded.base.model.config.context_length {
            FinishReason::ContextFull
        } else {
            if let Some(verdict) = lane.outcome.settle(token) {
                lane.draft.learn(verdict.guessed, verdict.right);
                if let (Some(sequence), true) = (lane.sequence, verdict.right < verdict.guessed) {
                    loaded.engine.reset(sequence, lane.read);
                }
            }
            return;
        };
        self.finish(index, reason);
    }

    fn finish(&mut self, index: usize, reason: FinishReason) {
        let mut lane = self.lanes.remove(index);
        let (run_id, lane_id) = (lane.run_id, lane.lane_id);
        let pieces = lane.answer.finish();
        self.events.extend(pieces.into_iter().map(|(token, text)| Event::Token {
            run_id,
            lane_id,
            token,
            text,
        }));
        let metrics = lane.metrics((self.now_ms)());
        self.events.push(Event::Finished { run_id, lane_id, reason, metrics });
        if let (Some(loaded), Some(sequence)) = (&mut self.loaded, lane.sequence) {
            lane.tokens.truncate(lane.read);
            loaded.cache.keep(&mut loaded.engine, sequence, lane.weights, lane.tokens);
        }
    }

    fn fail(&mut self, index: usize, error: SessionError) {
        let lane = self.lanes.remove(index);
        if let (Some(loaded), Some(sequence)) = (&mut self.loaded, lane.sequence) {
            loaded.engine.close(sequence);
        }
        let error: WireError = error.into();
        self.events.push(Event::LaneFailed { run_id: lane.run_id, lane_id: lane.lane_id, error });
    }

    fn fail_lanes(&mut self, which: impl Fn(&Lane) -> bool, error: impl Fn() -> SessionError) {
        for index in (0..self.lanes.len()).rev() {
            if which(&self.lanes[index]) {
                self.fail(index, error());
            }
        }
    }
}

/// The weights that a lane asks for.
fn weights(
    adapters: &BTreeMap<String, Arc<Adapter>>,
    wanted: Option<&AdapterUse>,
) -> Result<Weights, SessionError> {
    let Some(AdapterUse { adapter_id, scale }) = wanted else { return Ok(Weights::base()) };
    if !(0.0..=LARGEST_SCALE).contains(scale) {
        return Err(SessionError::BadScale(*scale));
    }
    let adapter = adapters.get(adapter_id).ok_or_else(|| SessionError::UnknownAdapter(adapter_id.clone()))?;
    Ok(Weights::adapter(Arc::clone(adapter), *scale))
}
