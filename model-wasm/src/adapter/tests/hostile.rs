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

#[test]
fn a_tensor_that_is_there_twice_is_refused() {
    let entry = r#"{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"#;
    let other = r#"{"dtype":"F32","shape":[2],"data_offsets":[8,16]}"#;
    let twice = with_header(&format!(r#"{{"t":{entry},"t":{other}}}"#), vec![0; 16]);
    assert_eq!(load(&config(), &twice), Err(AdapterError::Duplicate { tensor: "t".into() }));
    let mut file = gguf_adapter(2);
    file.tensor("blk.0.attn_q.weight.lora_b").name = "blk.0.attn_q.weight.lora_a".into();
    assert_says(Files { config: None, weights: &file.bytes() }.info("a"), "occurs twice");
}

#[test]
fn headers_that_are_no_object_are_refused() {
    for header in ["", "[]", "null", "7", "{", "{}x", r#"{"t":}"#, "\u{0}", r#"{"t":{"t":{"t":1}}}"#] {
        let error = load(&config(), &with_header(header, Vec::new())).expect_err(header);
        assert!(matches!(error, AdapterError::DamagedWeights(_)), "{header}: {error}");
    }
    let many: Vec<String> =
        (0..70_000).map(|i| format!(r#""{i}":{{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}"#)).collect();
    let many = with_header(&format!("{{{}}}", many.join(",")), Vec::new());
    assert_says(load(&config(), &many), "more than 65536 tensors");
}

#[test]
fn absurd_sizes_are_refused_before_memory_is_taken() {
    let spaces = vec![b' '; (1 << 20) + 1];
    assert_says(inspect("a", &spaces, &[]), "configuration in bytes is 1048577, the limit is 1048576");
    let many: serde_json::Map<String, Value> = (0..1025).map(|i| (format!("m{i}"), json!(4))).collect();
    assert_says(with_field("rank_pattern", Value::Object(many)), "number of patterns is 1025");
    for (rank, data) in [("65536", "[0,8]"), ("18446744073709551615", "[0,8]")] {
        let header =
            format!(r#"{{"{Q}.lora_A.weight":{{"dtype":"F32","shape":[{rank},64],"data_offsets":{data}}}}}"#);
        let error = load(&config(), &with_header(&header, vec![0; 8])).expect_err(rank);
        assert!(matches!(error, AdapterError::DamagedWeights(_)), "{error}");
    }
    let mut file = gguf_adapter(2);
    file.tensor("blk.0.attn_q.weight.lora_a").shape = vec![1 << 40, 1 << 40];
    assert_says(Files { config: None, weights: &file.bytes() }.info("a"), "bad shape");
}

#[test]
fn no_flipped_byte_makes_a_reader_panic() {
    let base = base();
    let (config, peft) = tiny_adapter(1);
    let config_of_mlx = r#"{"fine_tune_type":"lora","lora_parameters":{"rank":1,"scale":2.0}}"#;
    let mlx = safetensors(&mlx_tensors(1));
    let gguf = gguf_adapter(1).bytes();
    for (config, file) in [(config.as_str(), &peft), (config_of_mlx, &mlx), ("", &gguf)] {
        let config = (!config.is_empty()).then_some(config.as_bytes());
        let fits = |config: Option<&[u8]>, weights: &[u8]| {
            let adapter = Adapter::from_files(Files { config, weights }, &base.model);
            // Whatever was let through is whole.
            adapter.is_ok_and(|adapter| {
                let matrices = adapter.layers.iter().flatten().flatten();
                matrices.into_iter().all(|m| m.rank > 0 && m.scale.is_finite() && m.a.len() >= 64 * m.rank)
            })
        };
        assert!(fits(config, file));
        for at in (0..3000).step_by(7) {
            for bit in [0x01, 0x10, 0x80] {
                let mut damaged = file.clone();
                damaged[at] ^= bit;
                let _ = fits(config, &damaged);
            }
        }
        for at in 0..config.map_or(0, <[u8]>::len) {
            let mut damaged = config.unwrap_or_default().to_vec();
            damaged[at] ^= 0x01;
            let _ = fits(Some(&damaged), file);
        }
        for length in (0..file.len()).step_by(211) {
            assert!(!fits(config, &file[..length]), "{length} bytes");
        }
    }
}
