use super::*;
use crate::support::{Gguf, Quantisation, Value as Written, tiny};

fn check(damage: impl FnOnce(&mut Gguf), expected: &str) {
    let mut file = tiny(Quantisation::Q8_0);
    damage(&mut file);
    let error = Header::parse(&file.bytes()).expect_err(expected);
    assert!(error.to_string().contains(expected), "{error} does not contain {expected:?}");
}

#[test]
fn a_sound_file_is_read() {
    let header = Header::parse(&tiny(Quantisation::Q4_0).bytes()).expect("sound");
    assert_eq!(header.metadata.text("general.name"), Ok(Some("Tiny")));
    assert_eq!(header.metadata.u32("llama.block_count"), Ok(Some(2)));
    let embedding = &header.tensors["token_embd.weight"];
    assert_eq!((embedding.shape.as_slice(), embedding.tensor_type), ([64, 262].as_slice(), TensorType::Q4_0));
    assert_eq!(embedding.range.len(), 64 * 262 / 32 * 18);
}

#[test]
fn every_truncation_is_an_error_and_none_panics() {
    let file = tiny(Quantisation::Q8_0).bytes();
    for length in (0..file.len()).step_by(37).chain(0..600) {
        assert!(Header::parse(&file[..length]).is_err(), "{length} bytes");
    }
}

#[test]
fn every_flipped_byte_of_the_header_is_an_error_or_a_sound_file_and_none_panics() {
    let file = tiny(Quantisation::Q8_0).bytes();
    for at in (0..9000).step_by(3) {
        for bit in [0x01, 0x80] {
            let mut damaged = file.clone();
            damaged[at] ^= bit;
            if let Ok(header) = Header::parse(&damaged) {
                assert!(header.tensors.values().all(|info| info.range.end <= damaged.len()));
            }
        }
    }
}

#[test]
fn not_gguf() {
    assert_eq!(Header::parse(b""), Err(GgufError::NotGguf));
    assert_eq!(Header::parse(b"<!doctype html><html>"), Err(GgufError::NotGguf));
    assert_eq!(Header::parse(b"GGUF"), Err(GgufError::Truncated { what: "the version".into() }));
}

#[test]
fn versions() {
    check(|file| file.version = 1, "GGUF version 1 is not supported");
    check(|file| file.version = 3_u32.swap_bytes(), "is not supported");
}

