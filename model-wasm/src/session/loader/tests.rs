use protocol::CONTEXT_LENGTHS;

use super::{start::FIRST_TRY, *};
use crate::{
    engine::{
        Engine, Weights,
        cpu::{Cpu, Processor},
    },
    support::{Gguf, Quantisation, Value, tiny},
};

fn load(files: &[Vec<u8>], part_bytes: usize, layout: Layout) -> Result<Base, SessionError> {
    load_for(usize::MAX, files, part_bytes, layout)
}

fn load_for(
    context_length: usize,
    files: &[Vec<u8>],
    part_bytes: usize,
    layout: Layout,
) -> Result<Base, SessionError> {
    let mut loader = Loader::new(files.len(), layout, context_length);
    for file in files {
        loader.begin_file(Some(file.len() as u64));
        for part in file.chunks(part_bytes) {
            loader.push(part)?;
        }
        loader.end_file()?;
    }
    loader.finish()
}

fn refusal(files: &[Vec<u8>]) -> String {
    load(files, 4096, Layout::Packed).err().expect("a refusal").to_string()
}

fn logits(base: Base) -> Vec<u32> {
    let mut engine = Cpu::on(Processor::Portable, base.model);
    let sequence = engine.open(Weights::base());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(engine.score(sequence, &[5, 6, 7])).poll(&mut context) {
        std::task::Poll::Ready(logits) => {
            logits.expect("logits").concat().into_iter().map(f32::to_bits).collect()
        }
        std::task::Poll::Pending => panic!("this engine never waits"),
    }
}

/// The small model in so many files.
fn split(quantisation: Quantisation, n_files: usize) -> Vec<Vec<u8>> {
    let whole = tiny(quantisation);
    let each = whole.tensors.len().div_ceil(n_files);
    let parts = whole.tensors.chunks(each).enumerate().map(|(number, tensors)| {
        let mut part = Gguf { version: 3, entries: Vec::new(), tensors: tensors.to_vec() };
        if number == 0 {
            part.entries.clone_from(&whole.entries);
        }
        part.set("split.no", Value::U32(number as u32));
        part.set("split.count", Value::U32(n_files as u32));
        part.bytes()
    });
    parts.collect()
}

#[test]
fn any_parts_in_any_layout_come_to_the_same_model() {
    let file = tiny(Quantisation::Q8_0).bytes();
    let whole = Base::load(&file).expect("a sound model");
    let (info, expected) = (whole.model.info().clone(), logits(whole));
    for part_bytes in [1, 7, 1000, 70_000, file.len()] {
        let base = load(std::slice::from_ref(&file), part_bytes, Layout::Packed).expect("a sound model");
        assert_eq!(base.model.info().sha256, info.sha256);
        assert_eq!(base.model.info().parameters, info.parameters);
        assert_eq!(logits(base), expected, "in parts of {part_bytes}");
    }
}

#[test]
fn the_memory_that_is_told_is_what_the_weights_take() {
    for quantisation in [Quantisation::F32, Quantisation::F16, Quantisation::Q8_0, Quantisation::Q4_0] {
        let base = load(&[tiny(quantisation).bytes()], 4096, Layout::Packed).expect("a sound model");
        let told = base.model.info().memory_bytes;
        let layers = base.model.layers.iter();
        let matrices =
            layers.flat_map(|layer| crate::model::Slot::ALL.map(|slot| layer.matrix(slot).packed()));
        let packed: usize =
            matrices.chain([base.model.embedding.packed()]).map(|matrix| matrix.bytes()).sum();
        let norms = (2 * base.model.layers.len() + 1) * base.model.config.width * 4;
        assert_eq!(told, (packed + norms) as u64, "{quantisation:?}");
    }
}

#[test]
fn split_models_are_put_together() {
    let whole = logits(Base::load(&tiny(Quantisation::Q4_0).bytes()).expect("a sound model"));
    for n_files in [2, 3] {
        let files = split(Quantisation::Q4_0, n_files);
        let base = load(&files, 5000, Layout::Packed).expect("a sound model");
        let sizes: usize = files.iter().map(Vec::len).sum();
        assert_eq!(base.model.info().size_bytes, sizes as u64);
        assert_eq!(logits(base), whole);
    }
}

