//! What sets the architectures apart, as data.

use crate::kernels::rope::Pairs;

/// The architectures that [`FAMILIES`] lists, for people.
pub(super) const NAMES: &str = "llama and mistral (both \"llama\"), qwen2, qwen3, gemma3, phi3 and smollm3";

/// The function of the feed-forward's gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// `x / (1 + e^-x)`
    Silu,
    /// `x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2`
    Gelu,
}

/// Which layers see only the last so many positions, where the metadata names a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Windows {
    /// A window is not known of this architecture.
    Refused,
    /// All of them.
    Every,
    /// All but each so many-th.
    AllBut(usize),
}

/// One architecture's differences from the others.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools, reason = "each is a difference of its own")]
pub(super) struct Family {
    /// `general.architecture`
    pub(super) name: &'static str,
    /// Which components of a head rotate together. Where they are [`Pairs::Adjacent`], converters have permuted
    /// the rows of the query and key matrices.
    pub(super) pairs: Pairs,
    /// Queries and keys are normed, head by head.
    pub(super) head_norms: bool,
    /// What attention and feed-forward put out is normed before it is added.
    pub(super) output_norms: bool,
    /// Queries, keys and values are one matrix; so are gate and up.
    pub(super) fused: bool,
    /// Embeddings are multiplied by the root of their width.
    pub(super) scaled_embedding: bool,
    pub(super) activation: Activation,
    pub(super) windows: Windows,
    /// Base of the rotary frequencies in layers with a window, where it is another.
    pub(super) window_rope_base: Option<f32>,
    /// Each so many-th layer has no positions.
    pub(super) unrotated_every: Option<usize>,
}

const LLAMA: Family = Family {
    name: "llama",
    pairs: Pairs::Adjacent,
    head_norms: false,
    output_norms: false,
    fused: false,
    scaled_embedding: false,
    activation: Activation::Silu,
    windows: Windows::Every,
    window_rope_base: None,
    unrotated_every: None,
};

const QWEN2: Family = Family { name: "qwen2", pairs: Pairs::Halves, windows: Windows::Refused, ..LLAMA };

const FAMILIES: [Family; 6] = [
    LLAMA,
    QWEN2,
    Family { name: "qwen3", head_norms: true, ..QWEN2 },
    Family {
        name: "gemma3",
        head_norms: true,
        output_norms: true,
        scaled_embedding: true,
        activation: Activation::Gelu,
        windows: Windows::AllBut(6),
        window_rope_base: Some(10_000.0),
        ..QWEN2
    },
    Family { name: "phi3", fused: true, windows: Windows::Every, ..QWEN2 },
    Family { name: "smollm3", unrotated_every: Some(4), windows: Windows::Refused, ..LLAMA },
];

impl Family {
    /// The architecture of that name.
    pub(super) fn named(name: &str) -> Option<Self> {
        FAMILIES.into_iter().find(|family| family.name == name)
    }
}
