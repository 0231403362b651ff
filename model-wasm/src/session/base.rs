//! A base model with everything that its file holds.

use std::sync::Arc;

use crate::{chat::ChatTemplate, gguf::Header, model::Model, tokenizer::Tokenizer};

use super::SessionError;

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
    /// Reads the whole file.
    ///
    /// # Errors
    /// When the file is damaged, or of a kind that is not known here.
    pub fn load(file: &[u8]) -> Result<Self, SessionError> {
        let header = Header::parse(file)?;
        let tokenizer = Tokenizer::new(&header.metadata)?;
        let template = header.metadata.text("tokenizer.chat_template")?;
        let template = template.map(ChatTemplate::new).transpose()?;
        let model = Arc::new(Model::load(file, &header, &tokenizer)?);
        Ok(Self { model, tokenizer, template })
    }
}
