//! One closed set of error kinds, for the page to turn into advice.

use serde::{Deserialize, Serialize};

/// What went wrong, in a form that crosses the worker's boundary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireError {
    /// The page picks its advice by this.
    pub kind: ErrorKind,
    /// One sentence that names the thing that is wrong (a field, a tensor, a file).
    pub message: String,
}

impl WireError {
    /// An error of `kind` that says `message`.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }
}

/// The kinds of [`WireError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorKind {
    /// Bytes could not be fetched: no connection, or an answer other than success.
    Network,
    /// Bytes came, and they are not the ones that were promised.
    OtherFile,
    /// What was stored is no longer what it was, or is gone.
    DamagedStore,
    /// The model file is damaged, cut short or not a GGUF file.
    InvalidModel,
    /// The model file is sound, but of an architecture, tensor type or tokenizer that is not known here.
    UnsupportedModel,
    /// The adapter is damaged or cut short.
    InvalidAdapter,
    /// The adapter is sound, but of a kind that is not known here.
    UnsupportedAdapter,
    /// The adapter does not belong to the loaded model.
    AdapterMismatch,
    /// The conversation cannot be rendered with the model's chat template.
    Template,
    /// The prompt leaves no room for an answer in the model's context.
    PromptTooLong,
    /// A request makes no sense: no model loaded, an unknown adapter, a setting out of range.
    InvalidRequest,
    /// Memory ran out.
    OutOfMemory,
    /// The browser lacks something the engine needs.
    UnsupportedBrowser,
    /// A fault of this program.
    Internal,
}

impl ErrorKind {
    /// The name used on the wire and in `data-kind`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::OtherFile => "other-file",
            Self::DamagedStore => "damaged-store",
            Self::InvalidModel => "invalid-model",
            Self::UnsupportedModel => "unsupported-model",
            Self::InvalidAdapter => "invalid-adapter",
            Self::UnsupportedAdapter => "unsupported-adapter",
            Self::AdapterMismatch => "adapter-mismatch",
            Self::Template => "template",
            Self::PromptTooLong => "prompt-too-long",
            Self::InvalidRequest => "invalid-request",
            Self::OutOfMemory => "out-of-memory",
            Self::UnsupportedBrowser => "unsupported-browser",
            Self::Internal => "internal",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_serde_writes() {
        for kind in [
            ErrorKind::Network,
            ErrorKind::DamagedStore,
            ErrorKind::PromptTooLong,
            ErrorKind::OutOfMemory,
            ErrorKind::Internal,
        ] {
            let written = serde_json::to_string(&kind).expect("a unit variant serialises");
            assert_eq!(written, format!("\"{}\"", kind.name()));
        }
    }
}
