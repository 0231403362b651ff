//! What the worker tells the page.

use serde::{Deserialize, Serialize};

use crate::{LaneId, LoadId, RunId, WireError};

/// A message from the worker to the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// The worker has started and listens. Sent once, before anything else.
    Ready(EngineInfo),
    /// How the engine will run the model that is being loaded.
    Tuned(EngineInfo),
    /// A load has come this far.
    Progress(LoadProgress),
    /// The model is in memory and can run.
    ModelLoaded {
        /// The load that ended.
        load_id: LoadId,
        /// What was loaded.
        model: ModelInfo,
    },
    /// The adapter is in memory and can be used by lanes.
    AdapterLoaded {
        /// The load that ended.
        load_id: LoadId,
        /// What was loaded.
        adapter: AdapterInfo,
    },
    /// A load ended badly. What was loaded before is still there.
    LoadFailed {
        /// The load that ended.
        load_id: LoadId,
        /// Why.
        error: WireError,
    },
    /// A load was given up. What was loaded before is still there.
    LoadCancelled {
        /// The load that ended.
        load_id: LoadId,
    },
    /// A lane's prompt is rendered and its weights are bound; tokens follow.
    Started {
        /// The run.
        run_id: RunId,
        /// The lane.
        lane_id: LaneId,
        /// Prompt length in tokens.
        prompt_tokens: u32,
        /// How many of them were taken from an earlier run of the same weights.
        reused_tokens: u32,
        /// Whether the system text stands in the user's first turn, since the model's template has no place for it.
        system_folded: bool,
        /// Whether the prompt ends with `<think>`, so that the answer begins with thoughts.
        begins_thinking: bool,
        /// The weights that this lane runs, as the engine holds them.
        proof: Proof,
    },
    /// A lane has read one more piece of its prompt: a sign of life while a long one is read.
    PromptRead {
        /// The run.
        run_id: RunId,
        /// The lane.
        lane_id: LaneId,
        /// Tokens read so far, with those that were taken from an earlier run.
        read_tokens: u32,
        /// Prompt length in tokens. The last token is read with the answer's first step.
        prompt_tokens: u32,
        /// How long that has taken so far, in milliseconds.
        elapsed_ms: f64,
    },
    /// A lane has one more token. `text` holds whole characters only and may be empty while a
    /// character is still incomplete.
    Token {
        /// The run.
        run_id: RunId,
        /// The lane.
        lane_id: LaneId,
        /// The token's id in the model's vocabulary.
        token: u32,
        /// What it adds to the answer.
        text: String,
    },
    /// A lane has ended well, or was stopped.
    Finished {
        /// The run.
        run_id: RunId,
        /// The lane.
        lane_id: LaneId,
        /// Why it ended.
        reason: FinishReason,
        /// What it cost.
        metrics: LaneMetrics,
    },
    /// A lane has ended badly.
    LaneFailed {
        /// The run.
        run_id: RunId,
        /// The lane.
        lane_id: LaneId,
        /// Why.
        error: WireError,
    },
    /// The worker takes so much memory now: weights, adapters, lanes' caches and everything else. It never becomes less
    /// while the worker lives, and what is given back is taken again before there is more.
    MemoryGrown {
        /// All of the module's memory.
        memory_bytes: u64,
    },
    /// The worker cannot go on (a panic, out of memory). Everything pending has failed; the page
    /// starts a fresh worker for the next run.
    Crashed(WireError),
}

/// Which engine a worker holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EngineKind {
    /// The plain, portable one that the others are checked against.
    Reference,
    /// CPU kernels on 128-bit SIMD.
    CpuSimd,
    /// CPU kernels on relaxed 128-bit SIMD.
    CpuRelaxed,
    /// WebGPU.
    Gpu,
}

impl EngineKind {
    /// The name used in `?engine=`, on receipts and in `data-engine`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::CpuSimd => "cpu-simd",
            Self::CpuRelaxed => "cpu-relaxed",
            Self::Gpu => "gpu",
        }
    }
}

/// The engine of a worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineInfo {
    /// Which one.
    pub kind: EngineKind,
    /// Threads that compute.
    pub threads: u32,
    /// The engine's build, for receipts.
    pub build: String,
}

/// How far a load has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadProgress {
    /// The load.
    pub load_id: LoadId,
    /// What is being done.
    pub stage: LoadStage,
    /// Bytes done in this stage.
    pub done_bytes: u64,
    /// Bytes in this stage, where known.
    pub total_bytes: Option<u64>,
}

