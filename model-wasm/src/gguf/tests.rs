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
    check(|file| file.tensor(name).type_id = 4, "unknown type 4");
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
