//! `random`: a model file with random weights, for benchmarks: the shape decides the speed, the values do not.

use std::fs::File;

use candle_core::{
    Device, Tensor,
    quantized::{
        GgmlDType, QTensor,
        gguf_file::{self, Value},
    },
};
use model_wasm::sampling::dice;
use serde_json::json;

use super::{Outcome, arguments::Arguments, usage};

/// The shape of SmolLM2-135M.
const LAYERS: usize = 30;
const WIDTH: usize = 576;
const FEED_FORWARD: usize = 1536;
const HEADS: usize = 9;
const KV_HEADS: usize = 3;
const VOCABULARY: usize = 49_152;
const CONTEXT: usize = 2048;
/// Standard deviation of the weights, about.
const DEVIATION: f64 = 0.02;

pub(crate) fn random(arguments: &Arguments) -> Outcome {
    let path = arguments.file.as_deref().ok_or_else(|| usage("the file to write is missing"))?;
    let mix = match arguments.needed("type")? {
        "Q8_0" => Mix::All(GgmlDType::Q8_0),
        "Q4_0" => Mix::All(GgmlDType::Q4_0),
        "Q4_K_M" => Mix::Q4KM,
        other => return Err(usage(&format!("--type {other:?} is none of Q8_0, Q4_0 and Q4_K_M"))),
    };
    write(path, mix).map_err(|error| usage(&format!("{path}: {error}")))?;
    Ok(json!({"file": path}))
}

/// Which matrix has which type.
#[derive(Clone, Copy)]
enum Mix {
    /// All of them this one.
    All(GgmlDType),
    /// As llama.cpp chooses under that name.
    Q4KM,
}

impl Mix {
    fn dtype(self, matrix: &str, layer: usize, columns: usize) -> GgmlDType {
        if let Self::All(dtype) = self {
            return dtype;
        }
        let needs_more_bits = match matrix {
            "token_embd" => true,
            "attn_v" | "ffn_down" => {
                let eighth = LAYERS / 8;
                layer < eighth || layer >= 7 * LAYERS / 8 || (layer - eighth) % 3 == 2
            }
            _ => false,
        };
        // Rows that are no multiple of a super-block of 256 get the next type without one.
        match (needs_more_bits, columns.is_multiple_of(256)) {
            (true, true) => GgmlDType::Q6K,
            (true, false) => GgmlDType::Q8_0,
            (false, true) => GgmlDType::Q4K,
            (false, false) => GgmlDType::Q5_0,
        }
    }
}

fn write(path: &str, mix: Mix) -> candle_core::Result<()> {
    let mut tensors = vec![
        ("token_embd.weight".to_owned(), matrix(0, VOCABULARY, WIDTH, mix.dtype("token_embd", 0, WIDTH))?),
        ("output_norm.weight".to_owned(), ones()?),
    ];
    let kv_width = WIDTH / HEADS * KV_HEADS;
    let shapes = [
        ("attn_q", WIDTH, WIDTH),
        ("attn_k", kv_width, WIDTH),
        ("attn_v", kv_width, WIDTH),
        ("attn_output", WIDTH, WIDTH),
        ("ffn_gate", FEED_FORWARD, WIDTH),
        ("ffn_up", FEED_FORWARD, WIDTH),
        ("ffn_down", WIDTH, FEED_FORWARD),
    ];
    for layer in 0..LAYERS {
        for norm in ["attn_norm", "ffn_norm"] {
            tensors.push((format!("blk.{layer}.{norm}.weight"), ones()?));
        }
        for (index, (name, rows, columns)) in shapes.into_iter().enumerate() {
            let seed = 1 + layer * shapes.len() + index;
            let matrix = matrix(seed as u64, rows, columns, mix.dtype(name, layer, columns))?;
            tensors.push((format!("blk.{layer}.{name}.weight"), matrix));
        }
    }
    let metadata = metadata();
    let metadata: Vec<(&str, &Value)> = metadata.iter().map(|(key, value)| (*key, value)).collect();
    let tensors: Vec<(&str, &QTensor)> =
        tensors.iter().map(|(name, tensor)| (name.as_str(), tensor)).collect();
    gguf_file::write(&mut File::create(path)?, &metadata, &tensors)
}

