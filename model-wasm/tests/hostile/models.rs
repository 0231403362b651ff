//! Model files.

use model_wasm::session::Base;

use super::{
    Case, check,
    support::{Gguf, Quantisation, Tensor, Value, tiny},
};

/// Magic number, version, and the numbers of tensors and of metadata pairs.
fn start(version: u32, n_tensors: u64, n_entries: u64) -> Vec<u8> {
    [b"GGUF".as_slice(), &version.to_le_bytes(), &n_tensors.to_le_bytes(), &n_entries.to_le_bytes()].concat()
}

fn text(text: &[u8]) -> Vec<u8> {
    [&(text.len() as u64).to_le_bytes(), text].concat()
}

/// One metadata pair.
fn entry(key: &[u8], type_id: u32, value: &[u8]) -> Vec<u8> {
    [text(key).as_slice(), &type_id.to_le_bytes(), value].concat()
}

/// An array's type and length.
fn array(type_id: u32, length: u64) -> Vec<u8> {
    [type_id.to_le_bytes().as_slice(), &length.to_le_bytes()].concat()
}

/// A file with one metadata pair.
fn with_entry(key: &[u8], type_id: u32, value: &[u8]) -> Vec<u8> {
    [start(3, 0, 1), entry(key, type_id, value)].concat()
}

/// A tensor's entry in the table.
fn tensor(name: &str, shape: &[u64], type_id: u32, offset: u64) -> Vec<u8> {
    let lengths: Vec<u8> = shape.iter().flat_map(|length| length.to_le_bytes()).collect();
    let n_dimensions = (shape.len() as u32).to_le_bytes();
    [text(name.as_bytes()).as_slice(), &n_dimensions, &lengths, &type_id.to_le_bytes(), &offset.to_le_bytes()]
        .concat()
}

/// A file of those tensors, with 256 bytes for them.
fn with_tensors(tensors: &[Vec<u8>]) -> Vec<u8> {
    let mut file = [start(3, tensors.len() as u64, 0), tensors.concat()].concat();
    file.resize(file.len().next_multiple_of(32) + 256, 0);
    file
}

fn damaged(damage: impl FnOnce(&mut Gguf)) -> Vec<u8> {
    let mut file = tiny(Quantisation::Q4_0);
    damage(&mut file);
    file.bytes()
}

fn with_setting(key: &str, value: Value) -> Vec<u8> {
    let mut file = tiny(Quantisation::Q4_0);
    file.tensors.clear();
    file.set(key, value);
    file.bytes()
}

