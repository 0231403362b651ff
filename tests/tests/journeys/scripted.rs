//! Models that say what a test wants: the residual stream carries the last token alone, and each word of the script is
//! what follows the one before it.

use crate::support::{Gguf, Tensor, Value};

/// Makes `file`, whose tensors are in single precision, say `words` after any prompt, and then end its turn. Every word is
/// a new token, and there are fewer of them than the model is wide.
pub(crate) fn script(file: &mut Gguf, words: &[String], end_of_turn: u32) {
    let width = file.tensor("token_embd.weight").shape[0] as usize;
    let mut tokens = texts(file, "tokenizer.ggml.tokens");
    let first = tokens.len();
    tokens.extend(words.iter().map(|word| spelled(word)));
    let types = (0..tokens.len()).map(|id| if id < 3 { 3 } else { 1 }).collect();
    // State 0 is before the script, state n after its word n.
    let state_after = |token: usize| token.checked_sub(first).map_or(0, |word| word + 1);
    let embedding = (0..tokens.len()).map(|token| (token, state_after(token)));
    let spoken = (0..words.len()).map(|word| (first + word, word));
    let output = spoken.chain([(end_of_turn as usize, words.len())]);
    let matrix = |name: &str, ones: &mut dyn Iterator<Item = (usize, usize)>| {
        let mut values = vec![0_f32; tokens.len() * width];
        ones.for_each(|(row, column)| values[row * width + column] = 1.0);
        Tensor {
            name: name.to_owned(),
            shape: vec![width as u64, tokens.len() as u64],
            type_id: 0,
            bytes: values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            offset: None,
        }
    };
    file.tensors.retain(|tensor| !["token_embd.weight", "output.weight"].contains(&tensor.name.as_str()));
    file.tensors.push(matrix("token_embd.weight", &mut embedding.into_iter()));
    file.tensors.push(matrix("output.weight", &mut output.into_iter()));
    // What the layers add to the stream.
    let adds = |name: &str| name.contains("attn_output") || name.contains("ffn_down");
    for tensor in file.tensors.iter_mut().filter(|tensor| adds(&tensor.name)) {
        tensor.bytes.fill(0);
    }
    file.set("tokenizer.ggml.tokens", Value::Texts(tokens));
    file.set("tokenizer.ggml.token_type", Value::I32s(types));
}

fn texts(file: &Gguf, key: &str) -> Vec<String> {
    file.entries
        .iter()
        .find_map(|(name, value)| match value {
            Value::Texts(texts) if name == key => Some(texts.clone()),
            _ => None,
        })
        .unwrap_or_default()
}

/// A word as a byte-level vocabulary spells it.
fn spelled(word: &str) -> String {
    word.replace(' ', "Ġ").replace('\n', "Ċ")
}
