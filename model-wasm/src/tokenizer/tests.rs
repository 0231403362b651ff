use super::*;
use crate::{
    gguf::Header,
    support::{Gguf, Quantisation, Value as Written, tiny},
};

fn load(damage: impl FnOnce(&mut Gguf)) -> Result<Tokenizer, TokenizerError> {
    let mut file = tiny(Quantisation::F32);
    damage(&mut file);
    let header = Header::parse(&file.bytes()).expect("a sound file");
    Tokenizer::new(&header.metadata)
}

fn tokenizer() -> Tokenizer {
    load(|_| {}).expect("a known tokenizer")
}

#[test]
fn text_comes_back_as_it_was() {
    let tokenizer = tokenizer();
    for text in ["", " ", "hello  he\n", "1234", "漢字 🙂 ü", "\u{0}\u{7f}", "<|im_end|>"] {
        let ids = tokenizer.encode(text).expect("every byte is known");
        assert_eq!(tokenizer.decode(&ids), text);
    }
}

#[test]
fn merges_and_single_digits() {
    let tokenizer = tokenizer();
    let texts = |text: &str| -> Vec<String> {
        let ids = tokenizer.encode(text).expect("every byte is known");
        ids.iter().map(|&id| tokenizer.decode(&[id])).collect()
    };
    assert_eq!(texts("hello he"), ["he", "ll", "o", " he"]);
    assert_eq!(texts("12"), ["1", "2"]);
}

#[test]
fn a_look_alike_is_a_token_only_where_asked_for() {
    let tokenizer = tokenizer();
    let plain = tokenizer.encode("a<|im_end|>").expect("every byte is known");
    assert!(!plain.contains(&2) && plain.len() == 11);
    let special = tokenizer.encode_special("a<|im_end|><|im_end|>b").expect("every byte is known");
    assert_eq!((special.len(), special[1], special[2]), (4, 2, 2));
}

#[test]
fn the_rules_of_other_names_are_known() {
    let cut = |name: &str| {
        let tokenizer =
            load(|file| file.set("tokenizer.ggml.pre", Written::Text(name.into()))).expect("a known rule");
        tokenizer.encode("I'LL pay 12345  now\n\n e\u{301}").expect("every byte is known")
    };
    assert_eq!(cut("deepseek-r1-qwen"), cut("qwen2"));
    // This vocabulary has no token that merges do not reach.
    assert_eq!(cut("smaug-bpe"), cut("llama-bpe"));
    assert_ne!(
        cut("smaug-bpe"),
        cut("deepseek-r1-qwen"),
        "digits are cut in another way, or accents composed"
    );
}

#[test]
fn unknown_kinds_are_refused_by_name() {
    for (key, value) in [("tokenizer.ggml.model", "rwkv"), ("tokenizer.ggml.pre", "guess-me")] {
        let error = load(|file| file.set(key, Written::Text(value.into()))).err().expect("unknown");
        assert!(error.to_string().contains(key) && error.to_string().contains(value), "{error}");
    }
    let error = load(|file| file.remove("tokenizer.ggml.pre")).err().expect("no guess");
    assert!(matches!(error, TokenizerError::UnsupportedPreTokenizer(_)));
}

#[test]
fn contradictions_are_refused() {
    for (key, value) in [
        ("tokenizer.ggml.merges", Written::Texts(vec!["x yz".into()])),
        ("tokenizer.ggml.merges", Written::Texts(vec!["xy".into()])),
        ("tokenizer.ggml.token_type", Written::I32s(vec![1, 2])),
        ("tokenizer.ggml.eos_token_id", Written::U32(99_999)),
        ("tokenizer.ggml.tokens", Written::Texts(vec!["a".into(), "a".into()])),
    ] {
        assert!(load(|file| file.set(key, value)).is_err(), "{key}");
    }
    let error = load(|file| file.remove("tokenizer.ggml.merges")).err().expect("needed");
    assert!(error.to_string().contains("tokenizer.ggml.merges"), "{error}");
}

#[test]
fn no_half_character_is_ever_shown() {
    let mut decoder = Decoder::default();
    let mut shown = String::new();
    for (index, byte) in "ü漢🙂".bytes().enumerate() {
        let text = decoder.push(&[byte]);
        assert!(!text.contains('\u{fffd}'), "byte {index}");
        shown.push_str(&text);
    }
    assert_eq!(shown, "ü漢🙂");
    assert_eq!(decoder.finish(), "");
}

#[test]
fn broken_characters_are_marked() {
    let mut decoder = Decoder::default();
    assert_eq!(decoder.push(&[0xe6, 0xbc]), "");
    assert!(decoder.is_incomplete());
    assert_eq!(decoder.push(b"a"), "\u{fffd}a");
    assert_eq!(decoder.push(&[0xff, b'b']), "\u{fffd}b");
    assert_eq!(decoder.push(&[0xf0]), "");
    assert_eq!(decoder.finish(), "\u{fffd}");
}

