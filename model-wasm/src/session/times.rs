//! Where a lane's time went. Lanes take turns, so time on the clock would say more about a lane's place among the others
//! than about its prompt and its weights: what counts is the time of the lane's own prompt and of the steps that it took
//! part in. A step counts in full for each of its lanes, because that is what a person waits for.

/// See the module.
#[derive(Debug)]
pub(super) struct Times {
    started_ms: f64,
    /// Reading its prompt.
    prompt_ms: f64,
    /// The step that gave the first token.
    first_step_ms: Option<f64>,
    /// The steps after that.
    later_steps_ms: f64,
    /// Tokens that those gave.
    later_tokens: u32,
    is_later: bool,
}

impl Times {
    pub(super) fn new(started_ms: f64) -> Self {
        Self {
            started_ms,
            prompt_ms: 0.0,
            first_step_ms: None,
            later_steps_ms: 0.0,
            later_tokens: 0,
            is_later: false,
        }
    }

    /// A part of the prompt is read.
    pub(super) fn note_prompt(&mut self, ms: f64) {
        self.prompt_ms += ms;
    }

    /// A step is done; its tokens follow.
    pub(super) fn note_step(&mut self, ms: f64) {
        self.is_later = self.first_step_ms.is_some();
        if self.is_later {
            self.later_steps_ms += ms;
        } else {
            self.first_step_ms = Some(ms);
        }
    }

    /// A token of the last step is picked, be it the end of the turn.
    pub(super) fn note_token(&mut self) {
        self.later_tokens += u32::from(self.is_later);
    }

    pub(super) fn prompt_ms(&self) -> f64 {
        self.prompt_ms
    }

    /// Until the first token; where there is none, what its prompt has taken.
    pub(super) fn first_token_ms(&self) -> f64 {
        self.prompt_ms + self.first_step_ms.unwrap_or(0.0)
    }

    /// By the clock.
    pub(super) fn elapsed_ms(&self, now_ms: f64) -> f64 {
        now_ms - self.started_ms
    }

    /// After the first step; 0 where there is none.
    pub(super) fn tokens_per_second(&self) -> f64 {
        if self.later_steps_ms > 0.0 {
            f64::from(self.later_tokens) * 1000.0 / self.later_steps_ms
        } else {
            0.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speed_is_of_the_steps_after_the_first() {
        let mut times = Times::new(100.0);
        times.note_prompt(30.0);
        times.note_prompt(10.0);
        assert_eq!((times.first_token_ms(), times.tokens_per_second()), (40.0, 0.0));
        for (ms, tokens) in [(5.0, 3), (4.0, 2), (4.0, 1)] {
            times.note_step(ms);
            (0..tokens).for_each(|_| times.note_token());
        }
        let told = (times.first_token_ms(), times.tokens_per_second(), times.elapsed_ms(1100.0));
        assert_eq!(told, (45.0, 375.0, 1000.0));
    }
}