#[test]
fn parts_that_are_missing_or_in_the_wrong_place_are_refused() {
    let files = split(Quantisation::Q4_0, 3);
    assert!(refusal(&files[..1]).contains("part 1 of a model in 3 files"));
    assert!(refusal(&files[..2]).contains("part 1 of a model in 3 files"));
    let swapped = [files[0].clone(), files[2].clone(), files[1].clone()];
    assert!(refusal(&swapped).contains("part 3 of a model in 3 files, but it came as file 2"));
    let twice = vec![tiny(Quantisation::Q4_0).bytes(); 2];
    assert!(refusal(&twice).contains("part 1 of a model in 1 files"));
    let mut cut = tiny(Quantisation::Q4_0).bytes();
    cut.truncate(cut.len() - 4000);
    assert!(refusal(&[cut]).contains("lies outside the file"));
}

#[test]
fn a_file_that_ends_early_is_refused() {
    let file = tiny(Quantisation::Q8_0).bytes();
    for length in [0, 3, 1000, file.len() / 2, file.len() - 40] {
        let mut loader = Loader::new(1, Layout::Packed, usize::MAX);
        loader.begin_file(Some(file.len() as u64));
        let pushed = loader.push(&file[..length]);
        assert!(pushed.is_err() || loader.end_file().is_err(), "{length} bytes");
    }
}

#[test]
fn what_cannot_run_is_refused_with_the_header() {
    let mut file = tiny(Quantisation::Q8_0);
    file.tensor("blk.1.ffn_down.weight").name = "blk.1.ffn_town.weight".to_owned();
    let bytes = file.bytes();
    let mut loader = Loader::new(1, Layout::Packed, usize::MAX);
    loader.begin_file(Some(bytes.len() as u64));
    let error = loader.push(&bytes[..FIRST_TRY]).expect_err("a tensor is missing");
    assert!(error.to_string().contains("\"blk.1.ffn_down.weight\" is missing"), "{error}");
}

/// Judges files by as many of their first bytes as it takes; says how many that was, and the last verdict.
fn judge(
    files: &[Vec<u8>],
    sizes: &[Option<u64>],
    most_bytes: u64,
) -> Result<(usize, Verdict), SessionError> {
    let mut judge = Judge::new(files.len(), most_bytes);
    let (mut looked_at, mut last) = (0, None);
    for (file, size_bytes) in files.iter().zip(sizes) {
        judge.begin_file(*size_bytes);
        let mut parts = file.chunks(1000);
        last = loop {
            let part = parts.next().expect("the verdict comes before the end");
            looked_at += part.len();
            if let Some(verdict) = judge.push(part)? {
                break Some(verdict);
            }
        };
    }
    Ok((looked_at, last.expect("a verdict")))
}

#[test]
fn a_header_tells_what_memory_a_model_takes_before_the_rest_comes() {
    for quantisation in [Quantisation::F32, Quantisation::F16, Quantisation::Q8_0, Quantisation::Q4_0] {
        let mut file = tiny(quantisation);
        // Long enough that the header is the smaller part.
        file.tensors.push(crate::support::Tensor {
            name: "unused".into(),
            shape: vec![1 << 18],
            type_id: 0,
            bytes: vec![0; 4 << 18],
            offset: None,
        });
        let file = file.bytes();
        let base = load(std::slice::from_ref(&file), 4096, Layout::Packed).expect("a sound model");
        for size_bytes in [Some(file.len() as u64), None] {
            let (looked_at, verdict) =
                judge(std::slice::from_ref(&file), &[size_bytes], u64::MAX).expect("it can run");
            assert!(looked_at < file.len() / 2, "{looked_at} of {} bytes were wanted", file.len());
            let (info, config) = (base.model.info(), &base.model.config);
            let expected = info.memory_bytes + SCRATCH_BYTES;
            assert_eq!((verdict.kind, verdict.facts.memory_bytes), (protocol::ItemKind::Model, expected));
            for context in [1, 10, config.context_length, 1 << 20] {
                let cache = config.cache_bytes(context.min(config.context_length));
                assert_eq!(verdict.facts.needed_bytes(context as u32), expected + cache, "{context} tokens");
            }
            assert_eq!(verdict.facts.architecture, "llama");
            assert_eq!(verdict.facts.context_length, info.own_context_length);
        }
    }
}

