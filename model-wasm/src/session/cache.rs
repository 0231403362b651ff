//! Sequences of lanes that have ended, kept because the next prompt often begins the same way.

use crate::engine::{Engine, SequenceId, Weights};

/// At most this many sequences are kept.
const KEPT: usize = 8;

/// A sequence with the tokens that it has read.
pub(super) struct Kept {
    sequence: SequenceId,
    weights: Weights,
    tokens: Vec<u32>,
}

/// The kept sequences, the one used longest ago first.
#[derive(Default)]
pub(super) struct Cache {
    kept: Vec<Kept>,
}

impl Cache {
    /// A sequence on `weights` that has read the beginning of `tokens`, and how much of it: a kept one where
    /// one shares a prefix, else an empty one. The last token is never among those read, because
    /// its logits are wanted.
    pub(super) fn take<E: Engine>(
        &mut self,
        engine: &mut E,
        weights: &Weights,
        tokens: &[u32],
    ) -> (SequenceId, usize) {
        let longest = tokens.len().saturating_sub(1);
        let shared = |kept: &Kept| {
            let same = kept.tokens.iter().zip(&tokens[..longest]).take_while(|(a, b)| a == b);
            same.count()
        };
        let best = self
            .kept
            .iter()
            .enumerate()
            .filter(|(_, kept)| kept.weights.same_as(weights))
            .map(|(index, kept)| (shared(kept), index))
            .filter(|(length, _)| *length > 0)
            .max();
        let Some((length, index)) = best else { return (engine.open(weights.clone()), 0) };
        let sequence = self.kept.remove(index).sequence;
        engine.reset(sequence, length);
        (sequence, length)
    }

    /// Keeps a sequence that has read `tokens`.
    pub(super) fn keep<E: Engine>(
        &mut self,
        engine: &mut E,
        sequence: SequenceId,
        weights: Weights,
        tokens: Vec<u32>,
    ) {
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
