//! The tokenizer inside the GGUF: text to token ids and back.
//!
//! Byte-level BPE (`tokenizer.ggml.model = gpt2`) of texts that the `tokenizers` crate cuts by the rules that are known here,
//! and `SentencePiece`'s BPE (`llama`). An unknown pre-tokenizer is refused by name, because a guess would
//! quietly split digits or words otherwise than in training. Control tokens are never looked for
//! in plain text: [`Tokenizer::encode`] takes `<|im_end|>` as the ten characters that it is, and
//! only [`Tokenizer::encode_special`] sees a token in it. What of a prompt may hold control
//! tokens is decided in `chat`.

mod byte_level;
mod decode;
mod index;
mod merging;
mod pre_tokenizer;
mod sentencepiece;
#[cfg(test)]
mod tests;
mod vocabulary;

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use crate::gguf::{GgufError, Metadata, Value};

use byte_level::ByteLevel;
pub use decode::Decoder;
use index::Index;
#[cfg(test)]
pub(crate) use index::work;
pub use pre_tokenizer::warm_up;
use pre_tokenizer::{NAMES as PRE_TOKENIZERS, Rule};
use sentencepiece::SentencePiece;
use vocabulary::Vocabulary;

/// Why a file's tokenizer cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TokenizerError {
    /// Needed metadata is missing or of the wrong type.
    #[error(transparent)]
    Metadata(#[from] GgufError),
    /// `tokenizer.ggml.model` is not known here.
    #[error("tokenizer.ggml.model {0:?} is not supported (gpt2 and llama are)")]
    UnsupportedModel(String),
    /// `tokenizer.ggml.pre` is not known here.
    #[error("tokenizer.ggml.pre {0:?} is not supported ({PRE_TOKENIZERS} are)")]
    UnsupportedPreTokenizer(String),
    /// A token that texts are compared with has more bytes than [`LONGEST_TOKEN_BYTES`].
    #[error("the tokenizer is damaged: token {id} has {bytes} bytes, the limit is {LONGEST_TOKEN_BYTES}")]
    TooLong {
        /// Which.
        id: u32,
        /// How many it has.
        bytes: usize,
    },
    /// The lists contradict each other.
    #[error("the tokenizer is damaged: {0}")]
    Damaged(String),
}

/// GGUF's token types, as far as they matter here.
mod token_type {
    pub(super) const UNKNOWN: u8 = 2;
    pub(super) const CONTROL: u8 = 3;
    pub(super) const USER_DEFINED: u8 = 4;
    pub(super) const BYTE: u8 = 6;
}

/// Texts of tokens that end a turn, whatever the file calls its end.
const ENDS_OF_TURN: [&str; 4] = ["<|im_end|>", "<|eot_id|>", "<end_of_turn>", "<|end|>"];

/// The longest token that texts are compared with, which happens at each place of a prompt.
const LONGEST_TOKEN_BYTES: usize = 512;

/// The tokens of Phi-3 that leave the whitespace after them.
const PHI_3_KEEPS: [&str; 3] = ["<unk>", "<s>", "<|endoftext|>"];

/// How a vocabulary spells text.
enum Spelling {
    /// Bytes as printable characters, after a rule has cut.
    Bytes(Box<ByteLevel>),
    /// Characters, with a sign for the space.
    Characters(SentencePiece),
}

/// Text to token ids and back.
pub struct Tokenizer {
    vocabulary: Vocabulary,
    /// Of each token, as [`token_type`] has them; empty where the file does not say.
    types: Vec<u8>,
    spelling: Spelling,
    control: Index,
    /// Tokens that are found in any text before BPE.
    user_defined: Index,
    /// Tokens that swallow the whitespace after them.
    swallowing: BTreeSet<u32>,
    bos: Option<u32>,
    eos: Option<u32>,
    end_of_turn: Vec<u32>,
    adds_bos: bool,
    sha256: String,
}

