//! How text is cut before byte-level BPE: one rule for each `tokenizer.ggml.pre`.

use tokenizers::{
    PreTokenizerWrapper, SplitDelimiterBehavior,
    pre_tokenizers::{
        byte_level::ByteLevel,
        digits::Digits,
        sequence::Sequence,
        split::{Split, SplitPattern},
    },
};

use super::TokenizerError;

/// The rules that [`RULES`] has, for people.
pub(super) const NAMES: &str = "gpt-2, smollm, llama-bpe, smaug-bpe, qwen2, deepseek-r1-qwen, deepseek-coder, deepseek-v3, tekken, gpt-4o and default";

/// One way to cut.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools, reason = "each is a difference of its own")]
pub(super) struct Rule {
    name: &'static str,
    /// Each digit stands alone, before anything else is cut.
    single_digits: bool,
    /// Regular expressions, each applied to the pieces of the one before; what matches is a piece, and so is
    /// what lies between. None stands for GPT-2's.
    patterns: &'static [&'static str],
    /// A piece that is a token is not cut by merges.
    pub(super) ignores_merges: bool,
    /// Texts are unified to composed characters first (NFC).
    pub(super) composes: bool,
    /// Whether a text begins with the token for that where the file does not say.
    pub(super) adds_bos: bool,
}

const GPT_2: Rule = Rule {
    name: "gpt-2",
    single_digits: false,
    patterns: &[],
    ignores_merges: false,
    composes: false,
    adds_bos: false,
};

const LLAMA_BPE: Rule = Rule {
    name: "llama-bpe",
    patterns: &[concat!(
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*",
        r"|\s*[\r\n]+|\s+(?!\S)|\s+"
    )],
    ignores_merges: true,
    adds_bos: true,
    ..GPT_2
};

const QWEN_2: Rule = Rule {
    name: "qwen2",
    patterns: &[concat!(
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*",
        r"|\s*[\r\n]+|\s+(?!\S)|\s+"
    )],
    composes: true,
    ..GPT_2
};

const RULES: [Rule; 11] = [
    GPT_2,
    Rule { name: "smollm", single_digits: true, ..GPT_2 },
    LLAMA_BPE,
    // SmolLM3, and the first files of Llama 3: cut in the same way, and merged to the end.
    Rule { name: "smaug-bpe", ignores_merges: false, adds_bos: false, ..LLAMA_BPE },
    QWEN_2,
    // The same vocabulary with other control tokens.
    Rule { name: "deepseek-r1-qwen", ..QWEN_2 },
    Rule {
        name: "deepseek-coder",
        patterns: &[r"[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", r"[一-龥ࠀ-一가-퟿]+", r"\p{N}"],
        ..GPT_2
    },
    Rule {
        name: "deepseek-v3",
        patterns: &[
            r"\p{N}{1,3}",
            r"[一-龥぀-ゟ゠-ヿ]+",
            concat!(
                r##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"##,
                r"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
            ),
        ],
        ..GPT_2
    },
    Rule {
        name: "tekken",
        patterns: &[concat!(
            r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+",
            r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*",
            r"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
        )],
        ignores_merges: true,
        adds_bos: true,
        ..GPT_2
    },
    Rule {
        name: "gpt-4o",
        patterns: &[concat!(
            r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
            r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
            r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
        )],
        ..GPT_2
    },
    Rule {
        name: "default",
        patterns: &[
            r"[\p{P}\$\+<=>\^~\|]+",
            r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)",
            r"\p{N}+",
            r"[0-9][0-9][0-9]",
        ],
        ..GPT_2
    },
];

impl Rule {
    /// The rule of that name.
    pub(super) fn named(name: &str) -> Option<Self> {
        RULES.into_iter().find(|rule| rule.name == name)
    }

    /// The rule as the library wants it.
    pub(super) fn build(self) -> Result<PreTokenizerWrapper, TokenizerError> {
        let mut steps: Vec<PreTokenizerWrapper> = Vec::new();
        if self.single_digits {
            steps.push(Digits::new(true).into());
        }
        for pattern in self.patterns {
            let pattern = SplitPattern::Regex((*pattern).to_owned());
            let split = Split::new(pattern, SplitDelimiterBehavior::Isolated, false);
            steps.push(split.map_err(|error| TokenizerError::Damaged(error.to_string()))?.into());
        }
        steps.push(ByteLevel::new(false, true, self.patterns.is_empty()).into());
        Ok(Sequence::new(steps).into())
    }
}
