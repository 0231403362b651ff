//! Lanes: the columns of a comparison.

use serde::{Deserialize, Serialize};

use crate::PromptVariant;

/// One column: a prompt variant on some weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lane {
    /// What the person calls it.
    pub name: String,
    /// Its place in the two-by-two of prompting and tuning, which decides its colour.
    pub corner: Corner,
    /// How it asks.
    pub prompt: PromptVariant,
    /// What it asks.
    pub weights: Weights,
}

/// The two-by-two of prompting and tuning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Corner {
    /// A plain question to the base.
    Naive,
    /// An engineered prompt to the base.
    Prompt,
    /// A plain question to a tuned variant.
    Tuning,
    /// An engineered prompt to a tuned variant.
    Both,
}

impl Corner {
    /// The name used in class names and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Naive => "naive",
            Self::Prompt => "prompt",
            Self::Tuning => "tuning",
            Self::Both => "both",
        }
    }

    /// The corner with the same prompting on the given kind of weights.
    pub fn on(self, weights: &Weights) -> Self {
        let engineered = matches!(self, Self::Prompt | Self::Both);
        match (engineered, weights) {
            (false, Weights::Base) => Self::Naive,
            (true, Weights::Base) => Self::Prompt,
            (false, Weights::Adapter { .. }) => Self::Tuning,
            (true, Weights::Adapter { .. }) => Self::Both,
        }
    }
}

/// What a lane runs on. Written as `"base"` or `{"adapter": "triage-50", "scale": 1.0}`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "WrittenWeights", into = "WrittenWeights")]
pub enum Weights {
    /// The quantised model, untouched.
    #[default]
    Base,
    /// An adapter over the base.
    Adapter {
        /// The adapter's id.
        id: String,
        /// 0 is the base, 1 as trained.
        scale: f32,
    },
}

impl Weights {
    /// `base`, or the adapter's id.
    pub fn id(&self) -> &str {
        match self {
            Self::Base => "base",
            Self::Adapter { id, .. } => id,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum WrittenWeights {
    Base(BaseWord),
    Adapter { adapter: String, scale: f32 },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum BaseWord {
    Base,
}

impl From<WrittenWeights> for Weights {
    fn from(written: WrittenWeights) -> Self {
        match written {
            WrittenWeights::Base(BaseWord::Base) => Self::Base,
            WrittenWeights::Adapter { adapter, scale } => Self::Adapter { id: adapter, scale },
        }
    }
}

impl From<Weights> for WrittenWeights {
    fn from(weights: Weights) -> Self {
        match weights {
            Weights::Base => Self::Base(BaseWord::Base),
            Weights::Adapter { id, scale } => Self::Adapter { adapter: id, scale },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_written_as_documented() {
        let adapter = Weights::Adapter { id: "triage-50".into(), scale: 0.5 };
        for (weights, written) in
            [(Weights::Base, r#""base""#), (adapter, r#"{"adapter":"triage-50","scale":0.5}"#)]
        {
            assert_eq!(serde_json::to_string(&weights).expect("plain data"), written);
            assert_eq!(serde_json::from_str::<Weights>(written).expect("as written"), weights);
        }
        assert!(serde_json::from_str::<Weights>(r#""bass""#).is_err());
    }
}