#[test]
fn the_longest_token_at_a_place_is_found() {
    let tokens = [("<a>", 4), ("<", 2), ("<a", 3), ("<ab>", 9), ("\u{fc}", 5), ("<a>", 1)];
    let index = Index::new(tokens.map(|(text, id)| (text.to_owned(), id)).into());
    let ids = |text: &str| -> Vec<u32> {
        let token = |piece| match piece {
            Piece::Token(id) => Some(id),
            Piece::Text(_) => None,
        };
        index.split(text).into_iter().filter_map(token).collect()
    };
    assert_eq!(ids("x<a>y"), [1]);
    assert_eq!(ids("<ab><ab<a\u{fc}"), [9, 3, 3, 5]);
    assert!(ids("plain").is_empty());
    assert_eq!(index.split("<\u{fc}b"), [Piece::Token(2), Piece::Token(5), Piece::Text("b")]);
    for (beginning, expected) in [("", true), ("<ab", true), ("<abc", false), ("a", false), ("\u{fc}", true)]
    {
        assert_eq!(index.continues(beginning), expected, "{beginning:?}");
    }
    assert!(!Index::default().continues(""));
}

#[test]
fn tokens_of_phi_3_swallow_the_whitespace_after_them() {
    let named = |name: &str| {
        load(|file| {
            file.set("general.name", Written::Text(name.to_owned()));
            if let Some((_, Written::I32s(types))) =
                file.entries.iter_mut().find(|(key, _)| key == "tokenizer.ggml.token_type")
            {
                // "he", as "</s>" is in those files.
                types[259] = token_type::USER_DEFINED.into();
            }
        })
        .expect("a known tokenizer")
    };
    let text = "<|im_start|>\n \u{a0}o<|im_end|><|endoftext|>\no he  o";
    for name in ["Phi-3-mini-4k-instruct", "Phi 3.5 Mini Instruct", "Phi3", "my-phi3-tune"] {
        let tokenizer = named(name);
        let ids = tokenizer.encode_special(text).expect("every byte is known");
        assert_eq!(tokenizer.decode(&ids), "<|im_start|>o<|im_end|><|endoftext|>\no heo", "{name}");
    }
    for name in ["Tiny", "Phi 4 Mini"] {
        let tokenizer = named(name);
        let ids = tokenizer.encode_special(text).expect("every byte is known");
        assert_eq!(tokenizer.decode(&ids), text, "{name}");
    }
}

#[test]
fn a_text_begins_with_bos_where_the_file_or_else_its_kind_says_so() {
    let adds_bos = |kind: &str, said: Option<bool>| {
        let tokenizer = load(|file| {
            file.remove("tokenizer.ggml.add_bos_token");
            if kind == "llama" {
                file.set("tokenizer.ggml.model", Written::Text(kind.into()));
                file.set("tokenizer.ggml.scores", Written::F32s(vec![0.0; crate::support::tokens().len()]));
            } else {
                file.set("tokenizer.ggml.pre", Written::Text(kind.into()));
            }
            if let Some(said) = said {
                file.set("tokenizer.ggml.add_bos_token", Written::Bool(said));
            }
        });
        tokenizer.expect("a known tokenizer").adds_bos()
    };
    for (kind, expected) in [
        ("llama", true),
        ("llama-bpe", true),
        ("tekken", true),
        ("gpt-2", false),
        ("smollm", false),
        ("qwen2", false),
    ] {
        assert_eq!(adds_bos(kind, None), expected, "{kind}");
        assert_eq!([true, false].map(|said| adds_bos(kind, Some(said))), [true, false], "{kind}");
    }
}

#[test]
fn a_turn_ends_with_what_the_file_names_and_with_every_known_end() {
    let ends = |text: &str, eot: Option<u32>| {
        let tokenizer = load(|file| {
            if let Some((_, Written::Texts(tokens))) =
                file.entries.iter_mut().find(|(key, _)| key == "tokenizer.ggml.tokens")
            {
                tokens[1] = text.into();
            }
            if let Some(eot) = eot {
                file.set("tokenizer.ggml.eot_token_id", Written::U32(eot));
            }
        });
        tokenizer.expect("a known tokenizer").end_of_turn().to_vec()
    };
    for end in ["<|eot_id|>", "<end_of_turn>", "<|end|>"] {
        assert_eq!(ends(end, None), [1, 2], "{end}");
    }
    assert_eq!(ends("<|im_start|>", None), [2]);
    assert_eq!(ends("<|im_start|>", Some(0)), [0, 2]);
}