impl Tokenizer {
    /// Builds the tokenizer that a file's metadata describe.
    ///
    /// # Errors
    /// When metadata are missing or damaged, or of a kind that is not known here.
    pub fn new(metadata: &Metadata) -> Result<Self, TokenizerError> {
        let rule = match metadata.need("tokenizer.ggml.model", Metadata::text)? {
            "gpt2" => {
                let name = metadata.text("tokenizer.ggml.pre")?.unwrap_or("");
                let unknown = || TokenizerError::UnsupportedPreTokenizer(name.to_owned());
                Some(Rule::named(name).ok_or_else(unknown)?)
            }
            "llama" => None,
            other => return Err(TokenizerError::UnsupportedModel(other.to_owned())),
        };
        let texts = metadata.need("tokenizer.ggml.tokens", Metadata::texts)?;
        let types = metadata.integers("tokenizer.ggml.token_type")?.unwrap_or(&[]);
        if !types.is_empty() && types.len() != texts.len() {
            let (tokens, types) = (texts.len(), types.len());
            return Err(TokenizerError::Damaged(format!("{tokens} tokens but {types} token types")));
        }
        let types: Vec<u8> = types.iter().map(|kind| u8::try_from(*kind).unwrap_or_default()).collect();
        let is_compared = |id: usize| {
            let is_found = matches!(types.get(id), Some(&(token_type::CONTROL | token_type::USER_DEFINED)));
            // Pieces are put together and looked up; the parts of merges are known by their ids.
            is_found || rule.is_none()
        };
        let is_too_long = |(id, text): &(usize, &str)| text.len() > LONGEST_TOKEN_BYTES && is_compared(*id);
        if let Some((id, text)) = texts.iter().enumerate().find(is_too_long) {
            return Err(TokenizerError::TooLong { id: id as u32, bytes: text.len() });
        }
        let vocabulary = Vocabulary::new(texts.clone())?;
        let (spelling, adds_bos) = if let Some(rule) = rule {
            (Spelling::Bytes(Box::new(ByteLevel::new(rule, &vocabulary, metadata)?)), rule.adds_bos)
        } else {
            let adds_space = metadata.bool("tokenizer.ggml.add_space_prefix")?.unwrap_or(true);
            let pieces = SentencePiece::new(&vocabulary, &types, metadata, adds_space)?;
            (Spelling::Characters(pieces), true)
        };
        let of_type = |wanted: u8| {
            let named = texts.iter().zip(0_u32..).zip(&types);
            let found = named.filter(|((text, _), kind)| **kind == wanted && !text.is_empty());
            Index::new(found.map(|((text, id), _)| (text.to_owned(), id)).collect())
        };
        let id_of = |key: &str| -> Result<Option<u32>, TokenizerError> {
            let id = metadata.u32(key)?;
            match id {
                Some(id) if id as usize >= texts.len() => {
                    Err(TokenizerError::Damaged(format!("{key} is {id}, beyond the vocabulary")))
                }
                id => Ok(id),
            }
        };
        let (control, user_defined) = (of_type(token_type::CONTROL), of_type(token_type::USER_DEFINED));
        let by_text = control.iter().filter(|(text, _)| ENDS_OF_TURN.contains(text)).map(|(_, id)| id);
        let swallowing = if is_phi_3(metadata)? {
            let all = control.iter().chain(user_defined.iter());
            all.filter(|(text, _)| !PHI_3_KEEPS.contains(text)).map(|(_, id)| id).collect()
        } else {
            BTreeSet::new()
        };
        let eos = id_of("tokenizer.ggml.eos_token_id")?;
        let by_key = [eos, id_of("tokenizer.ggml.eot_token_id")?];
        let mut end_of_turn: Vec<u32> = by_key.into_iter().flatten().chain(by_text).collect();
        end_of_turn.sort_unstable();
        end_of_turn.dedup();
        Ok(Self {
            vocabulary,
            types,
            spelling,
            control,
            user_defined,
            swallowing,
            bos: id_of("tokenizer.ggml.bos_token_id")?,
            eos,
            end_of_turn,
            adds_bos: metadata.bool("tokenizer.ggml.add_bos_token")?.unwrap_or(adds_bos),
            sha256: fingerprint(metadata),
        })
    }

    /// Number of tokens.
    pub fn vocabulary(&self) -> usize {
        self.vocabulary.len()
    }

    /// The control tokens' texts with their ids.
    pub fn control_tokens(&self) -> impl Iterator<Item = (&str, u32)> {
        self.control.iter()
    }

    /// The text of a token that templates call by role (`bos_token`, `eos_token`).
    pub fn token_text(&self, id: u32) -> Option<String> {
        self.vocabulary.text(id)?;
        Some(String::from_utf8_lossy(&self.token_bytes(id)).into_owned())
    }

    /// The token that begins a text, where the vocabulary has one.
    pub fn bos(&self) -> Option<u32> {
        self.bos
    }

    /// The token that the file calls the end of a text.
    pub fn eos(&self) -> Option<u32> {
        self.eos
    }

    /// Whether the token that begins a text is put before bare prompts.
    pub fn adds_bos(&self) -> bool {
        self.adds_bos
    }

    /// Tokens that end the model's turn.
    pub fn end_of_turn(&self) -> &[u32] {
        &self.end_of_turn
    }

