//! Sequences of lanes that have ended, kept because the next prompt often begins the same way.

use crate::engine::{Engine, SequenceId, Weights};

/// At most this many sequences are kept.
const KEPT: usize = 8;

/// A sequence with the tokens that it has read.
struct Kept {
    sequence: SequenceId,
    weights: Weights,
    tokens: Vec<u32>,
}

/// The kept sequences, the one used longest ago first.
#[derive(Default)]
pub(super) struct Cache {
    kept: Vec<Kept>,
}

/// A sequence that has read the beginning of a prompt, and how much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shared {
    pub(super) length: usize,
    pub(super) sequence: SequenceId,
}

impl Shared {
    /// What a sequence that has read `read` shares with a prompt, if it is anything. The prompt's last token is never
    /// among it, because its logits are wanted.
    pub(super) fn with(sequence: SequenceId, read: &[u32], prompt: &[u32]) -> Option<Self> {
        let longest = prompt.len().saturating_sub(1);
        let length = read.iter().zip(&prompt[..longest]).take_while(|(a, b)| a == b).count();
        (length > 0).then_some(Self { length, sequence })
    }
}

impl Cache {
    /// The kept sequence on `weights` that shares most with a prompt.
    pub(super) fn find(&mut self, weights: &Weights, prompt: &[u32]) -> Option<Shared> {
        let on_them = self.kept.iter().enumerate().filter(|(_, kept)| kept.weights.same_as(weights));
        let (index, shared) = on_them
            .filter_map(|(index, kept)| Some((index, Shared::with(kept.sequence, &kept.tokens, prompt)?)))
            .max_by_key(|(_, shared)| shared.length)?;
        self.kept[index..].rotate_left(1);
        Some(shared)
    }

    /// Keeps a sequence that has read `tokens`, in the place of those that have read only the beginning of it.
    pub(super) fn keep<E: Engine>(
        &mut self,
        engine: &mut E,
        sequence: SequenceId,
        weights: Weights,
        tokens: Vec<u32>,
    ) {
        let is_in_it = |kept: &mut Kept| kept.weights.same_as(&weights) && tokens.starts_with(&kept.tokens);
        for kept in self.kept.extract_if(.., is_in_it) {
            engine.close(kept.sequence);
        }
        if self.kept.len() == KEPT {
            engine.close(self.kept.remove(0).sequence);
        }
        self.kept.push(Kept { sequence, weights, tokens });
    }

    /// Forgets the sequences on `weights` of a certain kind.
    pub(super) fn forget<E: Engine>(&mut self, engine: &mut E, unwanted: impl Fn(&Weights) -> bool) {
        for kept in self.kept.extract_if(.., |kept| unwanted(&kept.weights)) {
            engine.close(kept.sequence);
        }
    }
}
