//! One lane at work.

use protocol::{LaneId, LaneMetrics, RunId, Sampling};

use super::{
    answer::Answer,
    draft::{Draft, Outcome},
    times::Times,
};
use crate::{
    chat::Prompt,
    engine::{SequenceId, Weights},
};

/// What a lane needs next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// It has no sequence yet.
    Waiting,
    /// More of its prompt is to be read.
    Reading,
    /// All but the last token is read; a step gives the next one.
    Decoding,
}

#[allow(clippy::struct_field_names)] // `lane_id` is the wire's word.
pub(super) struct Lane {
    pub(super) run_id: RunId,
    pub(super) lane_id: LaneId,
    /// The adapter that was asked for, also at scale 0.
    pub(super) adapter_id: Option<String>,
    pub(super) weights: Weights,
    pub(super) sampling: Sampling,
    /// Once it has begun to read.
    pub(super) sequence: Option<SequenceId>,
    /// Whether the system text was put into the user's turn.
    pub(super) system_folded: bool,
    /// Whether the prompt ends where thoughts begin.
    pub(super) begins_thinking: bool,
    /// The prompt and the answer so far.
    pub(super) tokens: Vec<u32>,
    pub(super) prompt_tokens: u32,
    /// How many of the tokens the engine has read.
    pub(super) read: usize,
    pub(super) output_tokens: u32,
    pub(super) answer: Answer,
    pub(super) draft: Draft,
    /// What its last step gave and was not handed out yet.
    pub(super) outcome: Outcome,
    pub(super) times: Times,
}

impl Lane {
    #[allow(clippy::too_many_arguments)]
    pub(super) fn new(
        run_id: RunId,
        lane_id: LaneId,
        adapter_id: Option<String>,
        weights: Weights,
        sampling: Sampling,
        turn_ends: &[&str],
        prompt: Prompt,
        started_ms: f64,
    ) -> Self {
        Self {
            run_id,
            lane_id,
            adapter_id,
            weights,
            answer: Answer::new(&sampling.stop, turn_ends),
            draft: Draft::default(),
            outcome: Outcome::default(),
            sampling,
            sequence: None,
            system_folded: prompt.system_folded,
            begins_thinking: prompt.begins_thinking,
            prompt_tokens: prompt.tokens.len() as u32,
            tokens: prompt.tokens,
            read: 0,
            output_tokens: 0,
            times: Times::new(started_ms),
        }
    }

    pub(super) fn state(&self) -> State {
        match self.sequence {
            None => State::Waiting,
            Some(_) if self.read + 1 < self.tokens.len() => State::Reading,
            Some(_) => State::Decoding,
        }
    }

    /// The next tokens to read, at most `n`, the last one left out.
    pub(super) fn unread(&self, n: usize) -> &[u32] {
        let end = (self.tokens.len() - 1).min(self.read + n);
        &self.tokens[self.read..end]
    }

    /// The last token, whose logits are wanted, and a guess at what follows where that is `drafting`.
    pub(super) fn next_tokens(&mut self, context_length: usize, drafting: bool) -> Vec<u32> {
        // A guess that is right to its end is followed by one token more.
        let answer = self.sampling.max_tokens.saturating_sub(self.output_tokens) as usize;
        let room = answer.min(context_length - self.tokens.len()).saturating_sub(1);
        let guess = if drafting { self.draft.guess(&self.tokens, room) } else { &[] };
        // A lane begins with a prompt that is not empty.
        let last = self.tokens[self.tokens.len() - 1];
        std::iter::once(last).chain(guess.iter().copied()).collect()
    }

    pub(super) fn metrics(&self, now_ms: f64) -> LaneMetrics {
        LaneMetrics {
            prompt_tokens: self.prompt_tokens,
            output_tokens: self.output_tokens,
            first_token_ms: self.times.first_token_ms(),
            elapsed_ms: self.times.elapsed_ms(now_ms),
            tokens_per_second: self.times.tokens_per_second(),
        }
    }
}
