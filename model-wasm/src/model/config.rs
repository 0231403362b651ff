//! The shape of a llama, from a file's metadata.

use super::ModelError;
use crate::gguf::Metadata;

/// The shape; the letters are those of [`crate::model`].
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// `L`
    pub n_layers: usize,
    /// `D`
    pub width: usize,
    /// `H`
    pub n_heads: usize,
    /// `K`
    pub n_kv_heads: usize,
    /// `E`
    pub head_width: usize,
    /// `F`
    pub feed_forward: usize,
    /// `V`
    pub vocabulary: usize,
    /// Longest sequence in tokens.
    pub context_length: usize,
    /// Base of the rotary frequencies.
    pub rope_base: f32,
    /// Added to the mean square before its root is taken.
    pub norm_epsilon: f32,
}

/// No dimension of a model that fits in a browser is larger.
const LARGEST: u64 = 1 << 20;

impl Config {
    /// Reads and checks the settings.
    ///
    /// # Errors
    /// Names the setting that is missing, unknown or senseless.
    pub fn new(metadata: &Metadata, vocabulary: usize) -> Result<Self, ModelError> {
        let architecture = metadata.need("general.architecture", Metadata::text)?;
        if architecture != "llama" {
            return Err(ModelError::UnsupportedArchitecture(architecture.to_owned()));
        }
        let key = |name: &str| format!("{architecture}.{name}");
        let bad = |name: &str, got: usize, reason: &'static str| ModelError::BadSetting {
            key: key(name),
            got: got as u64,
            reason,
        };
        let size = |name: &str| -> Result<usize, ModelError> {
            let got = u64::from(metadata.need(&key(name), Metadata::u32)?);
            if got == 0 || got > LARGEST {
                return Err(bad(name, got as usize, "not between 1 and 1048576"));
            }
            Ok(got as usize)
        };
        let optional_size = |name: &str| match metadata.get(&key(name)) {
            Some(_) => size(name).map(Some),
            None => Ok(None),
        };
        refuse_setting(metadata, &key("rope.scaling.type"), &["none"])?;
        for name in [
            "expert_count",
            "attention.sliding_window",
            "logit_scale",
            "attention.scale",
            "residual_scale",
            "embedding_scale",
        ] {
            if let Some(value) = metadata.get(&key(name)) {
                return Err(ModelError::UnsupportedSetting { key: key(name), value: format!("{value:?}") });
            }
        }
        let (width, n_heads) = (size("embedding_length")?, size("attention.head_count")?);
        let n_kv_heads = optional_size("attention.head_count_kv")?.unwrap_or(n_heads);
        if !n_heads.is_multiple_of(n_kv_heads) {
            return Err(bad("attention.head_count_kv", n_kv_heads, "the query heads are no multiple of it"));
        }
        let head_width = match optional_size("attention.key_length")? {
            Some(head_width) => head_width,
            None if width.is_multiple_of(n_heads) => width / n_heads,
            None => return Err(bad("attention.head_count", n_heads, "the width is no multiple of it")),
        };
        if !head_width.is_multiple_of(2) {
            return Err(bad("attention.key_length", head_width, "rotary positions need pairs"));
        }
        if optional_size("attention.value_length")?.is_some_and(|length| length != head_width) {
            return Err(bad("attention.value_length", head_width, "keys and values differ in width"));
        }
        if let Some(rotated) = optional_size("rope.dimension_count")?
            && rotated != head_width
        {
            return Err(bad("rope.dimension_count", rotated, "only a part of each head is rotated"));
        }
        Ok(Self {
            n_layers: size("block_count")?,
            width,
            n_heads,
            n_kv_heads,
            head_width,
            feed_forward: size("feed_forward_length")?,
            vocabulary,
            context_length: size("context_length")?,
            rope_base: metadata.f32(&key("rope.freq_base"))?.unwrap_or(10_000.0),
            norm_epsilon: metadata.need(&key("attention.layer_norm_rms_epsilon"), Metadata::f32)?,
        })
    }
}

fn refuse_setting(metadata: &Metadata, key: &str, known: &[&str]) -> Result<(), ModelError> {
    match metadata.text(key)? {
        Some(value) if !known.contains(&value) => {
            Err(ModelError::UnsupportedSetting { key: key.to_owned(), value: value.to_owned() })
        }
        _ => Ok(()),
    }
}
