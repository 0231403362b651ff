//! Adapters as PEFT saves them: `adapter_model.safetensors` and `adapter_config.json`.
//!
//! A lies as `(R, inputs)` and B as `(outputs, R)`. `fan_in_fan_out` says how the *base* is stored and changes
//! neither. Beside changed embeddings PEFT saves the base's own (`base_layer`), which a LoRA adapter never changes: of
//! them only the shape is looked at. Everything that would change the result in a way that is not known here is refused by name.

use serde_json::{Map, Value};

use super::{
    AdapterError,
    halves::{Pair, Suffixes},
    pattern::{Pattern, Targets},
    reading::{Change, Copied, Naming, Reading},
    safetensors,
};

/// The largest configuration that is read.
const CONFIG_BYTES: usize = 1 << 20;
/// The most entries of a pattern.
const PATTERN_ENTRIES: u64 = 1024;

const PREFIX: &str = "base_model.model.";
const HALVES: [Suffixes; 2] =
    [(".lora_A.weight", ".lora_B.weight"), (".lora_embedding_A", ".lora_embedding_B")];

/// The fields of an `adapter_config.json`, PEFT's or mlx-lm's, in the file's order.
pub(super) fn fields(json: &[u8]) -> Result<Map<String, Value>, AdapterError> {
    if json.len() > CONFIG_BYTES {
        let (got, limit) = (json.len() as u64, CONFIG_BYTES as u64);
        return Err(AdapterError::TooLarge { what: "configuration in bytes", got, limit });
    }
    serde_json::from_slice(json).map_err(|error| AdapterError::DamagedConfig(error.to_string()))
}

pub(super) fn read(fields: &Map<String, Value>, file: &[u8]) -> Result<Reading, AdapterError> {
    let config = LoraConfig::new(fields)?;
    let mut weights = safetensors::read(file)?;
    let as_copy = |(tensor, shape): (String, Vec<usize>)| {
        let module = tensor.strip_prefix(PREFIX).and_then(|module| module.strip_suffix(".base_layer.weight"));
        let Some(module) = module.map(str::to_owned) else {
            let reason = format!("it is not called {PREFIX}…");
            return Err(AdapterError::UnsupportedTensor { tensor, reason });
        };
        Ok(Copied { tensor, module, shape })
    };
    let copies = weights.tensors.take_copies().into_iter().map(as_copy).collect::<Result<_, _>>()?;
    let change = |pair: Pair| {
        if !config.targets.name(&pair.module) {
            let reason = "target_modules does not name its module".to_owned();
            return Err(AdapterError::UnsupportedTensor { tensor: pair.a.tensor, reason });
        }
        let (rank, scale) = (config.rank_of(&pair.module), config.scale_of(&pair.module));
        Ok(Change { pair, rank, scale })
    };
    Ok(Reading {
        naming: Naming::Transformers,
        architecture: None,
        base_sha256: weights.base_sha256,
        rank: config.rank,
        alpha: config.alpha,
        copies,
        changes: weights.tensors.pairs(PREFIX, &HALVES)?.into_iter().map(change).collect::<Result<_, _>>()?,
    })
}

/// What of a configuration matters once everything unknown is refused.
struct LoraConfig {
    rank: usize,
    alpha: f32,
    rank_pattern: Vec<(Pattern, usize)>,
    alpha_pattern: Vec<(Pattern, f32)>,
    rs_lora: bool,
    targets: Targets,
}

impl LoraConfig {
    fn new(fields: &Map<String, Value>) -> Result<Self, AdapterError> {
        refuse_unknown(fields)?;
        // It does not matter here, but it must make sense.
        flag(fields, "fan_in_fan_out")?;
        Ok(Self {
            rank: rank("r", fields.get("r"))?,
            alpha: finite("lora_alpha", fields.get("lora_alpha"))?,
            rank_pattern: pattern(fields, "rank_pattern", rank)?,
            alpha_pattern: pattern(fields, "alpha_pattern", finite)?,
            rs_lora: flag(fields, "use_rslora")?,
            targets: targets(fields.get("target_modules"))?,
        })
    }

    /// The rank of a module, named as in transformers.
    fn rank_of(&self, module: &str) -> usize {
        first(&self.rank_pattern, module).unwrap_or(self.rank)
    }

    /// What `B A x` of a module is multiplied with at scale 1: alpha over the rank, or over its root.
    fn scale_of(&self, module: &str) -> f32 {
        let alpha = first(&self.alpha_pattern, module).unwrap_or(self.alpha);
        let rank = self.rank_of(module) as f32;
        if self.rs_lora { alpha / rank.sqrt() } else { alpha / rank }
    }
}

/// The value of the first pattern that matches.
fn first<T: Copy>(patterns: &[(Pattern, T)], module: &str) -> Option<T> {
    patterns.iter().find(|(pattern, _)| pattern.matches(module)).map(|(_, value)| *value)
}

