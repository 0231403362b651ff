//! An answer as it grows: tokens in, whole characters out, stop texts withheld.

use crate::{sampling::StopFilter, tokenizer::Decoder};

/// A token with what it adds to the answer.
pub(super) type Piece = (u32, String);

/// A text that ended an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The model ended its turn, in a format whose end is no control token of its vocabulary.
    Turn,
    /// A stop text of the sampling settings.
    StopText,
}

/// Joins tokens to text. A token whose text might still become a stop text, or the rest of a character,
/// is held back until that is decided, so that no text is ever left without a token to carry it.
pub(super) struct Answer {
    decoder: Decoder,
    filter: StopFilter,
    /// How many of the filter's texts are stop texts; those after them end the turn.
    n_stops: usize,
    /// Tokens that were not given out.
    held: Vec<u32>,
    /// Text that was decided, but belongs to a token that is held.
    ready: String,
}

impl Answer {
    pub(super) fn new(stops: &[String], turn_ends: &[&str]) -> Self {
        let turn_ends = turn_ends.iter().map(|&text| text.to_owned());
        let filter = StopFilter::new(stops.iter().cloned().chain(turn_ends));
        let (held, ready) = (Vec::new(), String::new());
        Self { decoder: Decoder::default(), filter, n_stops: stops.len(), held, ready }
    }

    /// Takes a token. Returns the tokens that are decided now, and the text that ended the answer.
    pub(super) fn push(&mut self, token: u32, bytes: &[u8]) -> (Vec<Piece>, Option<End>) {
        self.held.push(token);
        let text = self.decoder.push(bytes);
        let (shown, stopped) = self.filter.push(&text);
        self.ready.push_str(&shown);
        if let Some(stop) = stopped {
            self.decoder = Decoder::default();
            let end = if stop < self.n_stops { End::StopText } else { End::Turn };
            return (self.give_out(self.held.len()), Some(end));
        }
        // The newest token stays as long as some text is undecided.
        let undecided = self.decoder.is_incomplete() || self.filter.is_withholding();
        let decided = self.held.len() - usize::from(undecided);
        if undecided && self.ready.is_empty() {
            return (Vec::new(), None);
        }
        (self.give_out(decided), None)
    }

    /// Gives out what was held back, when nothing follows.
    pub(super) fn finish(&mut self) -> Vec<Piece> {
        let (shown, stopped) = self.filter.push(self.decoder.finish());
        self.ready.push_str(&shown);
        if stopped.is_none() {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What is shown of pieces of text, and what ended it.
    fn shown(stops: &[&str], turn_ends: &[&str], pieces: &[&str]) -> (String, Option<End>) {
        let stops: Vec<String> = stops.iter().map(|&stop| stop.to_owned()).collect();
        let mut answer = Answer::new(&stops, turn_ends);
        let mut text = String::new();
        for (token, piece) in (0..).zip(pieces) {
            let (pieces, end) = answer.push(token, piece.as_bytes());
            text.extend(pieces.into_iter().map(|(_, text)| text));
            if end.is_some() {
                return (text, end);
            }
        }
        text.extend(answer.finish().into_iter().map(|(_, text)| text));
        (text, None)
    }

    #[test]
    fn the_end_of_a_turn_is_no_stop_text_of_the_settings() {
        let ends = ["\n\nUser:", "\nUser:"];
        let (text, end) = shown(&["."], &ends, &["Hello", "\n", "\nUs", "er", ": again"]);
        assert_eq!((text.as_str(), end), ("Hello", Some(End::Turn)));
        let (text, end) = shown(&["."], &ends, &["Hello.", "\nUser:"]);
        assert_eq!((text.as_str(), end), ("Hello", Some(End::StopText)));
        let (text, end) = shown(&[], &ends, &["Hello", "\nUse it"]);
        assert_eq!((text.as_str(), end), ("Hello\nUse it", None));
    }
}
