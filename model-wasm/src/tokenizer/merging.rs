//! Byte-pair encoding: of all neighbours that can become one token, those that come first do, until none can.
//!
//! The `tokenizers` crate does the same, but is given each pair as two texts of its own: for a vocabulary of 262,144
//! pieces that took more memory than many a model. It is what the tests compare with.

use std::{cmp::Reverse, collections::BinaryHeap, ops::Range};

/// A token, and the part of a word that it spells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Symbol {
    pub(super) id: u32,
    /// Bytes of the word.
    pub(super) place: Range<usize>,
    /// Characters of the word.
    pub(super) characters: usize,
    /// Whether it can become a part of another.
    pub(super) merges: bool,
}

/// Which neighbours become one.
pub(super) trait Merges {
    /// Of two possible merges, that of the smaller rank comes first; of equals, that on the left.
    type Rank: Copy + Ord;

    /// What `left` and `right` become, when `text` is what they spell together.
    fn merged(&self, left: &Symbol, right: &Symbol, text: &str) -> Option<(Self::Rank, u32)>;
}

/// A symbol with its neighbours, as indices; `None` once it has become a part of the one on its left.
struct Link {
    symbol: Option<Symbol>,
    previous: Option<usize>,
    next: Option<usize>,
}

/// The ids that the symbols of `word` come to.
pub(super) fn merge<M: Merges>(word: &str, symbols: Vec<Symbol>, merges: &M) -> impl Iterator<Item = u32> {
    let count = symbols.len();
    let mut links: Vec<Link> = symbols
        .into_iter()
        .enumerate()
        .map(|(at, symbol)| Link {
            symbol: Some(symbol),
            previous: at.checked_sub(1),
            next: Some(at + 1).filter(|next| *next < count),
        })
        .collect();
    let of_two = |links: &[Link], at: usize| {
        let left = links[at].symbol.as_ref()?;
        let right = links[links[at].next?].symbol.as_ref()?;
        if !left.merges || !right.merges {
            return None;
        }
        merges.merged(left, right, word.get(left.place.start..right.place.end)?)
    };
    let candidate = |links: &[Link], at: usize| of_two(links, at).map(|(rank, id)| Reverse((rank, at, id)));
    let mut queue: BinaryHeap<_> = (0..count).filter_map(|at| candidate(&links, at)).collect();
    while let Some(Reverse((_, at, id))) = queue.pop() {
        // Its parts may have become parts of something else meanwhile.
        if of_two(&links, at).is_none_or(|(_, now)| now != id) {
            continue;
        }
        let Some(right) = links[at].next else { continue };
        let after = links[right].next;
        let Some(gone) = links[right].symbol.take() else { continue };
        if let Some(symbol) = &mut links[at].symbol {
            symbol.id = id;
            symbol.place.end = gone.place.end;
            symbol.characters += gone.characters;
        }
        links[at].next = after;
        if let Some(after) = after {
            links[after].previous = Some(at);
        }
        queue.extend(links[at].previous.and_then(|previous| candidate(&links, previous)));
        queue.extend(candidate(&links, at));
    }
    links.into_iter().filter_map(|link| Some(link.symbol?.id))
}
