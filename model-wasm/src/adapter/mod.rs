//! LoRA adapters as PEFT, mlx-lm and llama.cpp's converters save them.
//!
//! For a base matrix W of `(outputs, inputs)`, an adapter has A, `(R, inputs)`, and B,
//! `(outputs, R)`; the engine computes `W x + scale * s * B (A x)`, where `scale` is the adapter's (alpha / R
//! mostly) and s the person's. [`Files`] tells the formats apart; `peft`, `mlx` and `gguf` each read one of them
//! into the same form; `fit` puts that on a base. GGUF has the rows of llama's query and key
//! matrices in another order than transformers (rotary pairs side by side instead of half a head apart), so
//! there B's rows are put in that order. Everything that would change the result in a way that is not known here is
//! refused by name.

mod error;
mod files;
mod fit;
pub(crate) mod gguf;
mod halves;
mod mlx;
mod modules;
mod pattern;
mod peft;
mod reading;
mod safetensors;
#[cfg(test)]
mod tests;

use protocol::AdapterInfo;
use sha2::{Digest, Sha256};

use crate::model::{Model, Slot};

pub use error::AdapterError;
pub use files::{Files, Places, choose};
use reading::Change;

/// The change of one matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct LowRank {
    /// `(R, inputs)`
    pub a: Vec<f32>,
    /// `(outputs, R)`, rows in the base's order
    pub b: Vec<f32>,
    /// `R`
    pub rank: usize,
    /// What `B (A x)` is multiplied with at the person's scale 1.
    pub scale: f32,
}

/// An adapter that fits its base.
#[derive(Debug, Clone, PartialEq)]
pub struct Adapter {
    layers: Vec<[Option<LowRank>; 7]>,
    embedding: Option<LowRank>,
    output: Option<LowRank>,
    rank: usize,
    alpha: f32,
    sha256: String,
}

impl Adapter {
    /// Reads an adapter in two files, PEFT's or mlx-lm's, for `base`.
    ///
    /// # Errors
    /// Names the field or the tensor that is damaged, not supported, or does not fit.
    pub fn load(config: &[u8], weights: &[u8], base: &Model) -> Result<Self, AdapterError> {
        Self::from_files(Files { config: Some(config), weights }, base)
    }

    /// Reads an adapter of any format for `base`.
    ///
    /// # Errors
    /// Names the file, the field or the tensor that is missing, damaged, not supported, or does not fit.
    pub fn from_files(files: Files, base: &Model) -> Result<Self, AdapterError> {
        fit::fit(files.read()?, base, files.sha256())
    }

    /// The change of a matrix, if there is one.
    pub fn low_rank(&self, layer: usize, slot: Slot) -> Option<&LowRank> {
        self.layers[layer][slot as usize].as_ref()
    }

    /// The change of the token embeddings, if there is one: A is `(R, V)`, of which a token takes a column.
    pub fn embedding(&self) -> Option<&LowRank> {
        self.embedding.as_ref()
    }

    /// The change of the output matrix, if there is one.
    pub fn output(&self) -> Option<&LowRank> {
        self.output.as_ref()
    }

    /// SHA-256 of the weights' file, in lower-case hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// What was loaded, for people.
    pub fn info(&self, adapter_id: &str) -> AdapterInfo {
        let matrices = || self.layers.iter().flatten().chain([&self.embedding, &self.output]).flatten();
        let parameters: usize = matrices().map(|low_rank| low_rank.a.len() + low_rank.b.len()).sum();
        AdapterInfo {
            adapter_id: adapter_id.to_owned(),
            rank: self.rank as u32,
            alpha: self.alpha,
            parameters: parameters as u64,
            matrices: matrices().count() as u32,
            memory_bytes: parameters as u64 * 4,
            sha256: self.sha256.clone(),
        }
    }
}

/// What an adapter in two files, PEFT's or mlx-lm's, says of itself.
///
/// # Errors
/// When it is damaged or not supported.
pub fn inspect(adapter_id: &str, config: &[u8], weights: &[u8]) -> Result<AdapterInfo, AdapterError> {
    Files { config: Some(config), weights }.info(adapter_id)
}

impl Files<'_> {
    /// What the adapter says of itself, whether or not it fits the base at hand.
    ///
    /// # Errors
    /// When it is damaged or not supported.
    pub fn info(self, adapter_id: &str) -> Result<AdapterInfo, AdapterError> {
        let reading = self.read()?;
        let parameters: usize = reading.changes.iter().map(Change::weights).sum();
        Ok(AdapterInfo {
            adapter_id: adapter_id.to_owned(),
            rank: reading.rank as u32,
            alpha: reading.alpha,
            parameters: parameters as u64,
            matrices: reading.changes.len() as u32,
            memory_bytes: parameters as u64 * 4,
            sha256: self.sha256(),
        })
    }

    /// SHA-256 of the weights, in lower-case hexadecimal.
    fn sha256(self) -> String {
        crate::hex(&Sha256::digest(self.weights))
    }
}
