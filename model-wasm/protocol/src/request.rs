//! What the page asks of the worker.

use serde::{Deserialize, Serialize};

use crate::{LaneId, LoadId, RunId};

/// The context lengths that a person can choose from, in tokens: what a lane may hold decides what memory it may take.
pub const CONTEXT_LENGTHS: [u32; 6] = [1_024, 2_048, 4_096, 8_192, 16_384, 32_768];

/// The one that is chosen unless a person chooses.
pub const DEFAULT_CONTEXT_LENGTH: u32 = CONTEXT_LENGTHS[2];

/// A message from the page to the worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Request {
    /// Read a base model (GGUF, in one file or in the order of its parts) and make it the one that lanes run on. The
    /// model before it and its adapters are dropped first, whatever comes of this one. Answered by `Progress` and then
    /// `ModelLoaded` or `LoadFailed`.
    LoadModel {
        /// Echoed in every answer.
        load_id: LoadId,
        /// The GGUF files.
        files: Vec<Source>,
        /// Tokens that a lane may hold, one of [`CONTEXT_LENGTHS`]; a model made for fewer stays at its own.
        context_length: u32,
    },
    /// Read an adapter (PEFT's, mlx-lm's or GGUF) for the loaded model and keep it under `adapter_id`, replacing an
    /// adapter of that name. Answered by `Progress` and then `AdapterLoaded` or `LoadFailed`.
    LoadAdapter {
        /// Echoed in every answer.
        load_id: LoadId,
        /// The page's name for the adapter, repeated in [`AdapterUse`].
        adapter_id: String,
        /// `adapter_config.json`; GGUF adapters have none.
        config: Option<Source>,
        /// `adapter_model.safetensors`, `adapters.safetensors` or a GGUF file.
        weights: Source,
    },
    /// Give up a load that is not done yet; a download in it is closed. Answered by `LoadCancelled`, or by the
    /// load's own end where that came first.
    CancelLoad {
        /// The load.
        load_id: LoadId,
    },
    /// Free an adapter's memory. Lanes that are running with it end as failed.
    UnloadAdapter {
        /// The name it was loaded under.
        adapter_id: String,
    },
    /// Start one lane. Lanes started without waiting for one another decode side by side.
    Generate(Generate),
    /// Stop one lane of a run, or all of it. What was generated stays; each stopped lane answers
    /// with `Finished { reason: Stopped }`.
    Stop {
        /// The run.
        run_id: RunId,
        /// `None` stops every lane of the run.
        lane_id: Option<LaneId>,
    },
}

/// Where bytes come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// An address the worker may fetch, resolved by the page (absolute, `https:`, `http:` or `blob:`).
    Url(String),
    /// A file that the downloader has stored, by its SHA-256 in lower-case hexadecimal.
    Stored(String),
    /// A file by its place beside the message.
    File(u32),
}

/// One lane's work: a conversation, the weights to run it on, and how to pick tokens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Generate {
    /// The run the lane belongs to.
    pub run_id: RunId,
    /// The lane.
    pub lane_id: LaneId,
    /// The conversation so far.
    pub messages: Vec<Message>,
    /// How it becomes a prompt that ends where the assistant is to speak.
    pub chat: Chat,
    /// `None` is the base, untouched.
    pub adapter: Option<AdapterUse>,
    /// How tokens are picked, and how many.
    pub sampling: Sampling,
}

/// One turn of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: String,
}

/// Who speaks in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Standing instructions.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// How a conversation becomes a prompt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chat {
    /// What writes the prompt; `None` is the model's own chat template.
    pub format: Option<ChatFormat>,
    /// Whether a model that can think before it answers is asked to.
    pub thinking: bool,
}

/// A chat format for models without a template of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChatFormat {
    /// `<|im_start|>user`, the text, `<|im_end|>`.
    Chatml,
    /// `<|start_header_id|>user<|end_header_id|>`, the text, `<|eot_id|>`.
    #[serde(rename = "llama-3")]
    Llama3,
    /// `<start_of_turn>user`, the text, `<end_of_turn>`.
    Gemma,
    /// `User:`, the text, an empty line.
    Plain,
}

impl ChatFormat {
    /// Every format, the most usual first.
    pub const ALL: [Self; 4] = [Self::Chatml, Self::Llama3, Self::Gemma, Self::Plain];

    /// The name on the wire, in links, and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chatml => "chatml",
            Self::Llama3 => "llama-3",
            Self::Gemma => "gemma",
            Self::Plain => "plain",
        }
    }

    /// The format of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }
}

/// An adapter and how strongly it is applied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AdapterUse {
    /// The name it was loaded under.
    pub adapter_id: String,
    /// Multiplies the adapter's own alpha / rank; 0 is the base to the bit, 1 is as trained.
    pub scale: f32,
}

/// How tokens are picked from the logits. The same settings and seed give the same tokens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sampling {
    /// 0 picks the most likely token (greedy); larger spreads the choice.
    pub temperature: f32,
    /// Keep the k most likely tokens; 0 keeps all.
    pub top_k: u32,
    /// Keep the most likely tokens that together reach this probability; 1 keeps all.
    pub top_p: f32,
    /// Keep tokens at least this fraction as likely as the most likely one; 0 keeps all.
    pub min_p: f32,
    /// Divides the logit of every token seen in the prompt or the answer; 1 leaves it alone.
    pub repetition_penalty: f32,
    /// Seeds the dice. Step n of every lane sees the same random number (shared dice).
    pub seed: u64,
    /// The answer's length limit in tokens.
    pub max_tokens: u32,
    /// Texts that end the answer; they are not part of it.
    #[serde(default)]
    pub stop: Vec<String>,
}

impl Default for Sampling {
    fn default() -> Self {
        Self {
            temperature: 0.0,
            top_k: 0,
            top_p: 1.0,
            min_p: 0.0,
            repetition_penalty: 1.0,
            seed: 1,
            max_tokens: 64,
            stop: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chat_formats_have_the_names_that_serde_writes() {
        for format in ChatFormat::ALL {
            let written = serde_json::to_string(&format).expect("a unit variant serialises");
            assert_eq!(written, format!("\"{}\"", format.name()));
            assert_eq!(ChatFormat::named(format.name()), Some(format));
        }
        assert_eq!(ChatFormat::named("alpaca"), None);
    }
}
