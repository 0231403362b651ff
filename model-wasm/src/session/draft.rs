//! Guesses at what a lane says next: what followed the last time that its last tokens stood in its text.
//!
//! Answers copy from prompts. A guess is read together with the token before it, at little more cost than that
//! token alone, and counts only as far as sampling then picks the very same tokens: a guess changes no answer.

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
}