#[test]
fn counts_that_no_file_has() {
    for (at, expected) in [(8, "the number of tensors"), (16, "the number of metadata pairs")] {
        let mut file = tiny(Quantisation::Q8_0).bytes();
        file[at..at + 8].copy_from_slice(&u64::MAX.to_le_bytes());
        let error = Header::parse(&file).expect_err("too many");
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn lengths_that_no_file_has() {
    // The first key's length follows the counts.
    let mut file = tiny(Quantisation::Q8_0).bytes();
    file[24..32].copy_from_slice(&(u64::MAX - 3).to_le_bytes());
    let error = Header::parse(&file).expect_err("too long");
    assert!(matches!(error, GgufError::TooLarge { .. }), "{error}");
    // An array of four billion numbers in a few bytes.
    let mut file = b"GGUF\x03\0\0\0".to_vec();
    file.extend(0_u64.to_le_bytes());
    file.extend(1_u64.to_le_bytes());
    file.extend(1_u64.to_le_bytes());
    file.push(b'k');
    file.extend([9, 0, 0, 0, 10, 0, 0, 0]);
    file.extend((1_u64 << 32).to_le_bytes());
    let error = Header::parse(&file).expect_err("too long");
    assert!(matches!(error, GgufError::TooLarge { .. }), "{error}");
}

#[test]
fn alignments() {
    for alignment in [0, 3, 33, 1 << 20] {
        check(|file| file.set("general.alignment", Written::U32(alignment)), "general.alignment");
    }
    check(|file| file.set("general.alignment", Written::Text("32".into())), "is not a 32-bit count");
}

#[test]
fn duplicates() {
    check(
        |file| file.entries.push(("general.name".into(), Written::Text("again".into()))),
        "metadata \"general.name\" occurs twice",
    );
    check(
        |file| {
            let again = file.tensors[0].clone();
            file.tensors.push(again);
        },
        "tensor \"token_embd.weight\" occurs twice",
    );
}

#[test]
fn shapes() {
    let name = "blk.0.attn_q.weight";
    check(|file| file.tensor(name).shape = vec![], "0 dimensions");
    check(|file| file.tensor(name).shape = vec![32, 1, 1, 1, 1], "5 dimensions");
    check(|file| file.tensor(name).shape = vec![64, 0], "a dimension of 0");
    check(|file| file.tensor(name).shape = vec![1 << 40, 1 << 40], "a dimension of");
    check(
        |file| {
            file.tensor(name).shape = vec![1 << 63];
            file.tensor(name).type_id = 0;
        },
        "more bytes than 64 bits",
    );
    check(|file| file.tensor(name).shape = vec![33, 64], "no whole number of Q8_0 blocks");
    check(|file| file.tensor(name).type_id = 4, "is Q4_2, which is not supported here");
}

#[test]
fn places() {
    let name = "blk.0.attn_q.weight";
    check(|file| file.tensor(name).offset = Some(16), "is not aligned");
    check(|file| file.tensor(name).offset = Some(0), "overlaps another tensor");
    check(|file| file.tensor(name).offset = Some(1 << 40), "lies outside the file");
    check(|file| file.tensor(name).offset = Some(u64::MAX - 31), "lies outside the file");
}

#[test]
fn texts() {
    let mut file = tiny(Quantisation::Q8_0).bytes();
    let at = file.windows(4).position(|bytes| bytes == b"Tiny").expect("its name");
    file[at] = 0xff;
    let error = Header::parse(&file).expect_err("no UTF-8");
    assert_eq!(error, GgufError::NotUtf8 { what: "metadata \"general.name\"".into() });
}

#[test]
fn types_that_are_not_read_are_named_with_those_that_are() {
    for (type_id, name) in [(23, "IQ4_XS"), (39, "MXFP4"), (99, "of the unknown type 99")] {
        let expected =
            format!("\"blk.0.attn_q.weight\" is {name}, which is not supported here (F32, F16, BF16, ");
        check(|file| file.tensor("blk.0.attn_q.weight").type_id = type_id, &expected);
    }
}

/// Magic number, version and counts.
fn start(n_tensors: u64, n_entries: u64) -> Vec<u8> {
    [b"GGUF\x03\0\0\0".as_slice(), &n_tensors.to_le_bytes(), &n_entries.to_le_bytes()].concat()
}

fn text(text: &[u8]) -> Vec<u8> {
    [&(text.len() as u64).to_le_bytes(), text].concat()
}

/// A pair with an array of so many values.
fn array(key: &str, type_id: u32, length: u64) -> Vec<u8> {
    let types = [9_u32.to_le_bytes(), type_id.to_le_bytes()].concat();
    [text(key.as_bytes()), types, length.to_le_bytes().to_vec()].concat()
}

#[test]
fn headers_beyond_their_limits_are_refused_before_they_are_whole() {
    let texts = text(&vec![b'x'; limits::TEXT_BYTES as usize]).repeat(32);
    let name = [text(&vec![b'x'; 65_535]), 1_u32.to_le_bytes().to_vec(), vec![0; 8 + 4 + 8]].concat();
    let mut tensors = Vec::new();
    for number in 0..1_025_u32 {
        let mut entry = name.clone();
        entry[8..12].copy_from_slice(format!("{number:04}").as_bytes());
        let shape = entry.len() - 20;
        entry[shape..shape + 8].copy_from_slice(&1_u64.to_le_bytes());
        tensors.extend(entry);
    }
    let bytes = |number: u32| [array(&number.to_string(), 0, 1 << 20), vec![1; 1 << 20]].concat();
    let bytes: Vec<u8> = (0..8).flat_map(bytes).collect();
    for (header, expected) in [
        ([start(0, 1), array("a", 8, 1 << 20), texts].concat(), "the size of the metadata is"),
        ([start(65_536, 0), tensors].concat(), "the size of the header is"),
        ([start(0, 65_536), bytes].concat(), "the size of the header in memory is"),
    ] {
        let error = Header::parse_start(&header, u64::MAX).expect_err(expected);
        assert!(matches!(error, GgufError::TooLarge { .. }), "{error}");
        assert!(error.to_string().starts_with(expected), "{error}");
    }
}

#[test]
fn vocabularies_that_no_model_here_has() {
    let most = limits::VOCABULARY as usize;
    let tokens = |count: usize| {
        move |file: &mut Gguf| {
            file.set("tokenizer.ggml.tokens", Written::Texts((0..count).map(|id| id.to_string()).collect()));
        }
    };
    check(tokens(most + 1), "the size of the vocabulary");
    let mut file = tiny(Quantisation::Q8_0);
    tokens(most)(&mut file);
    assert!(Header::parse(&file.bytes()).is_ok());
}
