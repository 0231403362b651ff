//! `llama`: `SentencePiece`'s BPE, whose pieces have scores, and no list of merges.

use std::cmp::Reverse;

use super::{
    TokenizerError,
    merging::{Merges, merge},
    token_type,
    vocabulary::Vocabulary,
};
use crate::gguf::{Metadata, Value};

/// How a space is written in a piece.
const SPACE: char = '▁';

/// The bytes that a piece stands for.
pub(super) fn piece_bytes(piece: &str, is_byte: bool) -> Vec<u8> {
    let hexadecimal = piece.strip_prefix("<0x").and_then(|rest| rest.strip_suffix('>'));
    match hexadecimal.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
        Some(byte) if is_byte => vec![byte],
        _ => piece.replace(SPACE, " ").into_bytes(),
    }
}

/// BPE by the scores of pieces.
pub(super) struct SentencePiece {
    /// A space is put before every text.
    pub(super) adds_space: bool,
    /// The score of each piece, as [`in_order`] has it; none for those that take no part in merges: control tokens and the
    /// unknown.
    scores: Vec<Option<i32>>,
    /// Which piece each byte is, where characters that are no piece become bytes.
    bytes: Vec<Option<u32>>,
    /// What else such characters become.
    unknown: Option<u32>,
}

/// The pieces of one vocabulary.
struct Scored<'a> {
    pieces: &'a SentencePiece,
    vocabulary: &'a Vocabulary,
}

impl Merges for Scored<'_> {
    /// The better piece; of equals, that with the longer parts, the left one before the right one; of those, the first.
    type Rank = (Reverse<i32>, Reverse<[usize; 2]>, u32);

    fn merged(&self, left: u32, right: u32) -> Option<(Self::Rank, u32)> {
        let part = |id| self.pieces.score(id).and_then(|_| self.vocabulary.text(id));
        let parts = [part(left)?, part(right)?];
        let id = self.vocabulary.id(&parts.concat())?;
        let lengths = parts.map(|part| part.chars().count());
        Some(((Reverse(self.pieces.score(id)?), Reverse(lengths), id), id))
    }
}

impl SentencePiece {
    /// Reads the scores; `adds_space` puts a space before every text.
    ///
    /// # Errors
    /// When the scores are not there or no numbers, or the unknown piece is beyond the vocabulary.
    pub(super) fn new(
        vocabulary: &Vocabulary,
        types: &[u8],
        metadata: &Metadata,
        adds_space: bool,
    ) -> Result<Self, TokenizerError> {
        let damaged = |what: &str| TokenizerError::Damaged(what.to_owned());
        let scores = match metadata.get("tokenizer.ggml.scores") {
            Some(Value::Floats(scores)) if scores.len() == vocabulary.len() => scores,
            Some(Value::Floats(scores)) => {
                return Err(damaged(&format!("{} tokens but {} scores", vocabulary.len(), scores.len())));
            }
            _ => return Err(damaged("there is no list of scores")),
        };
        if scores.iter().any(|score| !score.is_finite()) {
            return Err(damaged("a score is no number"));
        }
        let is_spoken =
            |id: usize| !matches!(types.get(id), Some(&(token_type::CONTROL | token_type::UNKNOWN)));
        let spoken = scores.iter().enumerate().map(|(id, score)| is_spoken(id).then(|| in_order(*score)));
        let unknown = types.iter().position(|kind| *kind == token_type::UNKNOWN).map(|id| id as u32);
        let unknown = metadata.u32("tokenizer.ggml.unknown_token_id")?.or(unknown);
        if unknown.is_some_and(|id| id as usize >= vocabulary.len()) {
            return Err(damaged("the unknown token is beyond the vocabulary"));
        }
        let falls_back = types.contains(&token_type::BYTE);
        let bytes =
            (0..=u8::MAX).filter(|_| falls_back).map(|byte| vocabulary.id(&format!("<0x{byte:02X}>")));
        Ok(Self { adds_space, scores: spoken.collect(), bytes: bytes.collect(), unknown })
    }

    /// Adds the ids of a text. Characters that are no piece become bytes, or the unknown piece, or are left out.
    pub(super) fn encode(&self, text: &str, vocabulary: &Vocabulary, ids: &mut Vec<u32>) {
        let space = if self.adds_space { Some(SPACE) } else { None };
        let text: String =
            space.into_iter().chain(text.chars().map(|it| if it == ' ' { SPACE } else { it })).collect();
        let pieces = Scored { pieces: self, vocabulary };
        ids.extend(merge(self.characters(&text, vocabulary), &pieces));
    }

    /// The pieces of a text's characters.
    fn characters(&self, text: &str, vocabulary: &Vocabulary) -> Vec<u32> {
        let mut ids = Vec::new();
        // An unknown piece that was not put down yet: several in a row become one, also with bytes between them.
        let mut unknown = None;
        let mut space = [0; 4];
        for character in text.chars() {
            let character = character.encode_utf8(&mut space);
            if let Some(id) = vocabulary.id(character) {
                ids.extend(unknown.take());
                ids.push(id);
            } else if let Some(bytes) = self.bytes_of(character) {
                ids.extend(bytes);
            } else {
                unknown = self.unknown;
            }
        }
        ids.extend(unknown);
        ids
    }

    fn bytes_of(&self, character: &str) -> Option<Vec<u32>> {
        character.bytes().map(|byte| self.bytes.get(usize::from(byte)).copied().flatten()).collect()
    }

    fn score(&self, id: u32) -> Option<i32> {
        self.scores.get(id as usize).copied().flatten()
    }
}

/// Integers that are in the same order as the scores.
fn in_order(score: f32) -> i32 {
    let bits = score.to_bits().cast_signed();
    if bits < 0 { bits ^ i32::MAX } else { bits }
}
