//! What a lane has answered so far: a small state machine over the worker's events.

use comparison::{
    Lane, Recorded, Scenario, Weights, pretty_json,
    thought::{self, Parts, Thought},
};
use protocol::{Chat, Event, FinishReason, LaneMetrics, Message, Proof, Sampling, WireError};

/// Everything that decides a lane's answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// The base's SHA-256, or its beginning where a link said no more; `None` where nobody knows it.
    pub base: Option<String>,
    /// The conversation.
    pub messages: Vec<Message>,
    /// The weights that are asked.
    pub weights: Weights,
    /// How tokens are picked.
    pub sampling: Sampling,
    /// How the conversation becomes a prompt.
    pub chat: Chat,
}

impl Question {
    /// What `lane` asks about `input` on a base.
    pub fn new(lane: &Lane, input: &str, sampling: &Sampling, chat: Chat, base: Option<String>) -> Self {
        Self {
            base,
            chat,
            messages: lane.prompt.messages(input),
            weights: lane.weights.clone(),
            sampling: sampling.clone(),
        }
    }

    /// Whether an answer to one is an answer to the other.
    pub fn is_same_as(&self, other: &Self) -> bool {
        let Self { base: _, messages, weights, sampling, chat } = other;
        self.is_on_base_of(other)
            && self.messages == *messages
            && self.weights == *weights
            && self.sampling == *sampling
            && self.chat == *chat
    }

    /// Whether both are asked of one base, as far as anybody knows.
    fn is_on_base_of(&self, other: &Self) -> bool {
        match (&self.base, &other.base) {
            (Some(one), Some(other)) => one.starts_with(other) || other.starts_with(one),
            _ => true,
        }
    }
}

/// Where a lane is; the names are those of `data-state`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Phase {
    /// Nothing to show.
    #[default]
    Empty,
    /// An answer that was not made here: recorded with the scenario, or sent with the link.
    Recorded,
    /// Run was pressed; the model, the adapter or the prompt is being prepared.
    Waiting,
    /// Tokens arrive.
    Running,
    /// The answer is complete.
    Done,
    /// Somebody pressed stop.
    Stopped,
    /// It ended badly.
    Failed,
}

impl Phase {
    /// The name in `data-state`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Recorded => "recorded",
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
        }
    }

    /// Whether something is still to come.
    pub fn is_busy(self) -> bool {
        matches!(self, Self::Waiting | Self::Running)
    }
}

/// A prompt shorter than this to read is not worth a word.
const LONG_READING_MS: f64 = 500.0;

/// How far a long prompt is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Tokens read so far.
    pub read_tokens: u32,
    /// Prompt length in tokens.
    pub prompt_tokens: u32,
}

/// A lane's answer so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LaneState {
    /// Where it is.
    pub phase: Phase,
    /// What was asked.
    pub question: Option<Question>,
    /// What the model has written so far, thoughts included.
    written: String,
    /// What it thought first.
    pub thought: Option<Thought>,
    /// What it answers, without its thoughts.
    pub output: String,
    /// The tokens so far, the end-of-turn token not counted.
    pub tokens: Vec<u32>,
    /// Prompt length, known once the lane has started.
    pub prompt_tokens: Option<u32>,
    /// How far the prompt is read, while that takes long.
    pub reading: Option<Reading>,
    /// Whether the model has no place for a system text, so that it stands in the user's turn.
    pub system_folded: bool,
    /// Whether the prompt ends with the mark that opens a thought.
    begins_thinking: bool,
    /// What it cost, known at the end.
    pub metrics: Option<LaneMetrics>,
    /// The weights it runs on, known once it has started.
    pub proof: Option<Proof>,
    /// Why it ended.
    pub reason: Option<FinishReason>,
    /// Why it failed.
    pub error: Option<WireError>,
}

impl LaneState {
    /// A lane that waits for its first token.
    pub fn waiting(question: Question) -> Self {
        Self { phase: Phase::Waiting, question: Some(question), ..Self::default() }
    }

    /// An answer that came with a link.
    pub fn sent(question: Question, output: String) -> Self {
        Self { phase: Phase::Recorded, question: Some(question), output, ..Self::default() }
    }

    fn recorded(question: Question, recorded: &Recorded) -> Self {
        Self {
            phase: Phase::Recorded,
            question: Some(question),
            output: recorded.output.clone(),
            tokens: recorded.tokens.clone(),
            prompt_tokens: Some(recorded.metrics.prompt_tokens),
            metrics: Some(recorded.metrics),
            proof: Some(recorded.proof.clone()),
            ..Self::default()
        }
    }

