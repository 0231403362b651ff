//! Scenarios: ready comparisons, with everything a newcomer needs to learn something from them.

use protocol::{LaneMetrics, Proof, Sampling};
use serde::{Deserialize, Serialize};

use crate::Lane;

/// A ready comparison with its suite and its lesson.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Names it in links; never changes once released.
    pub id: String,
    /// What the person reads in the list of scenarios.
    pub title: String,
    /// What to look for, in a few sentences.
    pub lesson: String,
    /// The suite's path, relative to the page.
    pub suite: String,
    /// Inputs to pick from; the first is shown.
    pub inputs: Vec<Input>,
    /// Sampling shared by all lanes.
    pub sampling: Sampling,
    /// The columns, from left to right.
    pub lanes: Vec<Lane>,
    /// What the engine answered when the scenario was made: shown, marked as recorded, until the
    /// person runs it.
    #[serde(default)]
    pub recorded: Vec<Recorded>,
}

/// An input to pick.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// A few words for the picker.
    pub title: String,
    /// The text itself.
    pub input: String,
    /// The right answer, where there is one.
    #[serde(default)]
    pub expected: Option<String>,
}

/// One lane's answer to one input, recorded with the real engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// Index into [`Scenario::inputs`].
    pub input: usize,
    /// Index into [`Scenario::lanes`].
    pub lane: usize,
    /// The answer.
    pub output: String,
    /// The answer's token ids, so that a run can be compared with it.
    pub tokens: Vec<u32>,
    /// What it cost on the machine that recorded it.
    pub metrics: LaneMetrics,
    /// The weights it ran on.
    pub proof: Proof,
}
