//! The comparison being edited, without its results: what a link carries and the journal keeps.

use comparison::{Corner, Example, INPUT_PLACEHOLDER, Lane, PromptVariant, Scenario, Weights};
use protocol::Sampling;
use serde::{Deserialize, Serialize};

use super::{FormatChoice, MadeWith};

/// The most lanes that stand side by side.
pub const MAX_LANES: usize = 12;
/// Characters of a text: more than the longest context takes.
pub const MAX_TEXT: usize = 100_000;
/// Characters of a name.
pub const MAX_NAME: usize = 80;
/// Worked examples of a lane.
pub const MAX_EXAMPLES: usize = 32;
const MAX_STOPS: usize = 8;

/// Lanes, one input, and the settings that all lanes share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// The scenario it started from.
    pub scenario: String,
    /// What every lane is asked about.
    pub input: String,
    /// How tokens are picked.
    pub sampling: Sampling,
    /// Whether models that can think before they answer are asked to.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub thinking: bool,
    /// The chat format that its sender chose, and for which model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<FormatChoice>,
    /// What its sender had it on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_with: Option<MadeWith>,
    /// The columns, from left to right.
    pub lanes: Vec<Lane>,
}

impl Comparison {
    /// The scenario as it opens.
    pub fn of(scenario: &Scenario) -> Self {
        Self {
            scenario: scenario.id.clone(),
            input: scenario.inputs.first().map(|input| input.input.clone()).unwrap_or_default(),
            sampling: scenario.sampling.clone(),
            thinking: false,
            format: None,
            made_with: None,
            lanes: scenario.lanes.clone(),
        }
    }

    /// Brings every value from outside into the range that the page offers. What was made on the page is in range
    /// already.
    pub fn clamped(mut self) -> Self {
        cut(&mut self.input, MAX_TEXT);
        self.lanes.truncate(MAX_LANES);
        if self.lanes.is_empty() {
            self.lanes.push(new_lane());
        }
        for lane in &mut self.lanes {
            clamp_lane(lane);
        }
        self.sampling = clamp_sampling(self.sampling);
        self.format = self.format.filter(FormatChoice::is_sound);
        self.made_with = self.made_with.filter(MadeWith::is_sound);
        self
    }
}

/// A lane to start from: a plain question to the base.
pub(crate) fn new_lane() -> Lane {
    Lane {
        name: "New lane".to_owned(),
        corner: Corner::Naive,
        prompt: PromptVariant { template: INPUT_PLACEHOLDER.to_owned(), ..PromptVariant::default() },
        weights: Weights::Base,
    }
}

/// The lane's place in the two-by-two as its prompt and weights stand: standing instructions or worked
/// examples make an engineered prompt.
pub fn corner_of(lane: &Lane) -> Corner {
    let engineered = !lane.prompt.system.trim().is_empty() || !lane.prompt.examples.is_empty();
    let corner = if engineered { Corner::Prompt } else { Corner::Naive };
    corner.on(&lane.weights)
}

/// The ranges that the page offers; what is no number becomes the default.
pub fn clamp_sampling(sampling: Sampling) -> Sampling {
    let plain = Sampling::default();
    let within = |value: f32, low: f32, high: f32, default: f32| {
        if value.is_nan() { default } else { value.clamp(low, high) }
    };
    let mut stop = sampling.stop;
    stop.retain(|text| !text.is_empty());
    stop.truncate(MAX_STOPS);
    for text in &mut stop {
        cut(text, MAX_NAME);
    }
    Sampling {
        temperature: within(sampling.temperature, 0.0, 2.0, plain.temperature),
        top_k: sampling.top_k.min(1_000),
        top_p: within(sampling.top_p, 0.01, 1.0, plain.top_p),
        min_p: within(sampling.min_p, 0.0, 1.0, plain.min_p),
        repetition_penalty: within(sampling.repetition_penalty, 0.5, 2.0, plain.repetition_penalty),
        // The largest number that a browser writes exactly.
        seed: sampling.seed.min((1 << 53) - 1),
        max_tokens: sampling.max_tokens.clamp(1, 1_024),
        stop,
    }
}

fn clamp_lane(lane: &mut Lane) {
    cut(&mut lane.name, MAX_NAME);
    cut(&mut lane.prompt.system, MAX_TEXT);
    cut(&mut lane.prompt.template, MAX_TEXT);
    lane.prompt.examples.truncate(MAX_EXAMPLES);
    for Example { input, output } in &mut lane.prompt.examples {
        cut(input, MAX_TEXT);
        cut(output, MAX_TEXT);
    }
    if let Weights::Adapter { id, scale } = &mut lane.weights {
        cut(id, MAX_NAME);
        *scale = if scale.is_nan() { 1.0 } else { scale.clamp(0.0, 1.5) };
    }
    lane.corner = lane.corner.on(&lane.weights);
}

/// A lane's name with something said after it; where there is no room for both, the name gives way.
pub(crate) fn name_with(name: &str, said: &str) -> String {
    let room = MAX_NAME.saturating_sub(said.chars().count());
    name.chars().take(room).chain(said.chars()).collect()
}

/// Shortens to at most `limit` characters.
pub fn cut(text: &mut String, limit: usize) {
    if let Some((end, _)) = text.char_indices().nth(limit) {
        text.truncate(end);
    }
}

#[cfg(test)]
mod tests {
    use protocol::ChatFormat;

    use super::*;

    #[test]
    fn values_from_outside_are_brought_into_range() {
        let mut lane = new_lane();
        lane.name = "é".repeat(MAX_NAME + 1);
        lane.weights = Weights::Adapter { id: "x".into(), scale: 1e9 };
        let sampling = Sampling {
            temperature: f32::NAN,
            top_p: -3.0,
            max_tokens: u32::MAX,
            seed: u64::MAX,
            stop: vec![String::new(), "end".into()],
            ..Sampling::default()
        };
        let clamped = Comparison {
            scenario: "triage".into(),
            input: "é".repeat(MAX_TEXT + 5),
            sampling,
            thinking: true,
            format: Some(FormatChoice { model: "x".into(), format: ChatFormat::Plain }),
            made_with: None,
            lanes: vec![lane; MAX_LANES + 3],
        }
        .clamped();
        assert_eq!((clamped.lanes.len(), clamped.input.chars().count()), (MAX_LANES, MAX_TEXT));
        assert_eq!(clamped.lanes[0].name, "é".repeat(MAX_NAME));
        assert_eq!(clamped.lanes[0].weights, Weights::Adapter { id: "x".into(), scale: 1.5 });
        assert_eq!(clamped.lanes[0].corner, Corner::Tuning);
        assert_eq!((clamped.thinking, clamped.format), (true, None));
        let sampling = clamped.sampling;
        assert_eq!((sampling.temperature, sampling.top_p, sampling.max_tokens), (0.0, 0.01, 1_024));
        assert_eq!((sampling.seed, sampling.stop), ((1 << 53) - 1, vec!["end".to_owned()]));
    }

    #[test]
    fn what_is_said_after_a_name_finds_room() {
        assert_eq!(name_with("a", " (copy)"), "a (copy)");
        let name = name_with(&"é".repeat(MAX_NAME), ", on the adapter");
        assert_eq!((name.chars().count(), name.ends_with("é, on the adapter")), (MAX_NAME, true));
    }

    #[test]
    fn there_is_always_a_lane() {
        let empty = Comparison {
            scenario: "x".into(),
            input: String::new(),
            sampling: Sampling::default(),
            thinking: false,
            format: None,
            made_with: None,
            lanes: vec![],
        };
        assert_eq!(empty.clamped().lanes.len(), 1);
    }
}
