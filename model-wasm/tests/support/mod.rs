//! A small model made of nothing but a seed, as the bytes of a GGUF file. Used by the unit tests, and by the tests
//! that compare WebAssembly with native.
#![allow(dead_code, missing_docs, unreachable_pub)]

/// A metadata value.
#[derive(Clone)]
pub enum Value {
    U32(u32),
    F32(f32),
    Bool(bool),
    Text(String),
    Texts(Vec<String>),
    I32s(Vec<i32>),
    F32s(Vec<f32>),
}

#[derive(Clone)]
pub struct Tensor {
    pub name: String,
    /// Row length first.
    pub shape: Vec<u64>,
    pub type_id: u32,
    pub bytes: Vec<u8>,
    /// Where it claims to lie; `None` is where it does.
    pub offset: Option<u64>,
}

/// A GGUF file that can be damaged before it is written.
#[derive(Clone)]
pub struct Gguf {
    pub version: u32,
    pub entries: Vec<(String, Value)>,
    pub tensors: Vec<Tensor>,
}

impl Gguf {
    pub fn set(&mut self, key: &str, value: Value) {
        self.remove(key);
        self.entries.push((key.to_owned(), value));
    }

    pub fn remove(&mut self, key: &str) {
        self.entries.retain(|(name, _)| name != key);
    }

    pub fn tensor(&mut self, name: &str) -> &mut Tensor {
        self.tensors.iter_mut().find(|tensor| tensor.name == name).expect("a tensor of that name")
    }

    pub fn bytes(&self) -> Vec<u8> {
        const ALIGNMENT: usize = 32;
        let mut out = b"GGUF".to_vec();
        out.extend(self.version.to_le_bytes());
        out.extend((self.tensors.len() as u64).to_le_bytes());
        out.extend((self.entries.len() as u64).to_le_bytes());
        for (key, value) in &self.entries {
            put_text(&mut out, key);
            put_value(&mut out, value);
        }
        let mut offset = 0;
        for tensor in &self.tensors {
            put_text(&mut out, &tensor.name);
            out.extend((tensor.shape.len() as u32).to_le_bytes());
            for length in &tensor.shape {
                out.extend(length.to_le_bytes());
            }
            out.extend(tensor.type_id.to_le_bytes());
            out.extend(tensor.offset.unwrap_or(offset as u64).to_le_bytes());
            offset += tensor.bytes.len().next_multiple_of(ALIGNMENT);
        }
        out.resize(out.len().next_multiple_of(ALIGNMENT), 0);
        for tensor in &self.tensors {
            out.extend(&tensor.bytes);
            out.resize(out.len().next_multiple_of(ALIGNMENT), 0);
        }
        out
    }
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    out.extend((text.len() as u64).to_le_bytes());
    out.extend(text.as_bytes());
}

fn put_value(out: &mut Vec<u8>, value: &Value) {
    let mut put = |type_id: u32, bytes: &[u8]| {
        out.extend(type_id.to_le_bytes());
        out.extend(bytes);
    };
    match value {
        Value::U32(number) => put(4, &number.to_le_bytes()),
        Value::F32(number) => put(6, &number.to_le_bytes()),
        Value::Bool(value) => put(7, &[u8::from(*value)]),
        Value::Text(text) => {
            put(8, &[]);
            put_text(out, text);
        }
        Value::Texts(texts) => {
            put(9, &8_u32.to_le_bytes());
            out.extend((texts.len() as u64).to_le_bytes());
            for text in texts {
                put_text(out, text);
            }
        }
        Value::F32s(numbers) => {
            put(9, &6_u32.to_le_bytes());
            out.extend((numbers.len() as u64).to_le_bytes());
            for number in numbers {
                out.extend(number.to_le_bytes());
            }
        }
        Value::I32s(numbers) => {
            put(9, &5_u32.to_le_bytes());
            out.extend((numbers.len() as u64).to_le_bytes());
            for number in numbers {
                out.extend(number.to_le_bytes());
            }
        }
    }
}

/// How the small model's matrices lie in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantisation {
    F32,
    F16,
    Q8_0,
    Q4_0,
}

pub const WIDTH: usize = 64;
pub const N_HEADS: usize = 4;
pub const N_KV_HEADS: usize = 2;
pub const HEAD_WIDTH: usize = 16;
pub const FEED_FORWARD: usize = 96;
pub const N_LAYERS: usize = 2;
pub const CONTEXT: usize = 192;
pub const IM_END: u32 = 2;
pub const TEMPLATE: &str = "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

