//! A base model with everything that its file holds.

use std::sync::Arc;

use super::{Loader, SessionError};
use crate::{
    chat::ChatTemplate,
    model::{Layout, Model},
    tokenizer::Tokenizer,
};

/// Bytes of a file that are taken at a time.
const PART_BYTES: usize = 1 << 20;

/// What a GGUF file comes to: weights, tokenizer and chat template.
pub struct Base {
    /// The weights.
    pub model: Arc<Model>,
    /// The tokenizer.
    pub tokenizer: Tokenizer,
    /// The chat template, where the file has one.
    pub template: Option<ChatTemplate>,
}

impl Base {
    /// Reads a whole file.
    ///
    /// # Errors
    /// When the file is damaged, or of a kind that is not known here.
    pub fn load(file: &[u8]) -> Result<Self, SessionError> {
        Self::load_as(file, Layout::Blocks)
    }

    /// Reads a whole file, part by part as one that is on its way, with matrices as an engine wants them.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_as(file: &[u8], layout: Layout) -> Result<Self, SessionError> {
        let mut loader = Loader::new(1, layout);
        loader.begin_file(file.len() as u64);
        for part in file.chunks(PART_BYTES) {
            loader.push(part)?;
        }
        loader.end_file()?;
        loader.finish()
    }
}
