//! What differs between two answers, word by word.

use similar::{ChangeTag, TextDiff};

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// In both.
    Same,
    /// In the first only.
    Removed,
    /// In the second only.
    Added,
}

/// The two texts as one, in pieces.
pub fn word_diff(first: &str, second: &str) -> Vec<(Piece, String)> {
    let diff = TextDiff::from_words(first, second);
    let mut pieces: Vec<(Piece, String)> = Vec::new();
    for change in diff.iter_all_changes() {
        let piece = match change.tag() {
            ChangeTag::Equal => Piece::Same,
            ChangeTag::Delete => Piece::Removed,
            ChangeTag::Insert => Piece::Added,
        };
        match pieces.last_mut() {
            Some((last, text)) if *last == piece => text.push_str(change.value()),
            _ => pieces.push((piece, change.value().to_owned())),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_differ_and_the_rest_is_the_same() {
        let pieces = word_diff("queue: FIN-3 now", "queue: LOG-7 now");
        let pieces: Vec<_> = pieces.iter().map(|(piece, text)| (*piece, text.as_str())).collect();
        assert_eq!(
            pieces,
            [
                (Piece::Same, "queue: "),
                (Piece::Removed, "FIN-3"),
                (Piece::Added, "LOG-7"),
                (Piece::Same, " now"),
            ]
        );
    }

    #[test]
    fn equal_texts_are_one_piece() {
        assert_eq!(word_diff("a b", "a b"), [(Piece::Same, "a b".to_owned())]);
        assert_eq!(word_diff("", ""), []);
    }
}
