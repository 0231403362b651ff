//! An answer as it grows: tokens in, whole characters out, stop texts withheld.

use crate::{sampling::StopFilter, tokenizer::Decoder};

/// A token with what it adds to the answer.
pub(super) type Piece = (u32, String);

/// Joins tokens to text. A token whose text might still become a stop text, or the rest of a character,
/// is held back until that is decided, so that no text is ever left without a token to carry it.
pub(super) struct Answer {
    decoder: Decoder,
    filter: StopFilter,
    /// Tokens that were not given out.
    held: Vec<u32>,
    /// Text that was decided, but belongs to a token that is held.
    ready: String,
}

impl Answer {
    pub(super) fn new(stops: &[String]) -> Self {
        let filter = StopFilter::new(stops);
        Self { decoder: Decoder::default(), filter, held: Vec::new(), ready: String::new() }
    }

    /// Takes a token. Returns the tokens that are decided now, and whether a stop text was reached.
    pub(super) fn push(&mut self, token: u32, bytes: &[u8]) -> (Vec<Piece>, bool) {
        self.held.push(token);
        let text = self.decoder.push(bytes);
        let (shown, stopped) = self.filter.push(&text);
        self.ready.push_str(&shown);
        if stopped {
            self.decoder = Decoder::default();
            return (self.give_out(self.held.len()), true);
        }
        // The newest token stays as long as some text is undecided.
        let undecided = self.decoder.is_incomplete() || self.filter.is_withholding();
        let decided = self.held.len() - usize::from(undecided);
        if undecided && self.ready.is_empty() {
            return (Vec::new(), false);
        }
        (self.give_out(decided), false)
    }

    /// Gives out what was held back, when nothing follows.
    pub(super) fn finish(&mut self) -> Vec<Piece> {
        let (shown, stopped) = self.filter.push(self.decoder.finish());
        self.ready.push_str(&shown);
        if !stopped {
            self.ready.push_str(&self.filter.finish());
        }
        self.give_out(self.held.len())
    }

    /// The first `n` held tokens; the last of them carries the text.
    fn give_out(&mut self, n: usize) -> Vec<Piece> {
        let mut pieces: Vec<Piece> = self.held.drain(..n).map(|token| (token, String::new())).collect();
        if let Some((_, text)) = pieces.last_mut() {
            *text = std::mem::take(&mut self.ready);
        }
        pieces
    }
}