/// Name, rows and columns of each matrix.
pub fn matrices() -> Vec<(String, usize, usize)> {
    let (queries, keys) = (N_HEADS * HEAD_WIDTH, N_KV_HEADS * HEAD_WIDTH);
    let mut matrices = vec![("token_embd".to_owned(), tokens().len(), WIDTH)];
    for layer in 0..N_LAYERS {
        let mut add =
            |name: &str, rows, columns| matrices.push((format!("blk.{layer}.{name}"), rows, columns));
        add("attn_q", queries, WIDTH);
        add("attn_k", keys, WIDTH);
        add("attn_v", keys, WIDTH);
        add("attn_output", WIDTH, queries);
        add("ffn_gate", FEED_FORWARD, WIDTH);
        add("ffn_up", FEED_FORWARD, WIDTH);
        add("ffn_down", WIDTH, FEED_FORWARD);
    }
    matrices
}

/// The small model.
pub fn tiny(quantisation: Quantisation) -> Gguf {
    let text = |text: &str| Value::Text(text.to_owned());
    let size = |size: usize| Value::U32(size as u32);
    let mut file = Gguf { version: 3, entries: Vec::new(), tensors: Vec::new() };
    for (key, value) in [
        ("general.architecture", text("llama")),
        ("general.name", text("Tiny")),
        ("llama.block_count", size(N_LAYERS)),
        ("llama.embedding_length", size(WIDTH)),
        ("llama.attention.head_count", size(N_HEADS)),
        ("llama.attention.head_count_kv", size(N_KV_HEADS)),
        ("llama.rope.dimension_count", size(HEAD_WIDTH)),
        ("llama.rope.freq_base", Value::F32(10_000.0)),
        ("llama.feed_forward_length", size(FEED_FORWARD)),
        ("llama.context_length", size(CONTEXT)),
        ("llama.attention.layer_norm_rms_epsilon", Value::F32(1e-5)),
        ("tokenizer.ggml.model", text("gpt2")),
        ("tokenizer.ggml.pre", text("smollm")),
        ("tokenizer.ggml.tokens", Value::Texts(tokens())),
        (
            "tokenizer.ggml.token_type",
            Value::I32s((0..tokens().len()).map(|id| if id < 3 { 3 } else { 1 }).collect()),
        ),
        ("tokenizer.ggml.merges", Value::Texts(["h e", "l l", "Ġ he"].map(str::to_owned).to_vec())),
        ("tokenizer.ggml.eos_token_id", Value::U32(IM_END)),
        ("tokenizer.ggml.add_bos_token", Value::Bool(false)),
        ("tokenizer.chat_template", text(TEMPLATE)),
    ] {
        file.set(key, value);
    }
    let mut seed = 0;
    for (name, rows, columns) in matrices() {
        seed += 1;
        let (type_id, bytes) = pack(quantisation, seed, rows * columns);
        let shape = vec![columns as u64, rows as u64];
        file.tensors.push(Tensor { name: format!("{name}.weight"), shape, type_id, bytes, offset: None });
    }
    let norms = (0..N_LAYERS)
        .flat_map(|layer| [format!("blk.{layer}.attn_norm.weight"), format!("blk.{layer}.ffn_norm.weight")]);
    for name in norms.chain(["output_norm.weight".to_owned()]) {
        seed += 1;
        let bytes = (0..WIDTH as u64).flat_map(|i| (1.0 + 0.1 * noise(seed, i)).to_le_bytes()).collect();
        file.tensors.push(Tensor { name, shape: vec![WIDTH as u64], type_id: 0, bytes, offset: None });
    }
    file
}

/// Weights between -1/8 and 1/8.
fn pack(quantisation: Quantisation, seed: u64, n: usize) -> (u32, Vec<u8>) {
    let integer = |i: usize, largest: f32| (noise(seed, i as u64) * largest) as i32;
    match quantisation {
        Quantisation::F32 => (0, (0..n as u64).flat_map(|i| (noise(seed, i) / 8.0).to_le_bytes()).collect()),
        // 2^-4 and below, in steps of 2^-10 of it.
        Quantisation::F16 => (1, (0..n).flat_map(|i| half(integer(i, 1023.0))).collect()),
        Quantisation::Q8_0 => {
            let block = |block: usize| {
                let scale = 0x1400_u16.to_le_bytes(); // 2^-10
                let integers = (0..32).map(move |i| integer(block * 32 + i, 127.0) as u8);
                scale.into_iter().chain(integers).collect::<Vec<u8>>()
            };
            (8, (0..n / 32).flat_map(block).collect())
        }
        Quantisation::Q4_0 => {
            let block = |block: usize| {
                let scale = 0x2400_u16.to_le_bytes(); // 2^-6
                let nibble = move |i: usize| (integer(block * 32 + i, 7.99) + 8) as u8;
                let nibbles = (0..16).map(move |i| nibble(i) | (nibble(i + 16) << 4));
                scale.into_iter().chain(nibbles).collect::<Vec<u8>>()
            };
            (2, (0..n / 32).flat_map(block).collect())
        }
    }
}

