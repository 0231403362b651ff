//! `SentencePiece`'s BPE, as GGUF's `llama` holds it: pieces with scores instead of merges.
//!
//! A space is U+2581 in pieces. A character that no piece has is spelt by the bytes `<0x00>` to `<0xFF>`.

use std::collections::HashMap;

use tokenizers::{
    NormalizerWrapper,
    models::bpe::{BPE, Vocab},
    normalizers::{Prepend, Replace, Sequence},
};

use super::{Inner, TokenizerError, token_type};
use crate::gguf::{Metadata, Value};

/// Stands for a space.
pub(super) const SPACE: char = '\u{2581}';

/// The bytes that a piece stands for.
pub(super) fn piece_bytes(piece: &str, is_byte: bool) -> Vec<u8> {
    let hexadecimal = piece.strip_prefix("<0x").and_then(|rest| rest.strip_suffix('>'));
    match hexadecimal.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
        Some(byte) if is_byte => vec![byte],
        _ => piece.replace(SPACE, " ").into_bytes(),
    }
}

/// The tokenizer of `tokens` with `types`; `adds_space` puts a space before every text.
pub(super) fn build(
    tokens: &[String],
    types: &[i64],
    metadata: &Metadata,
    adds_space: bool,
) -> Result<Inner, TokenizerError> {
    let damaged = |what: &dyn std::fmt::Display| TokenizerError::Damaged(what.to_string());
    let scores = match metadata.get("tokenizer.ggml.scores") {
        Some(Value::Floats(scores)) if scores.len() == tokens.len() => scores,
        Some(Value::Floats(scores)) => {
            return Err(damaged(&format!("{} tokens but {} scores", tokens.len(), scores.len())));
        }
        _ => return Err(damaged(&"there is no list of scores")),
    };
    if scores.iter().any(|score| !score.is_finite()) {
        return Err(damaged(&"a score is no number"));
    }
    let is_spoken = |id: usize| !matches!(types.get(id), Some(&(token_type::CONTROL | token_type::UNKNOWN)));
    let vocab: Vocab = tokens.iter().zip(0_u32..).map(|(token, id)| (token.clone(), id)).collect();
    if vocab.len() != tokens.len() {
        return Err(damaged(&"two tokens have the same text"));
    }
    let ids: HashMap<&str, usize> = tokens
        .iter()
        .enumerate()
        .filter(|(id, _)| is_spoken(*id))
        .map(|(id, token)| (token.as_str(), id))
        .collect();
    let mut builder = BPE::builder()
        .vocab_and_merges(vocab, merges(tokens, scores, &ids))
        .byte_fallback(types.contains(&token_type::BYTE))
        .fuse_unk(true)
        .cache_capacity(super::NO_CACHE);
    let unknown = types.iter().position(|kind| *kind == token_type::UNKNOWN);
    if let Some(unknown) = metadata.u32("tokenizer.ggml.unknown_token_id")?.map(|id| id as usize).or(unknown)
    {
        let token =
            tokens.get(unknown).ok_or_else(|| damaged(&"the unknown token is beyond the vocabulary"))?;
        builder = builder.unk_token(token.clone());
    }
    let mut inner = Inner::new(builder.build().map_err(|error| damaged(&error))?.into());
    let replace = Replace::new(" ", SPACE.to_string()).map_err(|error| damaged(&error))?;
    let mut steps: Vec<NormalizerWrapper> = Vec::new();
    if adds_space {
        steps.push(Prepend::new(SPACE.to_string()).into());
    }
    steps.push(replace.into());
    inner.with_normalizer(Some(Sequence::new(steps))).map_err(|error| damaged(&error))?;
    Ok(inner)
}

/// Every way to put a piece together from two others, the best piece first; of equals, that with the longer left part.
fn merges(tokens: &[String], scores: &[f32], ids: &HashMap<&str, usize>) -> Vec<(String, String)> {
    struct Merge<'a> {
        score: f32,
        lengths: (usize, usize),
        parts: (&'a str, &'a str),
    }
    let mut merges = Vec::new();
    for (token, &score) in tokens.iter().zip(scores) {
        if !ids.contains_key(token.as_str()) {
            continue;
        }
        let mut local: Vec<((usize, usize), Merge)> = Vec::new();
        let characters = token.chars().count();
        for (left, (at, _)) in token.char_indices().enumerate().skip(1) {
            let parts = token.split_at(at);
            if let (Some(&a), Some(&b)) = (ids.get(parts.0), ids.get(parts.1)) {
                local.push(((a, b), Merge { score, lengths: (left, characters - left), parts }));
            }
        }
        local.sort_by_key(|(ids, _)| *ids);
        merges.extend(local.into_iter().map(|(_, merge)| merge));
    }
    merges.sort_by(|a, b| b.score.total_cmp(&a.score).then(b.lengths.cmp(&a.lengths)));
    merges.into_iter().map(|merge| (merge.parts.0.to_owned(), merge.parts.1.to_owned())).collect()
}