fn matrix(seed: u64, rows: usize, columns: usize, dtype: GgmlDType) -> candle_core::Result<QTensor> {
    // The sum of three even distributions is near enough to a normal one.
    let even = |step: u64| dice(seed, step) - 0.5;
    let values: Vec<f32> = (0..(rows * columns) as u64)
        .map(|at| ((even(3 * at) + even(3 * at + 1) + even(3 * at + 2)) * 2.0 * DEVIATION) as f32)
        .collect();
    QTensor::quantize(&Tensor::from_vec(values, (rows, columns), &Device::Cpu)?, dtype)
}

fn ones() -> candle_core::Result<QTensor> {
    QTensor::quantize(&Tensor::ones(WIDTH, candle_core::DType::F32, &Device::Cpu)?, GgmlDType::F32)
}

fn metadata() -> Vec<(&'static str, Value)> {
    let number = |value: usize| Value::U32(value as u32);
    let (tokens, merges) = vocabulary();
    let strings = |texts: Vec<String>| Value::Array(texts.into_iter().map(Value::String).collect());
    let kinds = (0..VOCABULARY).map(|token| Value::I32(if token < CONTROL.len() { 3 } else { 1 }));
    vec![
        ("general.architecture", Value::String("llama".to_owned())),
        ("general.name", Value::String("random".to_owned())),
        ("llama.context_length", number(CONTEXT)),
        ("llama.embedding_length", number(WIDTH)),
        ("llama.block_count", number(LAYERS)),
        ("llama.feed_forward_length", number(FEED_FORWARD)),
        ("llama.attention.head_count", number(HEADS)),
        ("llama.attention.head_count_kv", number(KV_HEADS)),
        ("llama.attention.layer_norm_rms_epsilon", Value::F32(1e-5)),
        ("llama.rope.dimension_count", number(WIDTH / HEADS)),
        ("llama.rope.freq_base", Value::F32(10_000.0)),
        ("llama.vocab_size", number(VOCABULARY)),
        ("tokenizer.ggml.model", Value::String("gpt2".to_owned())),
        ("tokenizer.ggml.pre", Value::String("smollm".to_owned())),
        ("tokenizer.ggml.tokens", strings(tokens)),
        ("tokenizer.ggml.merges", strings(merges)),
        ("tokenizer.ggml.token_type", Value::Array(kinds.collect())),
        ("tokenizer.ggml.bos_token_id", number(1)),
        ("tokenizer.ggml.eos_token_id", number(2)),
        ("tokenizer.ggml.unknown_token_id", number(0)),
    ]
}

const CONTROL: [&str; 3] = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];

/// Tokens and merges: control tokens, bytes, pairs of letters and then pairs of pairs, as many as fit.
fn vocabulary() -> (Vec<String>, Vec<String>) {
    let mut tokens: Vec<String> = CONTROL.map(str::to_owned).into();
    tokens.extend(byte_characters());
    let mut merges = Vec::new();
    let letters: Vec<String> = ('a'..='z').map(String::from).collect();
    let pairs: Vec<String> =
        letters.iter().flat_map(|a| letters.iter().map(move |b| format!("{a}{b}"))).collect();
    for parts in [&letters, &pairs] {
        for a in parts {
            for b in parts {
                if tokens.len() < VOCABULARY {
                    tokens.push(format!("{a}{b}"));
                    merges.push(format!("{a} {b}"));
                }
            }
        }
    }
    (tokens, merges)
}

/// The characters that stand for bytes in such a vocabulary: bytes that can be seen as themselves, the others as
/// what follows them.
fn byte_characters() -> impl Iterator<Item = String> {
    let is_seen = |byte: u32| matches!(byte, 33..=126 | 161..=172 | 174..=255);
    let seen = (0..256).filter(move |&byte| is_seen(byte));
    let hidden = (0..256).filter(move |&byte| !is_seen(byte)).zip(256..).map(|(_, stand_in)| stand_in);
    seen.chain(hidden).filter_map(char::from_u32).map(String::from)
}
