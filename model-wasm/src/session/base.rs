//! A base model with everything that its file holds.

use std::sync::Arc;

use protocol::{Chat, Message, OwnTemplate};

use super::{Loader, SessionError};
use crate::{
    chat::{ChatError, ChatTemplate, Prompt},
    model::{Layout, Model},
    tokenizer::{Tokenizer, TokenizerError},
};

/// Bytes of a file that are taken at a time.
const PART_BYTES: usize = 1 << 20;

/// What a GGUF file comes to: weights, tokenizer and chat template.
pub struct Base {
    /// The weights.
    pub model: Arc<Model>,
    /// The tokenizer.
    pub tokenizer: Tokenizer,
    /// The chat template, where the file has one that works; the model's [`OwnTemplate`] says so.
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

    /// The prompt of a conversation by what is to write it, and the texts that end the answer.
    ///
    /// # Errors
    /// When the model has no template that works and no format is given, or the template refuses the conversation.
    pub fn prompt(
        &self,
        messages: &[Message],
        chat: Chat,
    ) -> Result<(Prompt, &'static [&'static str]), ChatError> {
        let of_format = chat.format.map(ChatTemplate::of).transpose()?;
        let template = of_format.as_ref().or(self.template.as_ref());
        let template = template.ok_or_else(|| match &self.model.info().chat {
            OwnTemplate::Broken { reason } => ChatError::Broken(reason.clone()),
            OwnTemplate::Missing | OwnTemplate::Works { .. } => ChatError::NoTemplate,
        })?;
        let prompt = template.prompt(messages, chat.thinking, &self.tokenizer)?;
        Ok((prompt, template.turn_ends()))
    }

    /// A text as the prompt, without a template: with the token that begins texts where the model wants one, and with
    /// the control tokens that the text names.
    ///
    /// # Errors
    /// When the text cannot be encoded.
    pub fn bare_prompt(&self, text: &str) -> Result<Prompt, TokenizerError> {
        let bos = self.tokenizer.bos().filter(|_| self.tokenizer.adds_bos());
        let tokens = bos.into_iter().chain(self.tokenizer.encode_special(text)?).collect();
        Ok(Prompt { text: text.to_owned(), tokens, system_folded: false, begins_thinking: false })
    }

    /// Reads a whole file, part by part as one that is on its way, with matrices as an engine wants them.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_as(file: &[u8], layout: Layout) -> Result<Self, SessionError> {
        let mut loader = Loader::new(1, layout, usize::MAX);
        loader.begin_file(Some(file.len() as u64));
        for part in file.chunks(PART_BYTES) {
            loader.push(part)?;
        }
        loader.end_file()?;
        loader.finish()
    }
}
