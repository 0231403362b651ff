//! Guesses at what a lane says next: what followed the last time that its last tokens stood in its text.
//!
//! Answers copy from prompts. A guess is read together with the token before it, at little more cost than that
//! token alone, and counts only as far as sampling then picks the very same tokens: a guess changes no answer.

use std::collections::VecDeque;

/// Tokens that must stand in the text once more.
const PATTERN: usize = 3;
/// The longest guess.
const LONGEST: usize = 6;
/// Tokens without a guess after wrong guesses, at most.
const LONGEST_PAUSE: u32 = 32;

/// Of one lane.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// Steps still to come without a guess.
    pause: u32,
    /// Wrong guesses in a row.
    misses: u32,
}

impl Draft {
    /// What may follow `tokens`, at most `room` tokens of it.
    pub(super) fn guess<'a>(&mut self, tokens: &'a [u32], room: usize) -> &'a [u32] {
        if self.pause > 0 {
            self.pause -= 1;
            return &[];
        }
        let Some(before) = tokens.len().checked_sub(PATTERN) else { return &[] };
        let pattern = &tokens[before..];
        let found = tokens[..tokens.len() - 1].windows(PATTERN).rposition(|window| window == pattern);
        let Some(start) = found.map(|at| at + PATTERN) else { return &[] };
        &tokens[start..tokens.len().min(start + LONGEST.min(room))]
    }

    /// Learns how much of a guess was right; a lane whose guesses are wrong pauses longer and longer.
    pub(super) fn learn(&mut self, guessed: usize, right: usize) {
        if right > 0 {
            self.misses = 0;
        } else if guessed > 0 {
            self.misses = (self.misses + 1).min(LONGEST_PAUSE.ilog2());
            self.pause = 1 << self.misses;
        }
    }
}

/// What a step gave a lane and was not handed out yet: logits after its last token, and after each token of a guess.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    guess: VecDeque<u32>,
    rows: VecDeque<Vec<f32>>,
    /// Guessed tokens that sampling picked too.
    right: usize,
}

/// How good a guess was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Verdict {
    /// Tokens that were guessed.
    pub(super) guessed: usize,
    /// How many of them were right.
    pub(super) right: usize,
}

impl Outcome {
    pub(super) fn new(guess: &[u32], rows: impl Iterator<Item = Vec<f32>>) -> Self {
        Self { guess: guess.iter().copied().collect(), rows: rows.collect(), right: 0 }
    }

    /// The logits of the next token, if they are known.
    pub(super) fn next(&mut self) -> Option<Vec<f32>> {
        self.rows.pop_front()
    }

    /// Takes the token that those logits gave. Logits after a guess that was wrong are worth nothing; when none are
    /// left, the verdict on the guess.
    pub(super) fn settle(&mut self, token: u32) -> Option<Verdict> {
        if self.guess.front() == Some(&token) {
            self.guess.pop_front();
            self.right += 1;
            return None;
        }
        let verdict = Verdict { guessed: self.right + self.guess.len(), right: self.right };
        *self = Self::default();
        Some(verdict)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guess_is_what_followed_last_time() {
        let tokens = [1, 2, 3, 4, 5, 9, 1, 2, 3, 7, 8, 9, 1, 2, 3];
        assert_eq!(Draft::default().guess(&tokens, 99), [7, 8, 9, 1, 2, 3]);
        assert_eq!(Draft::default().guess(&tokens, 2), [7, 8]);
        assert!(Draft::default().guess(&tokens[..6], 99).is_empty());
        assert!(Draft::default().guess(&[1, 2], 99).is_empty());
        assert_eq!(Draft::default().guess(&[5, 5, 5, 5], 99), [5]);
    }

    #[test]
    fn wrong_guesses_pause_longer_and_longer() {
        let tokens = [1, 2, 3, 4, 1, 2, 3];
        let mut draft = Draft::default();
        let steps_between = |draft: &mut Draft| {
            let steps = (0..100).take_while(|_| draft.guess(&tokens, 9).is_empty()).count();
            draft.learn(4, 0);
            steps
        };
        assert_eq!([(); 4].map(|()| steps_between(&mut draft)), [0, 2, 4, 8]);
        draft.learn(4, 1);
        draft.pause = 0;
        draft.learn(4, 0);
        assert_eq!(draft.pause, 2);
    }

    #[test]
    fn logits_are_good_as_far_as_the_guess_is() {
        let settled = |guess: &[u32], tokens: &[u32]| {
            let mut outcome = Outcome::new(guess, (0..=guess.len()).map(|row| vec![row as f32]));
            let mut rows = Vec::new();
            for &token in tokens {
                rows.extend(outcome.next().map(|row| row[0]));
                if let Some(verdict) = outcome.settle(token) {
                    assert_eq!(outcome.next(), None);
                    return (rows, verdict.guessed, verdict.right);
                }
            }
            panic!("{rows:?} and no verdict");
        };
        assert_eq!(settled(&[], &[7]), (vec![0.0], 0, 0));
        assert_eq!(settled(&[7, 8], &[7, 8, 9]), (vec![0.0, 1.0, 2.0], 2, 2));
        assert_eq!(settled(&[7, 8], &[7, 9]), (vec![0.0, 1.0], 2, 1));
        assert_eq!(settled(&[7, 8], &[8]), (vec![0.0], 2, 0));
    }
}
