//! How text is cut before byte-level BPE: one rule for each `tokenizer.ggml.pre`.

use tokenizers::{
    PreTokenizedString, PreTokenizer as _, PreTokenizerWrapper, SplitDelimiterBehavior,
    pre_tokenizers::{
        byte_level::ByteLevel,
        digits::Digits,
        sequence::Sequence,
        split::{Split, SplitPattern},
    },
};

use super::TokenizerError;

/// The rules that [`RULES`] has, for people.
pub(super) const NAMES: &str = "gpt-2, smollm, llama-bpe, smaug-bpe, qwen2, deepseek-r1-qwen, deepseek-llm, deepseek-coder, deepseek-v3, tekken, gpt-4o and default";

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

const RULES: [Rule; 12] = [
    GPT_2,
    Rule { name: "smollm", single_digits: true, ..GPT_2 },
    LLAMA_BPE,
    // SmolLM3, and the first files of Llama 3: cut in the same way, and merged to the end.
    Rule { name: "smaug-bpe", ignores_merges: false, adds_bos: false, ..LLAMA_BPE },
    QWEN_2,
    // The same vocabulary with other control tokens.
    Rule { name: "deepseek-r1-qwen", ..QWEN_2 },
    Rule {
        name: "deepseek-llm",
        patterns: &[
            r"[\r\n]",
            // The cased letters of Unicode 11, but for those of mathematics and phonetics.
            concat!(
                r"\s?[",
                r"A-Za-z\x{b5}\x{c0}-\x{d6}\x{d8}-\x{f6}\x{f8}-\x{1ba}\x{1bc}-\x{1bf}\x{1c4}-\x{293}\x{295}-\x{2af}",
                r"\x{370}-\x{373}\x{376}\x{377}\x{37b}-\x{37d}\x{37f}\x{386}\x{388}-\x{38a}\x{38c}\x{38e}-\x{3a1}",
                r"\x{3a3}-\x{3f5}\x{3f7}-\x{481}\x{48a}-\x{52f}\x{531}-\x{556}\x{10a0}-\x{10c5}\x{13a0}-\x{13f5}",
                r"\x{13f8}-\x{13fd}\x{1c90}-\x{1cba}\x{1cbd}-\x{1cbf}\x{1d00}-\x{1d2b}\x{1d6b}-\x{1d77}",
                r"\x{1d79}-\x{1d9a}\x{1e00}-\x{1f15}\x{1f18}-\x{1f1d}\x{1f20}-\x{1f45}\x{1f48}-\x{1f4d}",
                r"\x{1f50}-\x{1f57}\x{1f59}\x{1f5b}\x{1f5d}\x{1f5f}-\x{1f7d}\x{1f80}-\x{1fb4}\x{1fb6}-\x{1fbc}",
                r"\x{1fbe}\x{1fc2}-\x{1fc4}\x{1fc6}-\x{1fcc}\x{1fd0}-\x{1fd3}\x{1fd6}-\x{1fdb}\x{1fe0}-\x{1fec}",
                r"\x{1ff2}-\x{1ff4}\x{1ff6}-\x{1ffc}\x{2102}\x{2107}\x{210a}-\x{2113}\x{2115}\x{2119}-\x{211d}",
                r"\x{2124}\x{2126}\x{2128}\x{212a}-\x{212d}\x{212f}-\x{2134}\x{2139}\x{213c}-\x{213f}",
                r"\x{2145}-\x{2149}\x{214e}\x{2183}\x{2184}\x{2c00}-\x{2c7b}\x{2c7e}-\x{2ce4}\x{2ceb}-\x{2cee}",
                r"\x{2cf2}\x{2cf3}\x{a640}-\x{a66d}\x{a680}-\x{a69b}\x{a722}-\x{a76f}\x{a771}-\x{a787}",
                r"\x{a78b}-\x{a78e}\x{ab70}-\x{abbf}\x{fb00}-\x{fb06}\x{fb13}-\x{fb17}\x{ff21}-\x{ff3a}",
                r"\x{ff41}-\x{ff5a}\x{10400}-\x{1044f}\x{104b0}-\x{104d3}\x{104d8}-\x{104fb}\x{10c80}-\x{10cb2}",
                r"\x{10cc0}-\x{10cf2}\x{118a0}-\x{118df}\x{1e900}-\x{1e943}",
                r"]+"
            ),
            r"\s?[!-/:-~\x{ff01}-\x{ff0f}\x{ff1a}-\x{ff5e}\x{2018}-\x{201f}\x{3000}-\x{3002}]+",
            r"\s+$",
            r"[\x{4e00}-\x{9fa5}\x{800}-\x{4e00}\x{ac00}-\x{d7ff}]+",
            r"\p{N}",
        ],
        ..GPT_2
    },
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

/// Compiles GPT-2's regular expression, which every tokenizer here shares, so that the first
/// prompt need not wait for it: it takes longer than reading a small model.
pub fn warm_up() {
    let mut text = PreTokenizedString::from("x");
    // Whether it works is seen when it is used.
    let _ = ByteLevel::new(false, true, true).pre_tokenize(&mut text);
}

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