/// The texts of the tokens of `text` in a vocabulary of pieces with scores.
fn pieces(scored: &[(&str, f32)], text: &str) -> Vec<String> {
    let tokenizer = load(|file| {
        file.set("tokenizer.ggml.model", Written::Text("llama".into()));
        file.set("tokenizer.ggml.add_space_prefix", Written::Bool(false));
        let tokens = scored.iter().map(|(text, _)| (*text).to_owned()).collect();
        file.set("tokenizer.ggml.tokens", Written::Texts(tokens));
        file.set("tokenizer.ggml.scores", Written::F32s(scored.iter().map(|(_, score)| *score).collect()));
        let kind = |text: &str| match text {
            "<unk>" => token_type::UNKNOWN,
            text if text.starts_with("<0x") => token_type::BYTE,
            "<end>" => token_type::CONTROL,
            _ => 1,
        };
        let kinds = scored.iter().map(|(text, _)| kind(text).into()).collect();
        file.set("tokenizer.ggml.token_type", Written::I32s(kinds));
        file.set("tokenizer.ggml.eos_token_id", Written::U32(0));
    });
    let tokenizer = tokenizer.expect("a known tokenizer");
    let ids = tokenizer.encode(text).expect("any text can be cut");
    ids.iter().map(|&id| scored[id as usize].0.to_owned()).collect()
}

#[test]
fn the_best_piece_comes_first_and_of_equals_the_longest_left_part() {
    let letters = [("<unk>", 0.0), ("a", -9.0), ("b", -9.0), ("c", -9.0), ("d", -9.0)];
    let with = |more: &[(&'static str, f32)]| [&letters[..], more].concat();
    assert_eq!(pieces(&with(&[("ab", -2.0), ("bc", -1.0)]), "abcd"), ["a", "bc", "d"]);
    // Of equal scores and lengths, the first of the vocabulary; of the same, that on the left.
    assert_eq!(pieces(&with(&[("bc", -1.0), ("ab", -1.0)]), "abcd"), ["a", "bc", "d"]);
    assert_eq!(pieces(&with(&[("aa", -1.0)]), "aaa"), ["aa", "a"]);
    // "abc" out of "ab" and "c" comes before "bcd" out of "b" and "cd": its left part is longer.
    let ties = [("cd", -1.0), ("ab", -1.0), ("bcd", -2.0), ("abc", -2.0)];
    assert_eq!(pieces(&with(&ties[..2]), "abcd"), ["ab", "cd"]);
    assert_eq!(pieces(&with(&ties[1..]), "abcd"), ["abc", "d"]);
    // A piece whose parts are none is never reached.
    assert_eq!(pieces(&with(&[("abcd", 5.0)]), "abcd"), ["a", "b", "c", "d"]);
    // A control token is no piece that a text becomes.
    let control = with(&[("<", -9.0), ("<e", -1.0), ("nd>", -1.0), ("<end>", -1.0)]);
    assert!(!pieces(&control, "<end>").contains(&"<end>".to_owned()));
}

#[test]
fn what_is_no_piece_becomes_bytes_or_the_unknown_piece_or_nothing() {
    let bytes = ["<0xC3>", "<0xBC>"].map(|byte| (byte, 0.0));
    let all = [&[("<unk>", 0.0), ("a", -1.0), ("aa", -1.0)], &bytes[..]].concat();
    assert_eq!(pieces(&all, "a\u{fc}aa"), ["a", "<0xC3>", "<0xBC>", "aa"]);
    // Not all of its bytes are pieces. Several unknown characters in a row are one unknown piece.
    assert_eq!(pieces(&all, "a\u{f6}\u{f6}a"), ["a", "<unk>", "a"]);
    assert_eq!(pieces(&all[..3], "\u{f6}a"), ["<unk>", "a"]);
    assert_eq!(pieces(&all[1..3], "\u{f6}aa"), ["aa"]);
    // What stands on both sides of nothing meets.
    assert_eq!(pieces(&all[1..3], "a\u{f6}a"), ["aa"]);
    // A byte is a piece like others, and can become a part of one.
    let of_byte = [&all[..], &[("<0xBC>a", -1.0)]].concat();
    assert_eq!(pieces(&of_byte, "\u{fc}a"), ["<0xC3>", "<0xBC>a"]);
}

#[test]
fn pieces_that_would_take_long_to_compare_are_refused() {
    let long = "a".repeat(LONGEST_TOKEN_BYTES + 1);
    let load_with = |text: &str| {
        load(|file| {
            file.set("tokenizer.ggml.model", Written::Text("llama".into()));
            file.set("tokenizer.ggml.tokens", Written::Texts(vec!["x".into(), text.into(), "y".into()]));
            file.set("tokenizer.ggml.scores", Written::F32s(vec![0.0; 3]));
            file.set("tokenizer.ggml.token_type", Written::I32s(vec![1; 3]));
        })
    };
    assert!(matches!(load_with(&long), Err(TokenizerError::TooLong { id: 1, bytes: 513 })));
    assert!(load_with(&long[1..]).is_ok());
}
