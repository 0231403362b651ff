//! What can be wrong with an adapter.

use crate::gguf::GgufError;

/// Why an adapter is refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AdapterError {
    /// No file that could be an adapter's weights.
    #[error(
        "no adapter is among these files: it is one .gguf file, or a .safetensors file and its adapter_config.json"
    )]
    NoFiles,
    /// More than one file that could be an adapter's weights.
    #[error("these are the files of several adapters ({0}); bring one adapter at a time")]
    SeveralAdapters(String),
    /// A file of a kind that is never opened.
    #[error("{file} is not read: {reason}")]
    UnsupportedFile {
        /// Its name.
        file: String,
        /// Why not.
        reason: &'static str,
    },
    /// One of an adapter's two files is there without the other.
    #[error("an adapter is two files: {there} is here, {missing} is missing")]
    MissingFile {
        /// The file that is there.
        there: &'static str,
        /// The file that is not.
        missing: &'static str,
    },
    /// The configuration is no JSON object, or a field has the wrong type.
    #[error("adapter_config.json is damaged: {0}")]
    DamagedConfig(String),
    /// The weights' file is damaged or cut short.
    #[error("the adapter's safetensors file is damaged: {0}")]
    DamagedWeights(String),
    /// The GGUF file is damaged, or lacks a setting.
    #[error("the adapter's GGUF file is damaged: {0}")]
    DamagedGguf(#[from] GgufError),
    /// A setting asks for something that is not known here.
    #[error("the adapter's {field} = {value} is not supported")]
    UnsupportedField {
        /// The field of its configuration, or the key of its metadata.
        field: &'static str,
        /// Its value.
        value: String,
    },
    /// A setting has a value that makes no sense.
    #[error("the adapter's {field} = {value} makes no sense")]
    BadField {
        /// The field of its configuration, or the key of its metadata.
        field: String,
        /// Its value.
        value: String,
    },
    /// A tensor of a kind that is not known here.
    #[error("adapter tensor {tensor:?} is not supported: {reason}")]
    UnsupportedTensor {
        /// The tensor.
        tensor: String,
        /// Why not.
        reason: String,
    },
    /// A tensor, or a change of the same matrix, that is there twice.
    #[error("adapter tensor {tensor:?} occurs twice")]
    Duplicate {
        /// The tensor.
        tensor: String,
    },
    /// A count that no adapter has.
    #[error("the adapter's {what} is {got}, the limit is {limit}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// What the file says.
        got: u64,
        /// What is accepted.
        limit: u64,
    },
    /// A weight that is infinite or not a number.
    #[error("adapter tensor {tensor:?} holds a weight that is no number")]
    NotFinite {
        /// The tensor.
        tensor: String,
    },
    /// One of A and B is there without the other.
    #[error("adapter tensor {tensor:?} is missing, its other half is there")]
    MissingHalf {
        /// The tensor that is missing.
        tensor: String,
    },
    /// The adapter changes nothing.
    #[error("the adapter holds no LoRA matrices")]
    Empty,
    /// The base has no such matrix.
    #[error("adapter tensor {tensor:?} belongs to a matrix that the base does not have")]
    NotInBase {
        /// The tensor.
        tensor: String,
    },
    /// A side of a matrix does not fit.
    #[error("adapter tensor {tensor:?}: its {side} side is {got}, expected {expected}")]
    ShapeMismatch {
        /// The tensor.
        tensor: String,
        /// `input`, `output` or `rank`.
        side: &'static str,
        /// What the base or the configuration asks for.
        expected: usize,
        /// What the file has.
        got: usize,
    },
    /// The adapter says that it is for another architecture.
    #[error("the adapter is for the architecture {expected:?}, the loaded base is {got:?}")]
    OtherArchitecture {
        /// What the adapter names.
        expected: String,
        /// What is loaded.
        got: String,
    },
    /// The adapter says that it was trained on another base.
    #[error("the adapter was trained on the base with SHA-256 {expected}, the loaded one has {got}")]
    OtherBase {
        /// What the adapter names.
        expected: String,
        /// What is loaded.
        got: String,
    },
}
