//! Every token by its id and by its text.

use std::hash::{BuildHasher as _, RandomState};

use hashbrown::{HashTable, hash_table::Entry};

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
        let text_of = |id: &u32| texts.get(*id as usize).unwrap_or_default();
        let mut ids = HashTable::with_capacity(texts.len());
        for (text, id) in texts.iter().zip(0_u32..) {
            let same = |other: &u32| text_of(other) == text;
            match ids.entry(hasher.hash_one(text), same, |id| hasher.hash_one(text_of(id))) {
                Entry::Vacant(place) => place.insert(id),
                Entry::Occupied(_) => {
                    return Err(TokenizerError::Damaged("two tokens have the same text".to_owned()));
                }
            };
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
        self.ids.find(self.hasher.hash_one(text), |id| self.text(*id) == Some(text)).copied()
    }
}
