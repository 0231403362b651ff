//! Byte-pair encoding: of all neighbours that can become one token, those that come first do, until none can.
//!
//! The `tokenizers` crate does the same, but is given each pair as two texts of its own: for a vocabulary of 262,144
//! pieces that took more memory than many a model. The tests compare with what it gives.

use std::{cmp::Reverse, collections::BinaryHeap};

/// Which neighbours become one.
pub(super) trait Merges {
    /// Of two possible merges, that of the smaller rank comes first; of equals, that on the left.
    type Rank: Copy + Ord;

    /// What two tokens become.
    fn merged(&self, left: u32, right: u32) -> Option<(Self::Rank, u32)>;
}

/// A token with its neighbours, as indices; `None` once it has become a part of the one on its left.
struct Link {
    id: Option<u32>,
    previous: Option<usize>,
    next: Option<usize>,
}

/// What the tokens of a word come to.
pub(super) fn merge<M: Merges>(word: Vec<u32>, merges: &M) -> impl Iterator<Item = u32> {
    let count = word.len();
    let mut links: Vec<Link> = word
        .into_iter()
        .enumerate()
        .map(|(at, id)| Link {
            id: Some(id),
            previous: at.checked_sub(1),
            next: Some(at + 1).filter(|next| *next < count),
        })
        .collect();
    let of_two = |links: &[Link], at: usize| merges.merged(links[at].id?, links[links[at].next?].id?);
    let candidate = |links: &[Link], at: usize| of_two(links, at).map(|(rank, id)| Reverse((rank, at, id)));
    let mut queue: BinaryHeap<_> = (0..count).filter_map(|at| candidate(&links, at)).collect();
    while let Some(Reverse((_, at, id))) = queue.pop() {
        // Its parts may have become parts of something else meanwhile.
        if of_two(&links, at).is_none_or(|(_, now)| now != id) {
            continue;
        }
        let Some(right) = links[at].next else { continue };
        let after = links[right].next;
        (links[at].id, links[right].id) = (Some(id), None);
        links[at].next = after;
        if let Some(after) = after {
            links[after].previous = Some(at);
        }
        queue.extend(links[at].previous.and_then(|previous| candidate(&links, previous)));
        queue.extend(candidate(&links, at));
    }
    links.into_iter().filter_map(|link| link.id)
}