    /// Takes in an event that is known to be this lane's. Events that come after the end change nothing.
    pub fn apply(&mut self, event: &Event) {
        if !self.phase.is_busy() {
            return;
        }
        match event {
            Event::Started { prompt_tokens, system_folded, begins_thinking, proof, .. } => {
                self.prompt_tokens = Some(*prompt_tokens);
                self.system_folded = *system_folded;
                self.begins_thinking = *begins_thinking;
                if let Some(question) = &mut self.question {
                    question.base = Some(proof.weights_sha256.clone());
                }
                self.proof = Some(proof.clone());
                self.phase = Phase::Running;
            }
            Event::PromptRead { read_tokens, prompt_tokens, elapsed_ms, .. } => {
                let reading = Reading { read_tokens: *read_tokens, prompt_tokens: *prompt_tokens };
                self.reading = (*elapsed_ms >= LONG_READING_MS).then_some(reading);
            }
            Event::Token { token, text, .. } => {
                self.reading = None;
                self.tokens.push(*token);
                self.written.push_str(text);
                self.phase = Phase::Running;
                self.part();
            }
            Event::Finished { reason, metrics, .. } => {
                self.reason = Some(*reason);
                self.metrics = Some(*metrics);
                self.phase = if *reason == FinishReason::Stopped { Phase::Stopped } else { Phase::Done };
                self.part();
            }
            Event::LaneFailed { error, .. } => self.fail(error.clone()),
            _ => {}
        }
    }

    /// Ends badly.
    pub fn fail(&mut self, error: WireError) {
        self.error = Some(error);
        self.phase = Phase::Failed;
        self.part();
    }

    /// Tells thought and answer apart in what is written so far.
    fn part(&mut self) {
        let Parts { thought, is_open, answer } =
            thought::parts(&self.written, self.begins_thinking, !self.phase.is_busy());
        answer.clone_into(&mut self.output);
        let tokens = match &self.thought {
            Some(thought) if !thought.is_open => thought.tokens,
            _ => self.tokens.len(),
        };
        self.thought = thought.map(|text| Thought { text: text.to_owned(), tokens, is_open });
    }

    /// Ends without a word from the worker.
    pub fn stop(&mut self) {
        self.reason = Some(FinishReason::Stopped);
        self.phase = Phase::Stopped;
        self.part();
    }
}

/// What a lane shows: its own answer, or a recorded one to the same question.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// The answer.
    pub state: LaneState,
    /// The answer is to an earlier version of the question, or of another base.
    pub is_stale: bool,
    /// The answer is of another base than the lanes run on now.
    pub is_of_another_base: bool,
    /// How it compares with the recording of the same question.
    pub against: Option<Against>,
}

/// An answer beside its recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// The same tokens.
    Reproduced,
    /// Other tokens, from this one on (counted from 1).
    DivergedAt(usize),
}

impl Shown {
    /// An answer that is being made.
    pub fn busy(own: &LaneState) -> Self {
        Self { state: own.clone(), is_stale: false, is_of_another_base: false, against: None }
    }

    /// The answer as it is shown: JSON pretty-printed once it is whole.
    pub fn answer(&self) -> String {
        let is_whole = !self.state.phase.is_busy();
        let pretty = is_whole.then(|| pretty_json(&self.state.output)).flatten();
        pretty.unwrap_or_else(|| self.state.output.clone())
    }

    /// An answer to the question as it stands comes first, then a recorded one, then an older answer.
    pub fn choose(own: &LaneState, question: &Question, scenario: &Scenario) -> Self {
        let asked = own.question.as_ref();
        let fits = asked.is_some_and(|asked| asked.is_same_as(question));
        let recorded = recording(scenario, question);
        if own.phase == Phase::Empty || (!fits && recorded.is_some()) {
            let state = recorded
                .map_or_else(LaneState::default, |recorded| LaneState::recorded(question.clone(), recorded));
            return Self { state, is_stale: false, is_of_another_base: false, against: None };
        }
        let against = recorded
            .filter(|_| fits && own.phase == Phase::Done)
            .map(|recorded| compare_tokens(&own.tokens, &recorded.tokens));
        let is_of_another_base = asked.is_some_and(|asked| !asked.is_on_base_of(question));
        Self { state: own.clone(), is_stale: !fits, is_of_another_base, against }
    }
}

/// What was recorded for the question, on its base.
fn recording<'a>(scenario: &'a Scenario, question: &Question) -> Option<&'a Recorded> {
    scenario.recorded.iter().find(|recorded| {
        let (Some(lane), Some(input)) =
            (scenario.lanes.get(recorded.lane), scenario.inputs.get(recorded.input))
        else {
            return false;
        };
        let base = Some(recorded.proof.weights_sha256.clone());
        Question::new(lane, &input.input, &scenario.sampling, Chat::default(), base).is_same_as(question)
    })
}

fn compare_tokens(own: &[u32], recorded: &[u32]) -> Against {
    if own == recorded {
        return Against::Reproduced;
    }
    let same = own.iter().zip(recorded).take_while(|(own, recorded)| own == recorded).count();
    Against::DivergedAt(same + 1)
}

#[cfg(test)]
mod tests;
