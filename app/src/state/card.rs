//! `models/card.json`: what the recipe says about the default model and its adapters.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The model files that lie beside the page.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Card {
    /// The base model.
    pub base: BaseCard,
    /// Its adapters.
    pub adapters: Vec<AdapterCard>,
}

/// The base model.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct BaseCard {
    /// What people call it.
    pub name: String,
    /// Number of weights.
    pub parameters: u64,
    /// Longest prompt plus answer in tokens.
    pub context_length: u32,
    /// The default file comes first.
    pub files: Vec<ModelFile>,
    /// How it was trained.
    pub training: Training,
}

/// One file of the base model.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ModelFile {
    /// Its name, relative to the card.
    pub file: String,
    /// The tensor type of most weights.
    pub quantisation: String,
    /// Its size.
    pub size_bytes: u64,
    /// Its SHA-256, in lower-case hexadecimal.
    pub sha256: String,
}

/// An adapter.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct AdapterCard {
    /// Its name in scenarios and links.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it was trained for.
    pub description: String,
    /// Its folder, relative to the card.
    pub folder: String,
    /// LoRA rank.
    pub rank: u32,
    /// LoRA alpha.
    pub alpha: f32,
    /// SHA-256 of its weights file, in lower-case hexadecimal.
    pub weights_sha256: String,
    /// Size of its files together.
    pub size_bytes: u64,
    /// How it was trained.
    pub training: Training,
}

/// What a training took.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Training {
    /// Labelled examples; the base has none.
    #[serde(default)]
    pub examples: Option<u64>,
    /// Optimiser steps.
    #[serde(default)]
    pub steps: Option<u64>,
    /// Tokens seen.
    #[serde(default)]
    pub tokens: Option<u64>,
    /// Wall-clock time.
    #[serde(default)]
    pub minutes: Option<f64>,
    /// The machine.
    #[serde(default)]
    pub hardware: Option<String>,
    /// Peak learning rate.
    #[serde(default)]
    pub learning_rate: Option<f64>,
    /// Loss at the end.
    #[serde(default)]
    pub final_loss: Option<f64>,
    /// The seed of the training.
    #[serde(default)]
    pub seed: Option<u64>,
    /// What the recipe wrote beside these.
    #[serde(flatten)]
    pub rest: BTreeMap<String, serde_json::Value>,
}

impl Card {
    /// Reads the card.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn read(text: &str) -> Result<Self, String> {
        let card: Self = serde_json::from_str(text).map_err(|error| format!("models/card.json: {error}"))?;
        if card.base.files.is_empty() {
            return Err("models/card.json names no file of the base model".to_owned());
        }
        Ok(card)
    }

    /// The file of the base model that the page loads.
    pub fn default_file(&self) -> &ModelFile {
        &self.base.files[0]
    }

    /// The adapter of that id.
    pub fn adapter(&self, id: &str) -> Option<&AdapterCard> {
        self.adapters.iter().find(|adapter| adapter.id == id)
    }
}
