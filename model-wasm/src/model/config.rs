//! The shape of a decoder, from a file's metadata.

use super::{
    ModelError,
    family::{Activation, Family, Windows},
};
use crate::{gguf::Metadata, kernels::rope::Pairs};

/// The shape; the letters are those of [`crate::model`].
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// `general.architecture`
    pub architecture: &'static str,
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
    /// How keys and values are kept; metadata do not say.
    pub cache_precision: CachePrecision,
    /// Added to the mean square before its root is taken.
    pub norm_epsilon: f32,
    /// How positions are told.
    pub rope: RopeConfig,
    /// Which layers see only the last so many positions.
    pub window: Option<Window>,
    /// Multiplies the embeddings.
    pub embedding_scale: f32,
    /// The function of the feed-forward's gate.
    pub activation: Activation,
    /// Logits `x` become `cap tanh(x / cap)`.
    pub logit_cap: Option<f32>,
    /// Queries and keys are normed, head by head.
    pub(super) head_norms: bool,
    /// What attention and feed-forward put out is normed before it is added.
    pub(super) output_norms: bool,
    /// Queries, keys and values are one tensor; so are gate and up.
    pub fused: bool,
}

/// Rotary positions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RopeConfig {
    /// Which components of a head rotate together.
    pub pairs: Pairs,
    /// Components of a head that rotate: the first so many.
    pub rotated: usize,
    /// Base of the frequencies.
    pub base: f32,
    /// Divides the positions.
    pub stretch: f32,
    /// Multiplies cosines and sines.
    pub magnitude: f32,
    /// Each so many-th layer has no positions.
    pub unrotated_every: Option<usize>,
}

/// How keys and values are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CachePrecision {
    /// `f32`
    Single,
    /// Keys as integers of sixteen bits, values as bytes, and a scale for each of a position.
    Integers,
}

impl CachePrecision {
    /// Bytes of a key and a value of so many numbers each.
    fn bytes(self, numbers: usize) -> usize {
        match self {
            Self::Single => 2 * 4 * numbers,
            Self::Integers => 3 * numbers.next_multiple_of(8) + 2 * 4,
        }
    }
}

/// Attention to the last positions only.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// Positions seen, the own one included.
    pub length: usize,
    /// Each so many-th layer has none.
    pub all_but: Option<usize>,
    /// Base of the rotary frequencies in layers with a window, where it is another; they are not stretched.
    pub rope_base: Option<f32>,
}

/// Whether a layer is the last of `n`, of the next `n`, and so on.
fn is_each(n: usize, layer: usize) -> bool {
    (layer + 1).is_multiple_of(n)
}

impl Config {
    /// Bytes of the keys and values of `positions` of one sequence.
    pub fn cache_bytes(&self, positions: usize) -> u64 {
        let kept = self.n_layers * self.n_kv_heads;
        (kept * self.cache_precision.bytes(self.head_width)) as u64 * positions as u64
    }

    /// The window of a layer, where it has one.
    pub fn window(&self, layer: usize) -> Option<&Window> {
        self.window.as_ref().filter(|window| !window.all_but.is_some_and(|n| is_each(n, layer)))
    }

    /// The first position that is seen from `position` in a layer.
    pub fn first_seen(&self, layer: usize, position: usize) -> usize {
        self.window(layer).map_or(0, |window| (position + 1).saturating_sub(window.length))
    }

    /// Whether a layer rotates queries and keys.
    pub fn rotates(&self, layer: usize) -> bool {
        !self.rope.unrotated_every.is_some_and(|n| is_each(n, layer))
    }
}

/// No dimension of a model that fits in a browser is larger.
const LARGEST: u64 = 1 << 20;

const MOST_LAYERS: usize = 1024;

/// Settings that would change the computation, and that no model has that runs here.
const UNKNOWN: [&str; 7] = [
    "expert_count",
    "attn_logit_softcapping",
    "logit_scale",
    "attention.scale",
    "residual_scale",
    "embedding_scale",
    "rope.scaling.yarn_log_multiplier",
];

impl Config {
    /// Reads and checks the settings.
    ///
    /// # Errors
    /// Names the setting that is missing, unknown or senseless.
    pub fn new(metadata: &Metadata, vocabulary: usize) -> Result<Self, ModelError> {
        let architecture = metadata.need("general.architecture", Metadata::text)?;
        let unsupported = || ModelError::UnsupportedArchitecture(architecture.to_owned());
        let settings = Settings { metadata, family: Family::named(architecture).ok_or_else(unsupported)? };
        for name in UNKNOWN {
            if let Some(value) = metadata.get(&settings.key(name)) {
                return Err(settings.unsupported(name, format!("{value:?}")));
            }
        }
        let family = settings.family;
        let width = settings.size("embedding_length")?;
        let (n_heads, n_kv_heads, head_width) = settings.heads(width)?;
        Ok(Self {
            cache_precision: CachePrecision::Single,
            architecture: family.name,
            n_layers: settings.layers()?,
            width,
            n_heads,
            n_kv_heads,
            head_width,
            feed_forward: settings.size("feed_forward_length")?,
            vocabulary,
            context_length: settings.context_length()?,
            norm_epsilon: metadata.need(&settings.key("attention.layer_norm_rms_epsilon"), Metadata::f32)?,
            rope: settings.rope(head_width)?,
            window: settings.window()?,
            embedding_scale: if family.scaled_embedding { (width as f32).sqrt() } else { 1.0 },
            activation: family.activation,
            logit_cap: settings.positive("final_logit_softcapping")?,
            head_norms: family.head_norms,
            output_norms: family.output_norms,
            fused: family.fused,
        })
    }
}

