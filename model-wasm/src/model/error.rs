//! What can be wrong with a model whose file is well formed.

use super::family::NAMES;
use crate::gguf::{GgufError, TensorType, WEIGHT_TYPES};

/// Why a file's model cannot be run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// Needed metadata is missing or of the wrong type.
    #[error(transparent)]
    Metadata(#[from] GgufError),
    /// `general.architecture` is not known here.
    #[error("general.architecture {0:?} is not supported ({NAMES} are)")]
    UnsupportedArchitecture(String),
    /// A setting that changes the computation in a way that is not known here.
    #[error("metadata {key:?} = {value} is not supported")]
    UnsupportedSetting {
        /// The metadata key.
        key: String,
        /// Its value.
        value: String,
    },
    /// A number that cannot be: zero, too large, or no multiple of another.
    #[error("metadata {key:?} = {got} makes no sense: {reason}")]
    BadSetting {
        /// The metadata key.
        key: String,
        /// Its value.
        got: u64,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A tensor that the architecture needs.
    #[error("tensor {tensor:?} is missing")]
    MissingTensor {
        /// The tensor.
        tensor: String,
    },
    /// A tensor type for which there is no kernel.
    #[error("tensor {tensor:?} is {tensor_type}, which is not supported here ({WEIGHT_TYPES} are)")]
    UnsupportedTensorType {
        /// The tensor.
        tensor: String,
        /// Its type.
        tensor_type: TensorType,
    },
    /// A tensor of another shape than the configuration says.
    #[error("tensor {tensor:?} has the shape {got:?}, expected {expected:?} (row length first)")]
    ShapeMismatch {
        /// The tensor.
        tensor: String,
        /// What the configuration asks for.
        expected: Vec<u64>,
        /// What the file has.
        got: Vec<u64>,
    },
    /// An adapter in the place of a model.
    #[error("this file holds a LoRA adapter, not a model: load it as an adapter, beside its base")]
    IsAdapter,
    /// A file of a split model in the wrong place, or without the others.
    #[error(
        "this is part {} of a model in {of} files, but it came as file {} of {files}; all parts are needed, in order",
        number + 1,
        got + 1
    )]
    WrongPart {
        /// Which part it is, from 0.
        number: usize,
        /// How many there are.
        of: usize,
        /// Which file it came as, from 0.
        got: usize,
        /// How many files came.
        files: usize,
    },
    /// More memory than there can be.
    #[error("the model needs {} MB of memory{}, and at most {} MB can be had here", needed_bytes >> 20,
        of_which(*cache_bytes, *context_length), most_bytes >> 20)]
    TooLarge {
        /// Weights, cache and scratch.
        needed_bytes: u64,
        /// The part of the cache of one lane; 0 where it is not known.
        cache_bytes: u64,
        /// Tokens that the lane may hold.
        context_length: usize,
        /// What there can be.
        most_bytes: u64,
    },
    /// No memory for what is to be read next.
    #[error("there is no memory left for the next {} MB of the model", needed_bytes >> 20)]
    OutOfMemory {
        /// What was asked for.
        needed_bytes: u64,
    },
    /// candle refuses the tensor.
    #[error("tensor {tensor:?} cannot be held: {message}")]
    Candle {
        /// The tensor.
        tensor: String,
        /// What candle says.
        message: String,
    },
}

fn of_which(cache_bytes: u64, context_length: usize) -> String {
    let cache_mb = cache_bytes >> 20;
    if cache_mb == 0 {
        return String::new();
    }
    format!(", of which {cache_mb} MB are for a context of {context_length} tokens")
}
