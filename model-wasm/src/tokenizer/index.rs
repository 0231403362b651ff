//! Tokens by their texts, found in a text without a look at each of them: some vocabularies have thousands of control
//! tokens, and a prompt is searched at every character.

use super::Piece;

/// Tokens in order of their texts, so that those with a common beginning stand together.
#[derive(Debug, Default)]
pub(crate) struct Index {
    tokens: Vec<(String, u32)>,
}

impl Index {
    /// Of tokens with the same text, that of the smaller id counts.
    pub(super) fn new(mut tokens: Vec<(String, u32)>) -> Self {
        tokens.sort();
        tokens.dedup_by(|later, earlier| later.0 == earlier.0);
        Self { tokens }
    }

    /// The tokens' texts with their ids.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, u32)> {
        self.tokens.iter().map(|(text, id)| (text.as_str(), *id))
    }

    /// The longest token that `text` begins with.
    pub(super) fn longest_at(&self, text: &str) -> Option<(&str, u32)> {
        let (mut like, mut longest) = (self.tokens.as_slice(), None);
        for (at, byte) in text.bytes().enumerate() {
            // All of these begin as the text does, up to here.
            let next = |(token, _): &(String, u32)| {
                #[cfg(test)]
                work::count();
                token.as_bytes().get(at).copied()
            };
            let before = like.partition_point(|token| next(token) < Some(byte));
            like = &like[before..];
            like = &like[..like.partition_point(|token| next(token) == Some(byte))];
            match like.first() {
                Some((token, id)) if token.len() == at + 1 => longest = Some((token.as_str(), *id)),
                Some(_) => {}
                None => break,
            }
        }
        longest
    }

    /// Whether a token begins with `beginning`.
    pub(super) fn continues(&self, beginning: &str) -> bool {
        let before = self.tokens.partition_point(|(token, _)| {
            #[cfg(test)]
            work::count();
            token.as_str() < beginning
        });
        self.tokens.get(before).is_some_and(|(token, _)| token.starts_with(beginning))
    }

    /// Cuts `text` at every occurrence of a token, from the left, the longest at each place.
    pub(super) fn split<'t>(&self, text: &'t str) -> Vec<Piece<'t>> {
        let mut pieces = Vec::new();
        let (mut start, mut at) = (0, 0);
        while at < text.len() && !self.tokens.is_empty() {
            let rest = &text[at..];
            if let Some((token, id)) = self.longest_at(rest) {
                if start < at {
                    pieces.push(Piece::Text(&text[start..at]));
                }
                pieces.push(Piece::Token(id));
                at += token.len();
                start = at;
            } else {
                at += rest.chars().next().map_or(1, char::len_utf8);
            }
        }
        if start < text.len() {
            pieces.push(Piece::Text(&text[start..]));
        }
        pieces
    }
}

/// How many tokens were looked at, for tests.
#[cfg(test)]
pub(crate) mod work {
    use std::cell::Cell;

    thread_local! {
        static LOOKS: Cell<usize> = const { Cell::new(0) };
    }

    pub(super) fn count() {
        LOOKS.set(LOOKS.get() + 1);
    }

    /// Of `act` alone.
    pub(crate) fn of<T>(act: impl FnOnce() -> T) -> (T, usize) {
        let before = LOOKS.get();
        let result = act();
        (result, LOOKS.get() - before)
    }
}
