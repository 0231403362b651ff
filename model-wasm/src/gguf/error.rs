//! What can be wrong with a GGUF file.

use super::tensors::{WEIGHT_TYPES, type_name};

/// Why a file is not taken for a model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GgufError {
    /// The first four bytes are not `GGUF`.
    #[error("the file does not start with the GGUF magic number")]
    NotGguf,
    /// A version of the format, or a byte order, that is not read here.
    #[error("GGUF version {0} is not supported (2 and 3 are)")]
    UnsupportedVersion(u32),
    /// The file ends inside something.
    #[error("the file ends inside {what}")]
    Truncated {
        /// What was being read.
        what: String,
    },
    /// A count or a length is beyond its limit.
    #[error("{what} is {got}, the limit is {limit}")]
    TooLarge {
        /// What is too large.
        what: String,
        /// What the file says.
        got: u64,
        /// What is accepted.
        limit: u64,
    },
    /// A name or a text is not UTF-8.
    #[error("{what} is not UTF-8")]
    NotUtf8 {
        /// Which text.
        what: String,
    },
    /// A metadata type that the format does not define, or an array of arrays.
    #[error("metadata {key:?} has the unknown type {type_id}")]
    UnknownValueType {
        /// The metadata key.
        key: String,
        /// The number in the file.
        type_id: u32,
    },
    /// A metadata key or a tensor name that occurs twice.
    #[error("{what} {name:?} occurs twice")]
    Duplicate {
        /// `metadata` or `tensor`.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// `general.alignment` is not a power of two.
    #[error("general.alignment is {0}, which is not a power of two up to 65536")]
    BadAlignment(u64),
    /// A tensor type that is not read here.
    #[error(
        "tensor {tensor:?} is {}, which is not supported here ({WEIGHT_TYPES} are)",
        type_name(*type_id)
    )]
    UnknownTensorType {
        /// The tensor.
        tensor: String,
        /// The number in the file.
        type_id: u32,
    },
    /// A shape that makes no sense: no or too many dimensions, a zero, a product beyond 64 bits,
    /// or rows that are no whole number of blocks.
    #[error("tensor {tensor:?} has a bad shape: {reason}")]
    BadShape {
        /// The tensor.
        tensor: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A tensor that is not aligned, lies outside the file, or shares bytes with another.
    #[error("tensor {tensor:?} {reason}")]
    BadPlace {
        /// The tensor.
        tensor: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A metadata value that is needed.
    #[error("metadata {key:?} is missing")]
    MissingMetadata {
        /// The metadata key.
        key: String,
    },
    /// A metadata value of another type than expected, or out of range.
    #[error("metadata {key:?} is not {expected}")]
    BadMetadata {
        /// The metadata key.
        key: String,
        /// What was expected.
        expected: String,
    },
}