/// Fields that must be absent, null, false or empty, because they change what an adapter computes.
const MUST_BE_EMPTY: [&str; 20] = [
    "modules_to_save",
    "layer_replication",
    "trainable_token_indices",
    "use_dora",
    "use_qalora",
    "use_bdlora",
    "lora_bias",
    "loftq_config",
    "corda_config",
    "eva_config",
    "lora_ga_config",
    "arrow_config",
    "kasa_config",
    "velora_config",
    "monteclora_config",
    "alora_invocation_tokens",
    "target_parameters",
    "megatron_config",
    "peft_custom_modules",
    "ensure_weight_tying",
];

/// Initialisations that leave the base as it is. Others (`pissa`, `olora`, `corda`, `loftq`) change it, or (`eva`)
/// give each matrix a rank of its own.
const KNOWN_INITIALISATIONS: [&str; 2] = ["gaussian", "orthogonal"];

fn refuse_unknown(fields: &Map<String, Value>) -> Result<(), AdapterError> {
    let refuse =
        |field, value: &Value| Err(AdapterError::UnsupportedField { field, value: value.to_string() });
    match fields.get("peft_type") {
        Some(Value::String(kind)) if kind == "LORA" => {}
        other => return refuse("peft_type", other.unwrap_or(&Value::Null)),
    }
    match fields.get("bias") {
        None | Some(Value::Null) => {}
        Some(Value::String(bias)) if bias == "none" => {}
        Some(other) => return refuse("bias", other),
    }
    for field in MUST_BE_EMPTY {
        match fields.get(field) {
            None | Some(Value::Null | Value::Bool(false)) => {}
            Some(Value::Array(values)) if values.is_empty() => {}
            Some(Value::Object(values)) if values.is_empty() => {}
            Some(other) => return refuse(field, other),
        }
    }
    match fields.get("init_lora_weights") {
        None | Some(Value::Null | Value::Bool(_)) => Ok(()),
        Some(Value::String(name)) if KNOWN_INITIALISATIONS.contains(&name.as_str()) => Ok(()),
        Some(other) => refuse("init_lora_weights", other),
    }
}

/// A rank between 1 and 65,536.
pub(super) fn rank(field: &str, value: Option<&Value>) -> Result<usize, AdapterError> {
    let rank = value.and_then(Value::as_u64).filter(|rank| (1..=65_536).contains(rank));
    rank.map(|rank| rank as usize).ok_or_else(|| bad(field, value))
}

/// A number that single precision can hold.
pub(super) fn finite(field: &str, value: Option<&Value>) -> Result<f32, AdapterError> {
    let number = value.and_then(Value::as_f64).map(|number| number as f32);
    number.filter(|number| number.is_finite()).ok_or_else(|| bad(field, value))
}

/// A field that makes no sense.
pub(super) fn bad(field: &str, value: Option<&Value>) -> AdapterError {
    let value = value.map_or_else(|| "nothing".to_owned(), Value::to_string);
    AdapterError::BadField { field: field.to_owned(), value }
}

fn flag(fields: &Map<String, Value>, field: &str) -> Result<bool, AdapterError> {
    match fields.get(field) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(value)) => Ok(*value),
        other => Err(bad(field, other)),
    }
}

fn pattern<T>(
    fields: &Map<String, Value>,
    field: &'static str,
    read: impl Fn(&str, Option<&Value>) -> Result<T, AdapterError>,
) -> Result<Vec<(Pattern, T)>, AdapterError> {
    let entries = match fields.get(field) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Object(entries)) => entries,
        other => return Err(bad(field, other)),
    };
    let got = entries.len() as u64;
    if got > PATTERN_ENTRIES {
        return Err(AdapterError::TooLarge { what: "number of patterns", got, limit: PATTERN_ENTRIES });
    }
    entries
        .iter()
        .map(|(key, value)| {
            let pattern = Pattern::of_module(key)
                .ok_or_else(|| AdapterError::UnsupportedField { field, value: format!("{key:?}") })?;
            Ok((pattern, read(&format!("{field}[{key:?}]"), Some(value))?))
        })
        .collect()
}

fn targets(value: Option<&Value>) -> Result<Targets, AdapterError> {
    let name = |name: &Value| name.as_str().map(str::to_owned).ok_or_else(|| bad("target_modules", value));
    match value {
        None | Some(Value::Null) => Ok(Targets::Any),
        // Every linear module but the output matrix, of which PEFT then saves no change.
        Some(Value::String(text)) if text == "all-linear" => Ok(Targets::Any),
        Some(Value::String(text)) => Ok(Pattern::whole(text).map_or(Targets::Any, Targets::Matching)),
        Some(Value::Array(names)) => Ok(Targets::Named(names.iter().map(name).collect::<Result<_, _>>()?)),
        other => Err(bad("target_modules", other)),
    }
}
