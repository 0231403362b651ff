//! The bounded parse of a model file, before any library sees it.
//!
//! Reads the whole header (metadata and tensor table) of a [GGUF](https://github.com/ggml-org/ggml/blob/master/docs/gguf.md)
//! file of version 2 or 3 with checked 64-bit arithmetic, and promises for every tensor that its
//! bytes lie inside the file, are aligned, belong to no other tensor and are as many as its shape
//! and type need. What the metadata mean is left to `model`, `tokenizer` and `chat`.

mod cursor;
mod error;
mod metadata;
mod tensors;
mod texts;

use std::collections::BTreeMap;

use cursor::Cursor;

pub use error::GgufError;
pub use metadata::{Metadata, Value};
pub(crate) use tensors::WEIGHT_TYPES;
pub use tensors::{TensorInfo, TensorType};
pub use texts::Texts;

/// How much of everything is accepted.
pub mod limits {
    /// Header up to the tensor table.
    pub const METADATA_BYTES: u64 = 32 << 20;
    /// Header with the tensor table.
    pub const HEADER_BYTES: u64 = 64 << 20;
    /// The header's texts and numbers in memory, where a byte of the file can become eight.
    pub const DECODED_BYTES: u64 = 64 << 20;
    /// Metadata pairs.
    pub const ENTRIES: u64 = 65_536;
    /// Tensors.
    pub const TENSORS: u64 = 65_536;
    /// A key's or a tensor name's length.
    pub const KEY_BYTES: u64 = 65_535;
    /// A text's length.
    pub const TEXT_BYTES: u64 = 1 << 20;
    /// Elements of one metadata array.
    pub const ARRAY_ELEMENTS: u64 = 1 << 20;
    /// Tokens of a vocabulary.
    pub const VOCABULARY: u64 = 300_000;
    /// Dimensions of a tensor.
    pub const DIMENSIONS: u32 = 4;
    /// The largest alignment of tensors.
    pub const ALIGNMENT: u64 = 65_536;
}

const MAGIC: &[u8; 4] = b"GGUF";
const DEFAULT_ALIGNMENT: u64 = 32;

/// A file's header, checked against the file's length.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// Key-value pairs.
    pub metadata: Metadata,
    /// Tensors by name.
    pub tensors: BTreeMap<String, TensorInfo>,
}

impl Header {
    /// Parses the header of `file`, which is the whole file.
    ///
    /// # Errors
    /// Names the first thing that is wrong.
    pub fn parse(file: &[u8]) -> Result<Self, GgufError> {
        Self::parse_start(file, file.len() as u64)
    }

    /// Parses the header of a file of `file_bytes`, of which `start` are the first.
    ///
    /// # Errors
    /// Names the first thing that is wrong; [`GgufError::Truncated`] also when the header goes on.
    pub fn parse_start(start: &[u8], file_bytes: u64) -> Result<Self, GgufError> {
        let mut cursor = Cursor::new(start);
        if cursor.array(MAGIC_PLACE).as_ref() != Ok(MAGIC) {
            return Err(GgufError::NotGguf);
        }
        let version = cursor.u32("the version")?;
        if !(2..=3).contains(&version) {
            return Err(GgufError::UnsupportedVersion(version));
        }
        let n_tensors = cursor.count(limits::TENSORS, "the number of tensors")?;
        let n_entries = cursor.count(limits::ENTRIES, "the number of metadata pairs")?;
        let metadata = Metadata::read(&mut cursor, n_entries)?;
        check_vocabulary(&metadata)?;
        let alignment = alignment(&metadata)?;
        cursor.begin_table();
        let mut entries = Vec::new();
        for _ in 0..n_tensors {
            entries.push(tensors::Entry::read(&mut cursor)?);
        }
        let data_offset = (cursor.position() as u64).next_multiple_of(alignment);
        let tensors = tensors::place(entries, data_offset, alignment, file_bytes)?;
        Ok(Self { metadata, tensors })
    }
}

const MAGIC_PLACE: &str = "the magic number";

fn alignment(metadata: &Metadata) -> Result<u64, GgufError> {
    let alignment = metadata.u32("general.alignment")?.map_or(DEFAULT_ALIGNMENT, u64::from);
    if !alignment.is_power_of_two() || alignment > limits::ALIGNMENT {
        return Err(GgufError::BadAlignment(alignment));
    }
    Ok(alignment)
}

fn check_vocabulary(metadata: &Metadata) -> Result<(), GgufError> {
    let got = metadata.texts("tokenizer.ggml.tokens")?.map_or(0, Texts::len) as u64;
    if got > limits::VOCABULARY {
        let what = "the size of the vocabulary".to_owned();
        return Err(GgufError::TooLarge { what, got, limit: limits::VOCABULARY });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
