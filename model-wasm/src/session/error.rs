//! The one place where errors become what the page sees.

use protocol::{ErrorKind, WireError};

use crate::{
    adapter::AdapterError, chat::ChatError, engine::EngineError, gguf::GgufError, model::ModelError,
    sampling::SamplingError, tokenizer::TokenizerError,
};

/// Anything that can go wrong in a session.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum SessionError {
    #[error(transparent)]
    Gguf(#[from] GgufError),
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    #[error(transparent)]
    Chat(#[from] ChatError),
    #[error(transparent)]
    Adapter(#[from] AdapterError),
    #[error(transparent)]
    Sampling(#[from] SamplingError),
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error("no model is loaded")]
    NoModel,
    #[error("no adapter {0:?} is loaded")]
    UnknownAdapter(String),
    #[error("the adapter's scale is {0}, expected 0 to 10")]
    BadScale(f32),
    #[error("the conversation has no messages")]
    NoMessages,
    #[error("lane {lane_id} of run {run_id} is running already")]
    LaneRuns { run_id: u32, lane_id: u32 },
    #[error("the prompt has {prompt_tokens} tokens, the model's context holds {context_length}")]
    PromptTooLong { prompt_tokens: usize, context_length: usize },
    #[error("the model was replaced while the lane ran")]
    ModelReplaced,
    #[error("adapter {0:?} was unloaded while the lane ran")]
    AdapterUnloaded(String),
}

impl From<SessionError> for WireError {
    fn from(error: SessionError) -> Self {
        WireError::new(kind(&error), error.to_string())
    }
}

fn kind(error: &SessionError) -> ErrorKind {
    match error {
        SessionError::Gguf(error) => gguf_kind(error),
        SessionError::Model(error) => match error {
            ModelError::Metadata(error) => gguf_kind(error),
            ModelError::UnsupportedArchitecture(_)
            | ModelError::IsAdapter
            | ModelError::UnsupportedSetting { .. }
            | ModelError::UnsupportedTensorType { .. } => ErrorKind::UnsupportedModel,
            ModelError::TooLarge { .. } | ModelError::OutOfMemory { .. } => ErrorKind::OutOfMemory,
            ModelError::BadSetting { .. }
            | ModelError::WrongPart { .. }
            | ModelError::MissingTensor { .. }
            | ModelError::ShapeMismatch { .. }
            | ModelError::Candle { .. } => ErrorKind::InvalidModel,
        },
        SessionError::Tokenizer(error) | SessionError::Chat(ChatError::Tokenizer(error)) => match error {
            TokenizerError::Metadata(error) => gguf_kind(error),
            TokenizerError::UnsupportedModel(_) | TokenizerError::UnsupportedPreTokenizer(_) => {
                ErrorKind::UnsupportedModel
            }
            TokenizerError::Damaged(_) | TokenizerError::TooLong { .. } => ErrorKind::InvalidModel,
        },
        SessionError::Chat(_) => ErrorKind::Template,
        SessionError::Adapter(error) => match error {
            AdapterError::DamagedConfig(_)
            | AdapterError::DamagedWeights(_)
            | AdapterError::BadField { .. }
            | AdapterError::NotFinite { .. }
            | AdapterError::MissingHalf { .. }
            | AdapterError::Empty
            | AdapterError::NoFiles
            | AdapterError::SeveralAdapters(_)
            | AdapterError::MissingFile { .. }
            | AdapterError::DamagedGguf(_)
            | AdapterError::Duplicate { .. }
            | AdapterError::TooLarge { .. } => ErrorKind::InvalidAdapter,
            AdapterError::UnsupportedField { .. }
            | AdapterError::UnsupportedTensor { .. }
            | AdapterError::UnsupportedFile { .. } => ErrorKind::UnsupportedAdapter,
            AdapterError::NotInBase { .. }
            | AdapterError::ShapeMismatch { .. }
            | AdapterError::OtherArchitecture { .. }
            | AdapterError::OtherBase { .. } => ErrorKind::AdapterMismatch,
        },
        SessionError::Sampling(SamplingError::NotFinite { .. }) => ErrorKind::InvalidModel,
        SessionError::Sampling(SamplingError::OutOfRange { .. })
        | SessionError::NoModel
        | SessionError::UnknownAdapter(_)
        | SessionError::BadScale(_)
        | SessionError::NoMessages
        | SessionError::LaneRuns { .. }
        | SessionError::ModelReplaced
        | SessionError::AdapterUnloaded(_)
        | SessionError::Engine(EngineError::UnknownToken { .. }) => ErrorKind::InvalidRequest,
        SessionError::Engine(EngineError::ContextFull { .. }) | SessionError::PromptTooLong { .. } => {
            ErrorKind::PromptTooLong
        }
        SessionError::Engine(EngineError::UnknownSequence) => ErrorKind::Internal,
    }
}

fn gguf_kind(error: &GgufError) -> ErrorKind {
    match error {
        GgufError::UnsupportedVersion(_) | GgufError::UnknownTensorType { .. } => ErrorKind::UnsupportedModel,
        _ => ErrorKind::InvalidModel,
    }
}