#[test]
fn the_memory_of_a_split_model_is_that_of_all_its_parts() {
    let whole = tiny(Quantisation::F32).bytes();
    let size = Some(whole.len() as u64);
    let (_, whole) = judge(&[whole], &[size], u64::MAX).expect("it can run");
    let files = split(Quantisation::F32, 3);
    let sizes: Vec<_> = files.iter().map(|file| Some(file.len() as u64)).collect();
    let (_, parts) = judge(&files, &sizes, u64::MAX).expect("it can run");
    assert_eq!(parts.facts.memory_bytes, whole.facts.memory_bytes);
    assert!(judge(&files[1..], &sizes[1..], u64::MAX).is_err(), "a part is missing");
}

#[test]
fn what_cannot_fit_is_refused_by_its_header() {
    let file = tiny(Quantisation::F32).bytes();
    let size = Some(file.len() as u64);
    let (_, verdict) = judge(std::slice::from_ref(&file), &[size], u64::MAX).expect("it can run");
    let needed = verdict.facts.needed_bytes(CONTEXT_LENGTHS[0]);
    assert!(judge(std::slice::from_ref(&file), &[size], needed).is_ok());
    let error = judge(&[file], &[size], needed - 1).expect_err("a byte too many");
    assert!(matches!(error, SessionError::Model(ModelError::TooLarge { .. })), "{error}");
    // A file that is larger than all memory is refused with its first byte.
    let mut large = Judge::new(1, 1 << 20);
    large.begin_file(Some((1 << 20) + 1));
    let error = large.push(b"G").expect_err("it is too large");
    assert!(error.to_string().contains("of memory"), "{error}");
}

#[test]
fn a_lane_holds_what_was_asked_for_and_never_more_than_the_model_was_made_for() {
    let file = tiny(Quantisation::Q8_0).bytes();
    let own = load(std::slice::from_ref(&file), 4096, Layout::Packed).expect("a sound model");
    let own = own.model.config.context_length;
    for (asked, expected) in [(7, 7), (own, own), (own + 1, own)] {
        let base = load_for(asked, std::slice::from_ref(&file), 4096, Layout::Packed).expect("a sound model");
        let info = base.model.info();
        assert_eq!((base.model.config.context_length, info.context_length as usize), (expected, expected));
        assert_eq!(info.own_context_length as usize, own);
        assert_eq!(info.cache_bytes, base.model.config.cache_bytes(expected));
        let mut engine = Cpu::on(Processor::Portable, base.model);
        let sequence = engine.open(Weights::base());
        let fits = |tokens: &[u32], engine: &mut Cpu| {
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            matches!(
                std::pin::pin!(engine.prefill(sequence, tokens)).poll(&mut context),
                std::task::Poll::Ready(Ok(()))
            )
        };
        assert!(!fits(&vec![1; expected + 1], &mut engine), "one too many");
        assert!(fits(&vec![1; expected], &mut engine));
    }
}

#[test]
fn too_long_a_context_is_refused_with_the_part_that_it_takes() {
    let file = tiny(Quantisation::F32).bytes();
    let base = load(&[file], 4096, Layout::Packed).expect("a sound model");
    let (mut config, weights_bytes) = (base.model.config.clone(), base.model.info().memory_bytes);
    config.context_length = 1 << 16;
    let cache_bytes = config.cache_bytes(config.context_length);
    let all = weights_bytes + cache_bytes + SCRATCH_BYTES;
    assert!(check_memory(&config, weights_bytes, all).is_ok());
    let error = check_memory(&config, weights_bytes, all - 1).expect_err("a byte too many").to_string();
    let part = format!("of which {} MB are for a context of 65536 tokens", cache_bytes >> 20);
    assert!(error.contains(&part), "{error}");
}

#[test]
fn a_file_that_begins_anew_is_judged_anew() {
    let (old, new) = (tiny(Quantisation::F32).bytes(), tiny(Quantisation::Q4_0).bytes());
    let mut judge = Judge::new(1, u64::MAX);
    judge.begin_file(Some(old.len() as u64));
    let before = judge.push(&old).expect("it can run").expect("the header is whole");
    assert_eq!(judge.push(&old).expect("nothing more is looked at"), None);
    judge.restart_file(None);
    assert_eq!(judge.push(&new).expect("nothing is wrong yet"), None, "nobody said that this is all");
    let after = judge.end_file(new.len() as u64).expect("it can run").expect("the header is whole");
    assert!(after.facts.memory_bytes < before.facts.memory_bytes, "{after:?}");
}