/// The settings of one file.
struct Settings<'a> {
    metadata: &'a Metadata,
    family: Family,
}

impl Settings<'_> {
    fn key(&self, name: &str) -> String {
        format!("{}.{name}", self.family.name)
    }

    fn unsupported(&self, name: &str, value: impl Into<String>) -> ModelError {
        ModelError::UnsupportedSetting { key: self.key(name), value: value.into() }
    }

    fn bad(&self, name: &str, got: usize, reason: &'static str) -> ModelError {
        ModelError::BadSetting { key: self.key(name), got: got as u64, reason }
    }

    fn size(&self, name: &str) -> Result<usize, ModelError> {
        let got = u64::from(self.metadata.need(&self.key(name), Metadata::u32)?);
        if got == 0 || got > LARGEST {
            return Err(self.bad(name, got as usize, "not between 1 and 1048576"));
        }
        Ok(got as usize)
    }

    fn optional_size(&self, name: &str) -> Result<Option<usize>, ModelError> {
        self.metadata.get(&self.key(name)).map(|_| self.size(name)).transpose()
    }

    fn positive(&self, name: &str) -> Result<Option<f32>, ModelError> {
        match self.metadata.f32(&self.key(name))? {
            Some(number) if number <= 0.0 => Err(self.unsupported(name, number.to_string())),
            number => Ok(number),
        }
    }

    fn layers(&self) -> Result<usize, ModelError> {
        let layers = self.size("block_count")?;
        if layers > MOST_LAYERS {
            return Err(self.bad("block_count", layers, "more layers than any model has that fits here"));
        }
        Ok(layers)
    }

    /// `H`, `K` and `E`
    fn heads(&self, width: usize) -> Result<(usize, usize, usize), ModelError> {
        let n_heads = self.size("attention.head_count")?;
        let n_kv_heads = self.optional_size("attention.head_count_kv")?.unwrap_or(n_heads);
        if !n_heads.is_multiple_of(n_kv_heads) {
            let reason = "the query heads are no multiple of it";
            return Err(self.bad("attention.head_count_kv", n_kv_heads, reason));
        }
        let head_width = match self.optional_size("attention.key_length")? {
            Some(head_width) => head_width,
            None if width.is_multiple_of(n_heads) => width / n_heads,
            None => return Err(self.bad("attention.head_count", n_heads, "the width is no multiple of it")),
        };
        if self.optional_size("attention.value_length")?.is_some_and(|length| length != head_width) {
            return Err(self.bad("attention.value_length", head_width, "keys and values differ in width"));
        }
        if [n_heads, n_kv_heads].iter().any(|n| (n * head_width) as u64 > LARGEST) {
            return Err(self.bad("attention.key_length", head_width, "all heads together are too wide"));
        }
        Ok((n_heads, n_kv_heads, head_width))
    }

    /// Models that were stretched with factors for short and for long texts run with those for short ones.
    fn context_length(&self) -> Result<usize, ModelError> {
        let whole = self.size("context_length")?;
        let original = self.optional_size("rope.scaling.original_context_length")?;
        Ok(match original {
            Some(original) if self.family.fused => original.min(whole),
            _ => whole,
        })
    }

    fn rope(&self, head_width: usize) -> Result<RopeConfig, ModelError> {
        let rotated = self.optional_size("rope.dimension_count")?.unwrap_or(head_width);
        if rotated > head_width || !rotated.is_multiple_of(2) {
            let reason = "positions need pairs of a head's components";
            return Err(self.bad("rope.dimension_count", rotated, reason));
        }
        let stretch = match self.metadata.text(&self.key("rope.scaling.type"))? {
            Some("none" | "longrope" | "su") => None,
            // Files from before types were written hold a factor alone, the oldest under another name.
            None | Some("linear") => match self.positive("rope.scaling.factor")? {
                None => self.positive("rope.scale_linear")?,
                factor => factor,
            },
            Some(other) => return Err(self.unsupported("rope.scaling.type", other)),
        };
        Ok(RopeConfig {
            pairs: self.family.pairs,
            rotated,
            base: self.positive("rope.freq_base")?.unwrap_or(10_000.0),
            stretch: stretch.unwrap_or(1.0),
            magnitude: self.positive("rope.scaling.attn_factor")?.unwrap_or(1.0),
            unrotated_every: self.family.unrotated_every,
        })
    }

    fn window(&self) -> Result<Option<Window>, ModelError> {
        let name = "attention.sliding_window";
        let length = match self.metadata.u32(&self.key(name))? {
            None | Some(0) => return Ok(None),
            Some(length) => length as usize,
        };
        let all_but = match self.family.windows {
            Windows::Refused => return Err(self.unsupported(name, length.to_string())),
            Windows::Every => None,
            Windows::AllBut(n) => Some(n),
        };
        let rope_base = self.positive("rope.freq_base_swa")?.or(self.family.window_rope_base);
        Ok(Some(Window { length, all_but, rope_base }))
    }
}
