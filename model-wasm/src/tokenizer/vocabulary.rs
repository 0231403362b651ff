//! Every token by its id and by its text.

use std::hash::{BuildHasher as _, RandomState};

use hashbrown::HashTable;

use super::TokenizerError;
use crate::gguf::Texts;

/// The tokens' texts as the file writes them, each in memory once.
pub(super) struct Vocabulary {
    texts: Texts,
    /// Ids by the hash of their texts.
    ids: HashTable<u32>,
    hasher: RandomState,
}

impl Vocabulary {
    /// The vocabulary of `texts`, in order of their ids.
    ///
    /// # Errors
    /// When two are the same.
    pub(super) fn new(texts: Texts) -> Result<Self, TokenizerError> {
        let hasher = RandomState::new();
        let hash = |id: u32| hasher.hash_one(texts.get(id as usize));
        let mut ids = HashTable::with_capacity(texts.len());
        for (text, id) in texts.iter().zip(0_u32..) {
            let is_same = |other: &u32| texts.get(*other as usize) == Some(text);
            if ids.find(hash(id), is_same).is_some() {
                return Err(TokenizerError::Damaged("two tokens have the same text".to_owned()));
            }
            ids.insert_unique(hash(id), id, |id| hash(*id));
        }
        Ok(Self { texts, ids, hasher })
    }

    /// Number of tokens.
    pub(super) fn len(&self) -> usize {
        self.texts.len()
    }

    /// The text of a token.
    pub(super) fn text(&self, id: u32) -> Option<&str> {
        self.texts.get(id as usize)
    }

    /// The token of that text.
    pub(super) fn id(&self, text: &str) -> Option<u32> {
        let hash = self.hasher.hash_one(Some(text));
        self.ids.find(hash, |id| self.text(*id) == Some(text)).copied()
    }
}
