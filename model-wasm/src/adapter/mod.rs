//! LoRA adapters as PEFT saves them: `adapter_config.json` and `adapter_model.safetensors`.
//!
//! For a base matrix W of `(outputs, inputs)`, an adapter has A, `(R, inputs)`, and B,
//! `(outputs, R)`; the engine computes `W x + scale * s * B (A x)`, where `scale` is alpha / R (or
//! alpha / sqrt R) and s the person's. `fan_in_fan_out` says how the *base* is stored and
//! changes neither A nor B. GGUF has the rows of llama's query and key matrices in another order than
//! transformers (rotary pairs side by side instead of half a head apart), so B's rows are put in that order.
//! Everything that would change the result in a way that is not known here is refused by name.

mod config;
mod error;
mod modules;
#[cfg(test)]
mod tests;
mod weights;

use protocol::AdapterInfo;
use sha2::{Digest, Sha256};

use crate::{
    kernels::rope::Pairs,
    model::{Config, Model, Slot},
};

use config::LoraConfig;
pub use error::AdapterError;
use modules::{Module, module_of};

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
    rank: usize,
    alpha: f32,
    sha256: String,
}

const PREFIX: &str = "base_model.model.";

impl Adapter {
    /// Reads an adapter for `base` from its configuration and its weights.
    ///
    /// # Errors
    /// Names the field or the tensor that is damaged, not supported, or does not fit.
    pub fn load(config: &[u8], file: &[u8], base: &Model) -> Result<Self, AdapterError> {
        let config = LoraConfig::parse(config)?;
        let weights = weights::read(file)?;
        if let Some(expected) = weights.base_sha256 {
            let got = base.info().sha256.clone();
            if expected != got {
                return Err(AdapterError::OtherBase { expected, got });
            }
        }
        let mut layers: Vec<[Option<LowRank>; 7]> = Vec::new();
        layers.resize_with(base.config.n_layers, Default::default);
        for name in weights.tensors.keys() {
            check_name(name, &base.config)?;
        }
        let mut found = false;
        for (layer, matrices) in layers.iter_mut().enumerate() {
            for slot in Slot::ALL {
                let low_rank = find(&weights.tensors, &config, layer, slot, &base.config)?;
                found |= low_rank.is_some();
                matrices[slot as usize] = low_rank;
            }
        }
        if !found {
            return Err(AdapterError::Empty);
        }
        let sha256 = crate::hex(&Sha256::digest(file));
        Ok(Self { layers, rank: config.rank, alpha: config.alpha, sha256 })
    }

    /// The change of a matrix, if there is one.
    pub fn low_rank(&self, layer: usize, slot: Slot) -> Option<&LowRank> {
        self.layers[layer][slot as usize].as_ref()
    }

