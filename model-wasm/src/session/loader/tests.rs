use super::*;
use crate::{
    engine::{
        Engine, Weights,
        cpu::{Cpu, Processor},
    },
    support::{Gguf, Quantisation, Value, tiny},
};

fn load(files: &[Vec<u8>], part_bytes: usize, layout: Layout) -> Result<Base, SessionError> {
    let mut loader = Loader::new(files.len(), layout);
    for file in files {
        loader.begin_file(file.len() as u64);
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
        let mut loader = Loader::new(1, Layout::Packed);
        loader.begin_file(file.len() as u64);
        let pushed = loader.push(&file[..length]);
        assert!(pushed.is_err() || loader.end_file().is_err(), "{length} bytes");
    }
}

#[test]
fn what_cannot_run_is_refused_with_the_header() {
    let mut file = tiny(Quantisation::Q8_0);
    file.tensor("blk.1.ffn_down.weight").name = "blk.1.ffn_town.weight".to_owned();
    let bytes = file.bytes();
    let mut loader = Loader::new(1, Layout::Packed);
    loader.begin_file(bytes.len() as u64);
    let error = loader.push(&bytes[..FIRST_TRY]).expect_err("a tensor is missing");
    assert!(error.to_string().contains("\"blk.1.ffn_down.weight\" is missing"), "{error}");
}
