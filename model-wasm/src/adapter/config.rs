//! `adapter_config.json` as PEFT writes it.

use serde_json::{Map, Value};

use super::AdapterError;

/// The largest configuration that is read.
const CONFIG_BYTES: usize = 1 << 20;

/// What of a configuration matters once everything unknown is refused.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LoraConfig {
    pub(super) rank: usize,
    pub(super) alpha: f32,
    rank_pattern: Vec<(String, usize)>,
    alpha_pattern: Vec<(String, f32)>,
    rs_lora: bool,
}

impl LoraConfig {
    pub(super) fn parse(json: &[u8]) -> Result<Self, AdapterError> {
        if json.len() > CONFIG_BYTES {
            return Err(AdapterError::DamagedConfig(format!("{} bytes are too many", json.len())));
        }
        let fields: Map<String, Value> =
            serde_json::from_slice(json).map_err(|error| AdapterError::DamagedConfig(error.to_string()))?;
        refuse_unknown(&fields)?;
        let config = Self {
            rank: rank("r", fields.get("r"))?,
            alpha: alpha("lora_alpha", fields.get("lora_alpha"))?,
            rank_pattern: pattern(&fields, "rank_pattern", rank)?,
            alpha_pattern: pattern(&fields, "alpha_pattern", alpha)?,
            rs_lora: flag(&fields, "use_rslora")?,
        };
        Ok(config)
    }

    /// The rank of a module, named as in transformers.
    pub(super) fn rank_of(&self, module: &str) -> usize {
        find(&self.rank_pattern, module).unwrap_or(self.rank)
    }

    /// What `B A x` of a module is multiplied with at scale 1: alpha over the rank, or over its root.
    pub(super) fn scale_of(&self, module: &str) -> f32 {
        let alpha = find(&self.alpha_pattern, module).unwrap_or(self.alpha);
        let rank = self.rank_of(module) as f32;
        if self.rs_lora { alpha / rank.sqrt() } else { alpha / rank }
    }
}

/// PEFT matches a key by `(.*\.)?(key)$`; the first that matches counts.
fn find<T: Copy>(pattern: &[(String, T)], module: &str) -> Option<T> {
    let matches = |key: &str| {
        let before = module.strip_suffix(key);
        before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    pattern.iter().find(|(key, _)| matches(key)).map(|(_, value)| *value)
}

/// Fields that must be absent, null, false or empty, because they change what an adapter computes.
const MUST_BE_EMPTY: [&str; 19] = [
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
];

/// Initialisations that leave the base as it is; the others (`pissa`, `olora`, `corda`, `loftq`) change it.
const KNOWN_INITIALISATIONS: [&str; 3] = ["gaussian", "orthogonal", "eva"];

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

fn rank(field: &str, value: Option<&Value>) -> Result<usize, AdapterError> {
    let rank = value.and_then(Value::as_u64).filter(|rank| (1..=65_536).contains(rank));
    rank.map(|rank| rank as usize).ok_or_else(|| bad(field, value))
}

fn alpha(field: &str, value: Option<&Value>) -> Result<f32, AdapterError> {
    let alpha = value.and_then(Value::as_f64).map(|alpha| alpha as f32);
    alpha.filter(|alpha| alpha.is_finite()).ok_or_else(|| bad(field, value))
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
) -> Result<Vec<(String, T)>, AdapterError> {
    let entries = match fields.get(field) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Object(entries)) => entries,
        other => return Err(bad(field, other)),
    };
    entries
        .iter()
        .map(|(key, value)| {
            // Keys are regular expressions in PEFT; only plain names are read here.
            let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
            if key.is_empty() || !key.chars().all(is_plain) {
                return Err(AdapterError::UnsupportedField { field, value: format!("{key:?}") });
            }
            Ok((key.clone(), read(&format!("{field}[{key:?}]"), Some(value))?))
        })
        .collect()
}

fn bad(field: &str, value: Option<&Value>) -> AdapterError {
    let value = value.map_or_else(|| "nothing".to_owned(), Value::to_string);
    AdapterError::BadField { field: field.to_owned(), value }
}