/// A half-precision number in steps of 2^-14, from an integer below 1024 in size.
pub fn half(steps: i32) -> [u8; 2] {
    // Subnormal halves are steps of 2^-24; ten binary places further up they are 2^-14.
    let sign = if steps < 0 { 0x8000_u16 } else { 0 };
    let size = steps.unsigned_abs();
    let bits = match size.checked_ilog2() {
        None => 0,
        Some(log) => (((log + 1) << 10) | ((size << (10 - log)) & 0x3ff)) as u16,
    };
    (sign | bits).to_le_bytes()
}

/// Number `i` of a sequence between -1 and 1.
pub fn noise(seed: u64, i: u64) -> f32 {
    let mut x = (seed << 32 | i).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((x ^ (x >> 31)) >> 40) as f32 / (1_u32 << 23) as f32 - 1.0
}

/// Three control tokens, the 256 bytes as GPT-2 writes them, and three merges.
pub fn tokens() -> Vec<String> {
    let printable = |byte: u32| matches!(byte, 0x21..=0x7e | 0xa1..=0xac | 0xae..=0xff);
    let mut hidden = 0x100;
    let bytes = (0..0x100_u32).map(|byte| {
        let code = if printable(byte) {
            byte
        } else {
            hidden += 1;
            hidden - 1
        };
        char::from_u32(code).expect("a character").to_string()
    });
    let control = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"].map(str::to_owned).into_iter();
    control.chain(bytes).chain(["he", "ll", "Ġhe"].map(str::to_owned)).collect()
}

/// A PEFT adapter for the small model on every matrix: its configuration and its weights.
pub fn tiny_adapter(rank: usize) -> (String, Vec<u8>) {
    let config =
        format!(r#"{{"peft_type": "LORA", "r": {rank}, "lora_alpha": {}, "bias": "none"}}"#, 2 * rank);
    (config, safetensors(&adapter_tensors(rank)))
}

pub type AdapterTensor = (String, [usize; 2], Vec<f32>);

pub fn adapter_tensors(rank: usize) -> Vec<AdapterTensor> {
    let mut tensors = Vec::new();
    for (index, (name, rows, columns)) in matrices().into_iter().enumerate().skip(1) {
        let (layer, module) = name.trim_start_matches("blk.").split_once('.').expect("blk.N.name");
        let module = match module {
            "attn_q" => "self_attn.q_proj",
            "attn_k" => "self_attn.k_proj",
            "attn_v" => "self_attn.v_proj",
            "attn_output" => "self_attn.o_proj",
            "ffn_gate" => "mlp.gate_proj",
            "ffn_up" => "mlp.up_proj",
            _ => "mlp.down_proj",
        };
        for (half, shape) in [("A", [rank, columns]), ("B", [rows, rank])] {
            let seed = 1000 + 2 * index as u64 + u64::from(half == "B");
            let values = (0..(shape[0] * shape[1]) as u64).map(|i| noise(seed, i) / 4.0).collect();
            tensors.push((
                format!("base_model.model.model.layers.{layer}.{module}.lora_{half}.weight"),
                shape,
                values,
            ));
        }
    }
    tensors
}

/// A safetensors file in single precision.
pub fn safetensors(tensors: &[AdapterTensor]) -> Vec<u8> {
    let mut start = 0;
    let entries: Vec<String> = tensors
        .iter()
        .map(|(name, shape, values)| {
            let end = start + values.len() * 4;
            let entry = format!(
                r#""{name}":{{"dtype":"F32","shape":[{},{}],"data_offsets":[{start},{end}]}}"#,
                shape[0], shape[1]
            );
            start = end;
            entry
        })
        .collect();
    let data = tensors.iter().flat_map(|(_, _, values)| values.iter().flat_map(|value| value.to_le_bytes()));
    with_header(&format!("{{{}}}", entries.join(",")), data.collect())
}

/// A safetensors file of a header and data.
pub fn with_header(header: &str, data: Vec<u8>) -> Vec<u8> {
    [(header.len() as u64).to_le_bytes().to_vec(), header.as_bytes().to_vec(), data].concat()
}

/// FNV-1a over the bits of numbers.
pub fn fingerprint(numbers: &[f32]) -> u64 {
    let bytes = numbers.iter().flat_map(|number| number.to_bits().to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}
