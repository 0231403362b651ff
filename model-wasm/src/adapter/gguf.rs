//! Adapters as GGUF files: `general.type` = `adapter`, and `blk.N.attn_q.weight.lora_a` and `.lora_b`.
//!
//! The rows of queries and keys are in the order of the base's file. B A x is scaled by `adapter.lora.alpha` over
//! B's rank, or by nothing where alpha is 0. A of the token embeddings lies transposed.

use super::{
    AdapterError,
    halves::{Pair, Precision, Suffixes, Tensors},
    reading::{Change, Naming, Reading},
};
use crate::gguf::{Header, Metadata, TensorType};

const HALVES: [Suffixes; 1] = [(".weight.lora_a", ".weight.lora_b")];

pub(super) fn read(file: &[u8]) -> Result<Reading, AdapterError> {
    let header = Header::parse(file)?;
    let Head { architecture, alpha } = check(&header)?;
    let mut tensors = Tensors::default();
    for (name, info) in &header.tensors {
        let precision = precision(name, info.tensor_type)?;
        // Each length is that of a part of the file, so it fits in usize.
        let shape = info.shape.iter().rev().map(|&length| length as usize).collect();
        tensors.add(name, shape, precision, &file[info.range.clone()])?;
    }
    let changes: Vec<Change> =
        tensors.pairs("", &HALVES)?.into_iter().map(|pair| change(pair, alpha)).collect();
    Ok(Reading {
        naming: Naming::Gguf,
        architecture: Some(architecture),
        base_sha256: None,
        rank: changes.first().map_or(0, |change| change.rank),
        alpha,
        changes,
        copies: Vec::new(),
    })
}

/// What an adapter's header says beside its tensors.
struct Head {
    architecture: String,
    alpha: f32,
}

/// Reads a header, and refuses what is known from it not to run.
fn check(header: &Header) -> Result<Head, AdapterError> {
    let metadata = &header.metadata;
    for (field, expected) in [("general.type", "adapter"), ("adapter.type", "lora")] {
        let value = metadata.text(field)?.unwrap_or("nothing");
        if value != expected {
            return Err(AdapterError::UnsupportedField { field, value: format!("{value:?}") });
        }
    }
    let tokens = "adapter.alora.invocation_tokens";
    if metadata.get(tokens).is_some() {
        return Err(AdapterError::UnsupportedField { field: tokens, value: "an array".to_owned() });
    }
    let architecture = metadata.need("general.architecture", Metadata::text)?.to_owned();
    let alpha = metadata.need("adapter.lora.alpha", Metadata::f32)?;
    Ok(Head { architecture, alpha })
}

fn precision(name: &str, tensor_type: TensorType) -> Result<Precision, AdapterError> {
    match tensor_type {
        TensorType::F32 => Ok(Precision::F32),
        TensorType::F16 => Ok(Precision::F16),
        TensorType::BF16 => Ok(Precision::BF16),
        other => {
            let reason = format!("its type is {other}");
            Err(AdapterError::UnsupportedTensor { tensor: name.to_owned(), reason })
        }
    }
}

/// The architecture that an adapter is for, and the bytes that its weights will take in memory, by its header alone.
///
/// # Errors
/// When it is known from the header that it cannot run.
pub(crate) fn judge(header: &Header) -> Result<(String, u64), AdapterError> {
    let Head { architecture, .. } = check(header)?;
    let mut weights = 0_u64;
    for (name, info) in &header.tensors {
        precision(name, info.tensor_type)?;
        weights = weights.saturating_add(info.elements());
    }
    // They are held in single precision.
    Ok((architecture, weights.saturating_mul(4)))
}

fn change(mut pair: Pair, alpha: f32) -> Change {
    if pair.module == "token_embd" {
        pair.a = pair.a.transposed();
    }
    let rank = pair.b.columns;
    let scale = if alpha == 0.0 { 1.0 } else { alpha / rank as f32 };
    Change { pair, rank, scale }
}
