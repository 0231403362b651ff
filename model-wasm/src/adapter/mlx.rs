//! Adapters as mlx-lm saves them: `adapters.safetensors` and an `adapter_config.json` of its own.
//!
//! A lies as `(inputs, R)` and B as `(R, outputs)`; `lora_parameters.scale` multiplies B A x as it is.

use serde_json::{Map, Value};

use super::{
    AdapterError,
    halves::{Pair, Suffixes},
    peft::{bad, finite, rank},
    reading::{Change, Naming, Reading},
    safetensors,
};

/// What mlx-lm takes where the configuration names none.
const DEFAULT_SCALE: f32 = 20.0;

const HALVES: [Suffixes; 1] = [(".lora_a", ".lora_b")];

/// Whether a configuration is mlx-lm's and not PEFT's.
pub(super) fn is_config(fields: &Map<String, Value>) -> bool {
    !fields.contains_key("peft_type")
        && ["fine_tune_type", "lora_parameters", "lora_layers"]
            .iter()
            .any(|field| fields.contains_key(*field))
}

pub(super) fn read(fields: &Map<String, Value>, file: &[u8]) -> Result<Reading, AdapterError> {
    match fields.get("fine_tune_type") {
        None => {}
        Some(Value::String(kind)) if kind == "lora" => {}
        Some(other) => return Err(unsupported("fine_tune_type", other)),
    }
    // Of versions before `fine_tune_type`.
    if let Some(other) =
        fields.get("use_dora").filter(|value| !matches!(value, Value::Null | Value::Bool(false)))
    {
        return Err(unsupported("use_dora", other));
    }
    let none = Map::new();
    let parameters = match fields.get("lora_parameters") {
        None | Some(Value::Null) => &none,
        Some(Value::Object(parameters)) => parameters,
        other => return Err(bad("lora_parameters", other)),
    };
    // Early versions multiplied `scale` with `alpha` over the rank as well.
    if let Some(other) = parameters.get("alpha").filter(|value| !value.is_null()) {
        return Err(unsupported("lora_parameters.alpha", other));
    }
    let scale = parameters
        .get("scale")
        .map_or(Ok(DEFAULT_SCALE), |value| finite("lora_parameters.scale", Some(value)))?;
    let named_rank =
        parameters.get("rank").map(|value| rank("lora_parameters.rank", Some(value))).transpose()?;
    let weights = safetensors::read(file)?;
    let change = |pair: Pair| {
        let pair = pair.transposed();
        let rank = named_rank.unwrap_or(pair.b.columns);
        Change { pair, rank, scale }
    };
    let changes: Vec<Change> = weights.tensors.pairs("", &HALVES)?.into_iter().map(change).collect();
    let rank = changes.first().map_or(0, |change| change.rank);
    Ok(Reading {
        naming: Naming::Transformers,
        architecture: None,
        base_sha256: weights.base_sha256,
        rank,
        alpha: scale * rank as f32,
        changes,
        copies: Vec::new(),
    })
}

fn unsupported(field: &'static str, value: &Value) -> AdapterError {
    AdapterError::UnsupportedField { field, value: value.to_string() }
}
