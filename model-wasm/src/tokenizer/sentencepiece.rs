//! `llama`: `SentencePiece`'s BPE, whose pieces have scores, and no list of merges.

use std::cmp::Reverse;

use super::{
    TokenizerError,
    merging::{Merges, Symbol, merge},
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
    /// The place of each piece when they are put in order, the best score first; equal scores have the same. None for
    /// those that no text becomes: control tokens and the unknown.
    places: Vec<Option<u32>>,
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
    type Rank = (u32, Reverse<(usize, usize)>, u32);

    fn merged(&self, left: &Symbol, right: &Symbol, text: &str) -> Option<(Self::Rank, u32)> {
        let id = self.vocabulary.id(text)?;
        let place = self.pieces.place(id)?;
        Some(((place, Reverse((left.characters, right.characters)), id), id))
    }
}

impl SentencePiece {
    /// Puts the pieces in order; `adds_space` puts a space before every text.
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
        let unknown = types.iter().position(|kind| *kind == token_type::UNKNOWN).map(|id| id as u32);
        let unknown = metadata.u32("tokenizer.ggml.unknown_token_id")?.or(unknown);
        if unknown.is_some_and(|id| id as usize >= vocabulary.len()) {
            return Err(damaged("the unknown token is beyond the vocabulary"));
        }
        let falls_back = types.contains(&token_type::BYTE);
        let bytes =
            (0..=u8::MAX).filter(|_| falls_back).map(|byte| vocabulary.id(&format!("<0x{byte:02X}>")));
        let bytes = bytes.collect();
        Ok(Self { adds_space, places: places(scores, types), bytes, unknown })
    }

    /// Adds the ids of a text. Characters that are no piece become bytes, or the unknown piece, or are left out.
    pub(super) fn encode(&self, text: &str, vocabulary: &Vocabulary, ids: &mut Vec<u32>) {
        let space = if self.adds_space { Some(SPACE) } else { None };
        let text: String =
            space.into_iter().chain(text.chars().map(|it| if it == ' ' { SPACE } else { it })).collect();
        let pieces = Scored { pieces: self, vocabulary };
        ids.extend(merge(&text, self.symbols(&text, vocabulary), &pieces));
    }

    fn symbols(&self, text: &str, vocabulary: &Vocabulary) -> Vec<Symbol> {
        let mut symbols = Vec::with_capacity(text.len());
        // An unknown piece that was not put down yet: several in a row become one, also with bytes between them.
        let mut unknown = None;
        for (at, character) in text.char_indices() {
            let place = at..at + character.len_utf8();
            let of = |id: u32, merges: bool| Symbol { id, place: place.clone(), characters: 1, merges };
            if let Some(id) = vocabulary.id(&text[place.clone()]) {
                symbols.extend(unknown.take());
                symbols.push(of(id, self.place(id).is_some()));
            } else if let Some(bytes) = self.bytes_of(&text[place.clone()]) {
                symbols.extend(bytes.into_iter().map(|id| of(id, false)));
            } else if let Some(id) = self.unknown {
                unknown.get_or_insert(of(id, false));
            }
        }
        symbols.extend(unknown);
        symbols
    }

    fn bytes_of(&self, character: &str) -> Option<Vec<u32>> {
        character.bytes().map(|byte| self.bytes.get(usize::from(byte)).copied().flatten()).collect()
    }

    fn place(&self, id: u32) -> Option<u32> {
        self.places.get(id as usize).copied().flatten()
    }
}

/// See [`SentencePiece::places`].
fn places(scores: &[f32], types: &[u8]) -> Vec<Option<u32>> {
    let mut order: Vec<u32> = (0..scores.len() as u32).collect();
    let score = |id: u32| scores[id as usize];
    order.sort_by(|a, b| score(*b).total_cmp(&score(*a)));
    let mut places = vec![None; scores.len()];
    let mut place = 0;
    for (number, &id) in order.iter().enumerate() {
        let is_worse = number > 0 && score(id).total_cmp(&score(order[number - 1])).is_lt();
        place += u32::from(is_worse);
        let is_spoken = !matches!(types.get(id as usize), Some(&(token_type::CONTROL | token_type::UNKNOWN)));
        places[id as usize] = is_spoken.then_some(place);
    }
    places
}
