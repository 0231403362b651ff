//! What engines read at once: rows, each one token of one sequence.

use super::{EngineError, SequenceId};
use crate::model::Config;

/// Consecutive tokens of one sequence.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// The sequence that they continue.
    pub sequence: SequenceId,
    /// The tokens.
    pub tokens: &'a [u32],
}

/// Whose logits are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Nothing,
    Logits,
}

/// A token at its place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) token: u32,
    pub(super) position: usize,
    /// Index of its run.
    pub(super) run: usize,
}

/// The rows of several runs, run after run; `lengths` are those of their sequences.
pub(super) fn rows(runs: &[Run], lengths: impl IntoIterator<Item = usize>) -> Vec<Row> {
    let runs = runs.iter().zip(lengths).enumerate();
    runs.flat_map(|(run, (Run { tokens, .. }, start))| {
        tokens.iter().enumerate().map(move |(index, &token)| Row { token, position: start + index, run })
    })
    .collect()
}

/// Whether a batch can be read as a whole; `length` is that of a sequence that is there.
pub(super) fn check(
    runs: &[Run],
    config: &Config,
    length: impl Fn(SequenceId) -> Option<usize>,
) -> Result<(), EngineError> {
    let (vocabulary, context_length) = (config.vocabulary, config.context_length);
    for (index, run) in runs.iter().enumerate() {
        let length = length(run.sequence).ok_or(EngineError::UnknownSequence)?;
        if runs[..index].iter().any(|other| other.sequence == run.sequence) {
            return Err(EngineError::UnknownSequence);
        }
        let wanted = length + run.tokens.len();
        if wanted > context_length {
            return Err(EngineError::ContextFull { wanted, context_length });
        }
        if let Some(&token) = run.tokens.iter().find(|&&token| token as usize >= vocabulary) {
            return Err(EngineError::UnknownToken { token, vocabulary });
        }
    }
    Ok(())
}

/// The same rows in batches of at most `n`; a run may be split among them.
pub(super) fn in_chunks<'a>(runs: &[Run<'a>], n: usize) -> Vec<Vec<Run<'a>>> {
    let (mut chunks, mut room) = (Vec::<Vec<Run>>::new(), 0);
    for &Run { sequence, mut tokens } in runs {
        while !tokens.is_empty() {
            if room == 0 {
                chunks.push(Vec::new());
                room = n;
            }
            let (now, later) = tokens.split_at(room.min(tokens.len()));
            if let Some(chunk) = chunks.last_mut() {
                chunk.push(Run { sequence, tokens: now });
            }
            room -= now.len();
            tokens = later;
        }
    }
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_hold_all_tokens_in_order() {
        let tokens: Vec<u32> = (0..23).collect();
        let runs = [
            Run { sequence: SequenceId(1), tokens: &tokens[..10] },
            Run { sequence: SequenceId(2), tokens: &tokens[10..10] },
            Run { sequence: SequenceId(3), tokens: &tokens[10..] },
        ];
        for n in [1, 4, 10, 64] {
            let chunks = in_chunks(&runs, n);
            assert!(chunks.iter().all(|chunk| chunk.iter().map(|run| run.tokens.len()).sum::<usize>() <= n));
            let together: Vec<u32> = chunks.iter().flatten().flat_map(|run| run.tokens.to_vec()).collect();
            assert_eq!(together, tokens);
        }
    }
}