    /// SHA-256 of the weights' file, in lower-case hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// What was loaded, for people.
    pub fn info(&self, adapter_id: &str) -> AdapterInfo {
        let matrices = || self.layers.iter().flatten().flatten();
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

/// What an adapter says of itself, whether or not it fits the base at hand.
///
/// # Errors
/// When it is damaged or not supported.
pub fn inspect(adapter_id: &str, config: &[u8], file: &[u8]) -> Result<AdapterInfo, AdapterError> {
    let config = LoraConfig::parse(config)?;
    let tensors = weights::read(file)?.tensors;
    let parameters: usize = tensors.values().map(|tensor| tensor.values.len()).sum();
    Ok(AdapterInfo {
        adapter_id: adapter_id.to_owned(),
        rank: config.rank as u32,
        alpha: config.alpha,
        parameters: parameters as u64,
        matrices: tensors.keys().filter(|name| name.contains(".lora_A.")).count() as u32,
        memory_bytes: parameters as u64 * 4,
        sha256: crate::hex(&Sha256::digest(file)),
    })
}

fn module_name(layer: usize, slot: Slot, base: &Config) -> String {
    format!("model.layers.{layer}.{}", module_of(slot, base).name)
}

/// Refuses tensors that no matrix of the base would take.
fn check_name(name: &str, base: &Config) -> Result<(), AdapterError> {
    let unsupported = |reason: &str| {
        Err(AdapterError::UnsupportedTensor { tensor: name.to_owned(), reason: reason.to_owned() })
    };
    if name.contains("lora_magnitude_vector") {
        return unsupported("DoRA");
    }
    if name.contains("lora_embedding_") {
        return unsupported("an embedding's LoRA");
    }
    let module = name
        .strip_prefix(PREFIX)
        .and_then(|name| name.strip_suffix(".lora_A.weight").or_else(|| name.strip_suffix(".lora_B.weight")));
    let Some(module) = module else {
        return unsupported("it is called neither ….lora_A.weight nor ….lora_B.weight");
    };
    let known = module.strip_prefix("model.layers.").and_then(|rest| {
        let (layer, module) = rest.split_once('.')?;
        let layer: usize = layer.parse().ok()?;
        // Written without leading zeros or a sign.
        let slot = Slot::ALL.into_iter().find(|slot| module_of(*slot, base).name == module)?;
        (layer < base.n_layers && module_name(layer, slot, base) == format!("model.layers.{rest}"))
            .then_some(())
    });
    known.ok_or_else(|| AdapterError::NotInBase { tensor: name.to_owned() })
}

fn find(
    tensors: &std::collections::BTreeMap<String, weights::Tensor>,
    config: &LoraConfig,
    layer: usize,
    slot: Slot,
    base: &Config,
) -> Result<Option<LowRank>, AdapterError> {
    let module = module_name(layer, slot, base);
    let a_name = format!("{PREFIX}{module}.lora_A.weight");
    let b_name = format!("{PREFIX}{module}.lora_B.weight");
    let (a, b) = match (tensors.get(&a_name), tensors.get(&b_name)) {
        (None, None) => return Ok(None),
        (Some(a), Some(b)) => (a, b),
        (None, Some(_)) => return Err(AdapterError::MissingHalf { tensor: a_name }),
        (Some(_), None) => return Err(AdapterError::MissingHalf { tensor: b_name }),
    };
    let rank = config.rank_of(&module);
    let (outputs, inputs) = slot.shape(base);
    let Module { first_row, rows, .. } = module_of(slot, base);
    check_shape(&a_name, &a.shape, [("rank", rank), ("input", inputs)])?;
    check_shape(&b_name, &b.shape, [("output", rows), ("rank", rank)])?;
    let b = &b.values[first_row * rank..][..outputs * rank];
    let b = match slot {
        Slot::Query if base.rope.pairs == Pairs::Adjacent => side_by_side(b, base.n_heads, rank),
        Slot::Key if base.rope.pairs == Pairs::Adjacent => side_by_side(b, base.n_kv_heads, rank),
        _ => b.to_vec(),
    };
    Ok(Some(LowRank { a: a.values.clone(), b, rank, scale: config.scale_of(&module) }))
}

fn check_shape(
    tensor: &str,
    got: &[usize],
    expected: [(&'static str, usize); 2],
) -> Result<(), AdapterError> {
    let [first, second] = *got else {
        let reason = format!("it has {} dimensions", got.len());
        return Err(AdapterError::UnsupportedTensor { tensor: tensor.to_owned(), reason });
    };
    for (got, (side, expected)) in [first, second].into_iter().zip(expected) {
        if got != expected {
            return Err(AdapterError::ShapeMismatch { tensor: tensor.to_owned(), side, expected, got });
        }
    }
    Ok(())
}

/// Rows of `matrix`, `(heads * E, columns)`, with the two halves of each head interleaved: row
/// `2 i + j` of a head was row `j * E / 2 + i`.
fn side_by_side(matrix: &[f32], heads: usize, columns: usize) -> Vec<f32> {
    let head_width = matrix.len() / columns / heads;
    let mut ordered = Vec::with_capacity(matrix.len());
    for head in matrix.chunks_exact(head_width * columns) {
        let (first, second) = head.split_at(head.len() / 2);
        for (first, second) in first.chunks_exact(columns).zip(second.chunks_exact(columns)) {
            ordered.extend_from_slice(first);
            ordered.extend_from_slice(second);
        }
    }
    ordered
}
