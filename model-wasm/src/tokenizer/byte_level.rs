//! `gpt2`: bytes, written as printable characters, and merges that the file lists.

use std::collections::HashMap;

use tokenizers::{
    NormalizedString, Normalizer as _, OffsetReferential, OffsetType, PreTokenizedString, PreTokenizer as _,
    PreTokenizerWrapper, normalizers::unicode::NFC,
};

use super::{
    TokenizerError,
    merging::{Merges, merge},
    pre_tokenizer::Rule,
    vocabulary::Vocabulary,
};
use crate::gguf::Metadata;

/// Byte-level BPE.
pub(super) struct ByteLevel {
    rule: Rule,
    pre_tokenizer: PreTokenizerWrapper,
    merges: Ranked,
}

/// What two tokens become, and how soon.
struct Ranked(HashMap<(u32, u32), (u32, u32)>);

impl Merges for Ranked {
    type Rank = u32;

    fn merged(&self, left: u32, right: u32) -> Option<(u32, u32)> {
        self.0.get(&(left, right)).copied()
    }
}

impl ByteLevel {
    /// Reads the merges.
    ///
    /// # Errors
    /// When there are none, or one has a part that is no token or comes to none.
    pub(super) fn new(
        rule: Rule,
        vocabulary: &Vocabulary,
        metadata: &Metadata,
    ) -> Result<Self, TokenizerError> {
        let texts = metadata.need("tokenizer.ggml.merges", Metadata::texts)?;
        let mut merges = HashMap::with_capacity(texts.len());
        for (text, rank) in texts.iter().zip(0_u32..) {
            let damaged = |what: &str| TokenizerError::Damaged(format!("the merge {text:?} {what}"));
            let (left, right) = text.split_once(' ').ok_or_else(|| damaged("has no space"))?;
            let id = |part: &str| vocabulary.id(part).ok_or_else(|| damaged("has a part that is no token"));
            let pair = (id(left)?, id(right)?);
            let whole = vocabulary.id(&[left, right].concat()).ok_or_else(|| damaged("comes to no token"))?;
            merges.insert(pair, (rank, whole));
        }
        Ok(Self { rule, pre_tokenizer: rule.build()?, merges: Ranked(merges) })
    }

    /// Adds the ids of a text. Bytes that are no token are left out; a sound vocabulary has them all.
    ///
    /// # Errors
    /// When the text cannot be cut.
    pub(super) fn encode(
        &self,
        text: &str,
        vocabulary: &Vocabulary,
        ids: &mut Vec<u32>,
    ) -> Result<(), TokenizerError> {
        let not_cut = |error: tokenizers::Error| TokenizerError::Damaged(error.to_string());
        let mut text = NormalizedString::from(text);
        if self.rule.composes {
            NFC.normalize(&mut text).map_err(not_cut)?;
        }
        let mut words = PreTokenizedString::from(text);
        self.pre_tokenizer.pre_tokenize(&mut words).map_err(not_cut)?;
        for (word, ..) in words.get_splits(OffsetReferential::Normalized, OffsetType::Byte) {
            let whole = self.rule.ignores_merges.then(|| vocabulary.id(word)).flatten();
            match whole {
                Some(id) => ids.push(id),
                None => ids.extend(merge(bytes(word, vocabulary), &self.merges)),
            }
        }
        Ok(())
    }
}

/// The tokens of a word's characters, each of which is a byte.
fn bytes(word: &str, vocabulary: &Vocabulary) -> Vec<u32> {
    let mut space = [0; 4];
    word.chars().filter_map(|byte| vocabulary.id(byte.encode_utf8(&mut space))).collect()
}
