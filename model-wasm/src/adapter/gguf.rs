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
    let architecture = metadata.need("general.architecture", Metadata::text)?;
    let alpha = metadata.need("adapter.lora.alpha", Metadata::f32)?;
    let mut tensors = Tensors::default();
    for (name, info) in &header.tensors {
        let precision = match info.tensor_type {
            TensorType::F32 => Precision::F32,
            TensorType::F16 => Precision::F16,
            TensorType::BF16 => Precision::BF16,
            other => {
                let reason = format!("its type is {other}");
                return Err(AdapterError::UnsupportedTensor { tensor: name.clone(), reason });
            }
        };
        // Each length is that of a part of the file, so it fits in usize.
        let shape = info.shape.iter().rev().map(|&length| length as usize).collect();
        tensors.add(name, shape, precision, &file[info.range.clone()])?;
    }
    let changes: Vec<Change> =
        tensors.pairs("", &HALVES)?.into_iter().map(|pair| change(pair, alpha)).collect();
    Ok(Reading {
        naming: Naming::Gguf,
        architecture: Some(architecture.to_owned()),
        base_sha256: None,
        rank: changes.first().map_or(0, |change| change.rank),
        alpha,
        changes,
        copies: Vec::new(),
    })
}

fn change(mut pair: Pair, alpha: f32) -> Change {
    if pair.module == "token_embd" {
        pair.a = pair.a.transposed();
    }
    let rank = pair.b.columns;
    let scale = if alpha == 0.0 { 1.0 } else { alpha / rank as f32 };
    Change { pair, rank, scale }
}