#[test]
fn hostile_models_are_refused_by_name() {
    const F32: u32 = 0;
    let one = |shape: &[u64], type_id, offset| with_tensors(&[tensor("t", shape, type_id, offset)]);
    let cases: Vec<Case> = vec![
        ("sound", tiny(Quantisation::Q4_0).bytes(), ""),
        ("empty", Vec::new(), "magic number"),
        ("magic-only", b"GGUF".to_vec(), "the version"),
        ("web-page", b"<!doctype html><title>404</title>".to_vec(), "magic number"),
        ("safetensors", b"\x02\0\0\0\0\0\0\0{}".to_vec(), "magic number"),
        ("version-1", start(1, 0, 0), "version 1"),
        ("other-byte-order", start(3_u32.swap_bytes(), 0, 0), "version 50331648"),
        ("most-tensors", start(3, u64::MAX, 0), "number of tensors"),
        ("most-entries", start(3, 0, u64::MAX), "number of metadata pairs"),
        ("tensors-that-are-not-there", start(3, 65_536, 0), "a tensor's name"),
        ("longest-key", [start(3, 0, 1), u64::MAX.to_le_bytes().to_vec()].concat(), "the length of"),
        ("longest-text", with_entry(b"a", 8, &u64::MAX.to_le_bytes()), "the limit is"),
        ("longest-array", with_entry(b"a", 9, &array(8, 1 << 62)), "the limit is"),
        ("array-that-is-not-there", with_entry(b"a", 9, &array(0, 1 << 20)), "ends inside"),
        (
            "longest-texts-that-are-not-there",
            with_entry(b"a", 9, &[array(8, 1 << 20), (1_u64 << 20).to_le_bytes().to_vec()].concat()),
            "ends inside",
        ),
        (
            "longest-names-that-are-not-there",
            [start(3, 65_536, 0), 65_535_u64.to_le_bytes().to_vec()].concat(),
            "a tensor's name",
        ),
        ("array-of-arrays", with_entry(b"a", 9, &array(9, 1)), "unknown type 9"),
        ("unknown-value-type", with_entry(b"a", 13, &[]), "unknown type 13"),
        ("key-not-utf8", with_entry(b"\xff\xfe", 7, &[1]), "not UTF-8"),
        ("text-not-utf8", with_entry(b"a", 8, &text(b"\xff")), "not UTF-8"),
        (
            "key-twice",
            [start(3, 0, 2), entry(b"a", 7, &[1]), entry(b"a", 7, &[1])].concat(),
            "\"a\" occurs twice",
        ),
        ("alignment-0", with_entry(b"general.alignment", 4, &0_u32.to_le_bytes()), "general.alignment is 0"),
        ("alignment-3", with_entry(b"general.alignment", 4, &3_u32.to_le_bytes()), "general.alignment is 3"),
        ("alignment-2-31", with_entry(b"general.alignment", 4, &(1_u32 << 31).to_le_bytes()), "alignment"),
        ("no-dimensions", one(&[], F32, 0), "0 dimensions"),
        ("five-dimensions", one(&[1; 5], F32, 0), "5 dimensions"),
        ("dimension-0", one(&[4, 0], F32, 0), "a dimension of 0"),
        ("shape-wraps", one(&[1 << 32, 1 << 32], F32, 0), "dimension"),
        ("size-wraps", one(&[1 << 62], F32, 0), "more bytes than 64 bits"),
        ("broken-block", one(&[33], 8, 0), "no whole number"),
        ("unknown-tensor-type", one(&[32], 99, 0), "unknown type 99"),
        ("type-that-does-not-run", one(&[256], 23, 0), "is IQ4_XS, which is not supported here (F32, "),
        ("not-aligned", one(&[4], F32, 4), "is not aligned"),
        ("outside", one(&[4], F32, 1 << 20), "outside the file"),
        ("far-outside", one(&[4], F32, u64::MAX - 31), "outside the file"),
        ("longer-than-the-file", one(&[1 << 20], F32, 0), "outside the file"),
        (
            "overlap",
            with_tensors(&[tensor("a", &[16], F32, 0), tensor("b", &[16], F32, 32)]),
            "overlaps another tensor",
        ),
        (
            "tensor-twice",
            with_tensors(&[tensor("a", &[8], F32, 0), tensor("a", &[8], F32, 32)]),
            "\"a\" occurs twice",
        ),
        ("no-metadata", start(3, 0, 0), "tokenizer.ggml.model"),
        ("no-tensors", with_setting("general.name", Value::Text("x".into())), "is missing"),
        ("unknown-architecture", with_setting("general.architecture", Value::Text("rwkv7".into())), "rwkv7"),
        ("most-layers", with_setting("llama.block_count", Value::U32(1 << 20)), "llama.block_count"),
        ("no-layers", with_setting("llama.block_count", Value::U32(0)), "llama.block_count"),
        ("widest", with_setting("llama.embedding_length", Value::U32(u32::MAX)), "embedding_length"),
        ("widest-heads", with_setting("llama.attention.key_length", Value::U32(1 << 20)), "too wide"),
        ("no-heads", with_setting("llama.attention.head_count", Value::U32(0)), "head_count"),
        (
            "epsilon-nan",
            with_setting("llama.attention.layer_norm_rms_epsilon", Value::F32(f32::NAN)),
            "finite",
        ),
        ("negative-frequencies", with_setting("llama.rope.freq_base", Value::F32(-1.0)), "rope.freq_base"),
        ("adapter", with_setting("general.type", Value::Text("adapter".into())), "holds a LoRA adapter"),
        ("part-of-many", with_setting("split.count", Value::U32(9)), "part 1 of a model in 9 files"),
        (
            "other-shape",
            damaged(|file| file.tensor("blk.0.attn_q.weight").shape = vec![32, 128]),
            "has the shape",
        ),
        (
            "matrix-for-a-vector",
            damaged(|file| {
                let bytes = vec![0; 64 * 64 * 4];
                let name = "output_norm.weight".to_owned();
                *file.tensor("output_norm.weight") =
                    Tensor { name, shape: vec![64, 64], type_id: F32, bytes, offset: None };
            }),
            "has the shape",
        ),
    ];
    check("gguf", cases, Base::load);
}