    /// SHA-256 over the tokenizer's metadata, in lower-case hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The bytes that a token stands for; none for an id beyond the vocabulary.
    pub fn token_bytes(&self, id: u32) -> Vec<u8> {
        let text = self.vocabulary.text(id).unwrap_or_default();
        let kind = self.types.get(id as usize).copied().unwrap_or_default();
        match (&self.spelling, kind) {
            (_, token_type::CONTROL) | (Spelling::Bytes(_), token_type::USER_DEFINED) => text.into(),
            (Spelling::Bytes(_), _) => decode::token_bytes(text),
            (Spelling::Characters(_), kind) => sentencepiece::piece_bytes(text, kind == token_type::BYTE),
        }
    }

    /// Token ids of a text in which nothing is a control token.
    ///
    /// # Errors
    /// When the text cannot be cut into words.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, TokenizerError> {
        let mut ids = Vec::new();
        for piece in self.user_defined.split(text) {
            match piece {
                Piece::Token(id) => ids.push(id),
                Piece::Text(text) => self.encode_piece(self.left_after(&ids, text), &mut ids)?,
            }
        }
        Ok(ids)
    }

    /// Token ids of a text in which control tokens count as such.
    ///
    /// # Errors
    /// As [`Self::encode`].
    pub fn encode_special(&self, text: &str) -> Result<Vec<u32>, TokenizerError> {
        let mut ids = Vec::new();
        for piece in self.control.split(text) {
            match piece {
                Piece::Token(id) => ids.push(id),
                Piece::Text(text) => ids.extend(self.encode(self.left_after(&ids, text))?),
            }
        }
        Ok(ids)
    }

    /// The pieces of a text: control tokens, and what stands between them.
    pub(crate) fn split_at_control<'t>(&self, text: &'t str) -> Vec<Piece<'t>> {
        self.control.split(text)
    }

    /// Whether `text` begins with a control token, or a control token with `text`.
    pub(crate) fn begins_control(&self, text: &str) -> bool {
        self.control.longest_at(text).is_some() || self.control.continues(text)
    }

    /// What is spelt of a text that stands behind those tokens.
    pub(crate) fn left_after<'t>(&self, ids: &[u32], text: &'t str) -> &'t str {
        let is_swallowed = ids.last().is_some_and(|last| self.swallowing.contains(last));
        if is_swallowed { text.trim_start() } else { text }
    }

    /// The text of `ids`; bytes that are no UTF-8 become U+FFFD.
    pub fn decode(&self, ids: &[u32]) -> String {
        let bytes: Vec<u8> = ids.iter().flat_map(|&id| self.token_bytes(id)).collect();
        // The space that was put before the text is no part of it.
        let adds_space = matches!(&self.spelling, Spelling::Characters(pieces) if pieces.adds_space);
        let bytes = if adds_space { bytes.strip_prefix(b" ").unwrap_or(&bytes) } else { &bytes };
        String::from_utf8_lossy(bytes).into_owned()
    }

    fn encode_piece(&self, text: &str, ids: &mut Vec<u32>) -> Result<(), TokenizerError> {
        match &self.spelling {
            _ if text.is_empty() => Ok(()),
            Spelling::Bytes(bytes) => bytes.encode(text, &self.vocabulary, ids),
            Spelling::Characters(pieces) => {
                pieces.encode(text, &self.vocabulary, ids);
                Ok(())
            }
        }
    }
}

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece<'t> {
    /// A token that was found.
    Token(u32),
    /// What stands between tokens; never empty.
    Text(&'t str),
}

/// Whether a file's tokens are those of Phi-3, most of which swallow the whitespace after them in transformers. GGUF does
/// not carry that, so it goes by the model's name, as in llama.cpp; converters write it with dashes, with spaces, or as
/// one word.
fn is_phi_3(metadata: &Metadata) -> Result<bool, GgufError> {
    let name = metadata.text("general.name")?.unwrap_or("").to_lowercase();
    Ok(["phi-3", "phi 3", "phi3"].iter().any(|part| name.contains(part)))
}

/// SHA-256 over `tokenizer.*` in order of the key, each value in an unambiguous form.
fn fingerprint(metadata: &Metadata) -> String {
    let mut hash = Sha256::new();
    let mut text = |text: &str| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    };
    for (key, value) in metadata.iter().filter(|(key, _)| key.starts_with("tokenizer.ggml.")) {
        text(key);
        match value {
            Value::Text(value) => text(value),
            Value::Texts(values) => {
                for value in values.iter() {
                    text(value);
                }
            }
            other => text(&format!("{other:?}")),
        }
    }
    crate::hex(&hash.finalize())
}
