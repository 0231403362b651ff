//! Sequences of lanes that have ended, kept because the next prompt often begins the same way.

use crate::engine::{Engine, SequenceId, Weights};

/// At most this many sequences are kept.
const KEPT: usize = 8;
/// Their keys and values take at most this, together; the last one is kept whatever it takes.
const KEPT_BYTES: u64 = 256 << 20;

/// A sequence with the tokens that it has read.
struct Kept {
    sequence: SequenceId,
    weights: Weights,
    tokens: Vec<u32>,
}

/// The kept sequences, the one used longest ago first.
pub(super) struct Cache {
    kept: Vec<Kept>,
    most_bytes: u64,
}

impl Default for Cache {
    fn default() -> Self {
        Self { kept: Vec::new(), most_bytes: KEPT_BYTES }
    }
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
        self.kept.push(Kept { sequence, weights, tokens });
        while self.kept.len() > KEPT || (self.kept.len() > 1 && self.bytes(engine) > self.most_bytes) {
            engine.close(self.kept.remove(0).sequence);
        }
    }

    /// What the keys and values of the kept sequences take.
    fn bytes<E: Engine>(&self, engine: &E) -> u64 {
        let n_tokens = self.kept.iter().map(|kept| kept.tokens.len()).sum();
        engine.model().config.cache_bytes(n_tokens)
    }

    /// Forgets the sequences on `weights` of a certain kind.
    pub(super) fn forget<E: Engine>(&mut self, engine: &mut E, unwanted: impl Fn(&Weights) -> bool) {
        for kept in self.kept.extract_if(.., |kept| unwanted(&kept.weights)) {
            engine.close(kept.sequence);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        engine::{EngineError, reference::Reference},
        session::Base,
        support::{Quantisation, tiny},
    };

    #[test]
    fn what_is_kept_is_bounded_in_number_and_in_bytes() {
        let base = Base::load(&tiny(Quantisation::F32).bytes()).expect("a sound model");
        let of_a_token = base.model.config.cache_bytes(1);
        let mut engine = Reference::new(base.model);
        for (most_bytes, lengths, expected) in [
            (u64::MAX, vec![2; KEPT + 3], KEPT),
            (10 * of_a_token, vec![4, 4, 2], 3),
            (10 * of_a_token, vec![4, 4, 3], 2),
            (10 * of_a_token, vec![4, 4, 20], 1),
        ] {
            let mut cache = Cache { kept: Vec::new(), most_bytes };
            let mut opened = Vec::new();
            for (first, length) in lengths.into_iter().enumerate() {
                let sequence = engine.open(Weights::base());
                opened.push(sequence);
                cache.keep(&mut engine, sequence, Weights::base(), vec![first as u32; length]);
            }
            let (dropped, kept) = opened.split_at(opened.len() - expected);
            assert_eq!(cache.kept.iter().map(|kept| kept.sequence).collect::<Vec<_>>(), kept);
            for &sequence in dropped {
                assert_eq!(engine.proof(sequence).err(), Some(EngineError::UnknownSequence));
            }
            cache.forget(&mut engine, |_| true);
        }
    }
}
