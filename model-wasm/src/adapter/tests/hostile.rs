//! Files that were made to hurt.

use super::*;

#[test]
fn damaged_files_are_refused_and_none_panics() {
    let file = tiny_adapter(2).1;
    for length in (0..file.len()).step_by(101).chain(0..64) {
        let error = load(&config(), &file[..length]).expect_err("cut short");
        assert!(matches!(error, AdapterError::DamagedWeights(_)), "{length} bytes: {error}");
    }
    let mut claims = file.clone();
    claims[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    assert_says(load(&config(), &claims), "beyond the limit");
    assert_says(load(&config(), &[file, vec![0]].concat()), "the file has");
    let entry = |entry: &str| with_header(&format!(r#"{{"t":{entry}}}"#), vec![0; 16]);
    for (text, expected) in [
        (r#"{"dtype":"F32","shape":[4],"data_offsets":[0,20]}"#, "outside the file"),
        (r#"{"dtype":"F32","shape":[4],"data_offsets":[16,0]}"#, "outside the file"),
        (r#"{"dtype":"F32","shape":[3],"data_offsets":[0,16]}"#, "its shape asks for 12"),
        (
            r#"{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,16]}"#,
            "more bytes than 64 bits",
        ),
        (r#"{"dtype":"F32","shape":[-4],"data_offsets":[0,16]}"#, "no count"),
        (r#"{"dtype":"F8","shape":[16],"data_offsets":[0,16]}"#, "unknown type"),
        (r#"{"dtype":"F32","data_offsets":[0,16]}"#, "no shape"),
        (r#"{"dtype":"F32","shape":[4]}"#, "no data_offsets"),
        (r#"{"dtype":"F32","shape":[4],"data_offsets":[0]}"#, "no two data_offsets"),
        (r#"{"dtype":"F32","shape":[3],"data_offsets":[4,16]}"#, "a gap"),
        (r#"{"dtype":"I32","shape":[4],"data_offsets":[0,16]}"#, "its type is I32"),
        ("7", "unknown type"),
    ] {
        assert_says(load(&config(), &entry(text)), expected);
    }
    let deep = with_header(&"[".repeat(100_000), Vec::new());
    assert!(matches!(load(&config(), &deep), Err(AdapterError::DamagedWeights(_))));
    let overlap = r#"{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"b":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}"#;
    assert_says(load(&config(), &with_header(overlap, vec![0; 16])), "overlaps");
}
