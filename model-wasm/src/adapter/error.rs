//! What can be wrong with an adapter.

/// Why an adapter is refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AdapterError {
    /// The configuration is no JSON object, or a field has the wrong type.
    #[error("adapter_config.json is damaged: {0}")]
    DamagedConfig(String),
    /// The weights' file is damaged or cut short.
    #[error("adapter_model.safetensors is damaged: {0}")]
    DamagedWeights(String),
    /// A field asks for something that is not known here.
    #[error("adapter_config.json: {field} = {value} is not supported")]
    UnsupportedField {
        /// The field.
        field: &'static str,
        /// Its value.
        value: String,
    },
    /// A field has a value that makes no sense.
    #[error("adapter_config.json: {field} = {value} makes no sense")]
    BadField {
        /// The field.
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
    /// The adapter says that it was trained on another base.
    #[error("the adapter was trained on the base with SHA-256 {expected}, the loaded one has {got}")]
    OtherBase {
        /// What the adapter names.
        expected: String,
        /// What is loaded.
        got: String,
    },
}