#[test]
fn a_header_of_an_unknown_kind_is_refused_by_its_name() {
    let mut file = tiny(Quantisation::F32);
    file.set("general.architecture", Value::Text("mamba".to_owned()));
    let file = file.bytes();
    let size = Some(file.len() as u64);
    let error = judge(&[file], &[size], u64::MAX).expect_err("nobody knows it");
    assert!(error.to_string().contains("mamba"), "{error}");
}

#[test]
fn a_file_of_unknown_length_is_loaded_as_it_comes() {
    let load = |file: &[u8], part_bytes: usize| {
        let mut loader = Loader::new(1, Layout::Packed, usize::MAX);
        loader.begin_file(None);
        for part in file.chunks(part_bytes) {
            loader.push(part)?;
        }
        loader.end_file()?;
        loader.finish()
    };
    // One whose header is whole at the first try, and one that is shorter than that.
    for quantisation in [Quantisation::F32, Quantisation::Q4_0] {
        let file = tiny(quantisation).bytes();
        assert_eq!(file.len() < FIRST_TRY, quantisation == Quantisation::Q4_0);
        let known = Base::load(&file).expect("a sound model");
        let (info, expected) = (known.model.info().clone(), logits(known));
        for part_bytes in [1000, file.len()] {
            let base = load(&file, part_bytes).expect("a sound model");
            assert_eq!(
                (base.model.info().size_bytes, &base.model.info().sha256),
                (info.size_bytes, &info.sha256)
            );
            assert_eq!(logits(base), expected);
        }
        for length in [0, 1000, file.len() / 2, file.len() - 40] {
            assert!(load(&file[..length], 1000).is_err(), "{length} bytes");
        }
    }
}

#[test]
fn a_header_without_end_is_refused_and_little_of_it_is_kept() {
    let text = |text: &[u8]| [&(text.len() as u64).to_le_bytes(), text].concat();
    let start = |n_tensors: u64, n_entries: u64| {
        [b"GGUF\x03\0\0\0".as_slice(), &n_tensors.to_le_bytes(), &n_entries.to_le_bytes()].concat()
    };
    let array = |key: &str, type_id: u32| {
        [
            text(key.as_bytes()),
            [9, type_id].map(u32::to_le_bytes).concat(),
            (1_u64 << 20).to_le_bytes().into(),
        ]
        .concat()
    };
    let texts = |_: usize| text(&vec![b'x'; 1 << 20]);
    let names = |number: usize| {
        let name = format!("{number:>65535}");
        [text(name.as_bytes()), [1, 1, 0, 0, 0, 0].map(u32::to_le_bytes).concat()].concat()
    };
    let bytes = |number: usize| [array(&number.to_string(), 0), vec![1; 1 << 20]].concat();
    for (start, next) in [
        ([start(0, 1), array("a", 8)].concat(), &texts as &dyn Fn(usize) -> Vec<u8>),
        (start(65_536, 0), &names),
        (start(0, 65_536), &bytes),
    ] {
        let mut loader = Loader::new(1, Layout::Packed, usize::MAX);
        loader.begin_file(None);
        loader.push(&start).expect("nothing is wrong yet");
        let mut came = start.len();
        let error = (0..).map(next).find_map(|part| {
            came += part.len();
            assert!(came <= (65 << 20) + 1000, "{came} bytes were kept");
            loader.push(&part).err()
        });
        let error = error.expect("it has no end");
        assert!(matches!(error, SessionError::Gguf(GgufError::TooLarge { .. })), "{error}");
    }
}

#[test]
fn memory_is_asked_for_in_pieces_that_any_address_space_has() {
    for bytes in [0, 1, (512 << 20) - 1, 512 << 20, (2 << 30) + 1, MOST_MEMORY_BYTES] {
        let sizes: Vec<u64> = pieces(bytes).map(|piece| piece as u64).collect();
        assert_eq!(sizes.iter().sum::<u64>(), bytes);
        assert!(sizes.iter().all(|size| (1..=512 << 20).contains(size)), "{sizes:?}");
    }
    assert!(check_device(1 << 20).is_ok());
    let error = check_device(1 << 62).expect_err("nobody has that");
    assert!(matches!(error, SessionError::Model(ModelError::OutOfMemory { .. })), "{error}");
}