/// The stages of a load, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoadStage {
    /// Bytes arrive.
    Downloading,
    /// Bytes come from the store or from disk.
    Reading,
    /// Bytes are checked and become weights.
    Preparing,
}

/// A loaded base model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelInfo {
    /// `general.name` of the file, or its architecture.
    pub name: String,
    /// `general.architecture`
    pub architecture: String,
    /// Number of weights.
    pub parameters: u64,
    /// The tensor type that holds most weights, such as `Q8_0`.
    pub quantisation: String,
    /// Longest prompt plus answer in tokens, as it was asked for.
    pub context_length: u32,
    /// The longest that the model was made for.
    pub own_context_length: u32,
    /// What the keys and values of a lane take when its context is full.
    pub cache_bytes: u64,
    /// Number of tokens in the vocabulary.
    pub vocabulary: u32,
    /// The file's size.
    pub size_bytes: u64,
    /// Weights as they lie in memory.
    pub memory_bytes: u64,
    /// SHA-256 of the file, in lower-case hexadecimal.
    pub sha256: String,
    /// SHA-256 of the tokenizer's metadata, in lower-case hexadecimal.
    pub tokenizer_sha256: String,
    /// What the file has by way of a chat template.
    pub chat: OwnTemplate,
}

/// A model's own chat template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum OwnTemplate {
    /// It renders conversations.
    Works {
        /// Whether it reads `enable_thinking`: the model can think before it answers, or be asked not to.
        thinks: bool,
        /// Whether it asks for the date, which is the same on every day here: see `strftime_now`.
        #[serde(default)]
        reads_date: bool,
    },
    /// There is none: a lane needs a [`ChatFormat`](crate::ChatFormat).
    Missing,
    /// It is no Jinja, or fails on the plainest conversation: a lane needs a [`ChatFormat`](crate::ChatFormat).
    Broken {
        /// What is wrong with it.
        reason: String,
    },
}

impl OwnTemplate {
    /// Whether the model can be asked to think before it answers.
    pub fn thinks(&self) -> bool {
        matches!(self, Self::Works { thinks: true, .. })
    }

    /// Whether conversations need a format chosen by a person.
    pub fn needs_format(&self) -> bool {
        !matches!(self, Self::Works { .. })
    }
}

/// A loaded adapter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AdapterInfo {
    /// The page's name for it.
    pub adapter_id: String,
    /// Rank of most of its matrices.
    pub rank: u32,
    /// LoRA alpha.
    pub alpha: f32,
    /// Number of weights.
    pub parameters: u64,
    /// How many of the base's matrices it changes.
    pub matrices: u32,
    /// Weights as they lie in memory.
    pub memory_bytes: u64,
    /// SHA-256 of the weights file, in lower-case hexadecimal.
    pub sha256: String,
}

/// Which weights a lane ran, reported by the engine from what it holds, not from what was asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proof {
    /// SHA-256 of the base's file.
    pub weights_sha256: String,
    /// SHA-256 of the adapter's weights file; `None` when no adapter took part.
    pub adapter_sha256: Option<String>,
    /// The scale the adapter ran at; 0 without one.
    pub scale: f32,
}

/// Why a lane ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    /// The model ended its turn.
    EndOfTurn,
    /// A stop text was reached.
    StopText,
    /// `max_tokens` was reached.
    Length,
    /// The model's context is full.
    ContextFull,
    /// Somebody pressed stop.
    Stopped,
}

/// What a lane cost.
///
/// Lanes take turns on one engine, so two of the times count a lane's own work only, and do not depend on its place among
/// the others.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LaneMetrics {
    /// Prompt length in tokens.
    pub prompt_tokens: u32,
    /// Answer length in tokens, the end-of-turn token not counted.
    pub output_tokens: u32,
    /// What it took to read the lane's own prompt and to make its first token, in milliseconds. Time in which the engine
    /// read other lanes' prompts, or others' tokens while this prompt was read, is left out; what was taken from an
    /// earlier prompt took no time.
    pub first_token_ms: f64,
    /// From the lane's start to its end by the clock, other lanes' work included, in milliseconds.
    pub elapsed_ms: f64,
    /// Tokens per second of the lane's own steps after the first, the end-of-turn token counted; 0 where there are none.
    /// A step that other lanes share counts in full: that is what a person waits for.
    pub tokens_per_second: f64,
}
