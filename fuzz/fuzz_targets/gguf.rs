//! A model file, whole and in parts: both must come to the same end, and what loads is judged to run by its header.
#![no_main]

use fuzz::bounded;
use libfuzzer_sys::fuzz_target;
use model_wasm::{
    model::Layout,
    session::{Base, Judge, Loader, MOST_BYTES, SessionError},
};

/// The file in parts of that size.
fn in_parts(file: &[u8], part_bytes: usize) -> Result<Base, SessionError> {
    let mut loader = Loader::new(1, Layout::Packed, usize::MAX);
    loader.begin_file(Some(file.len() as u64));
    for part in file.chunks(part_bytes) {
        loader.push(part)?;
    }
    loader.end_file()?;
    loader.finish()
}

/// Whether the header alone says that it can run.
fn is_judged_to_run(file: &[u8]) -> bool {
    let mut judge = Judge::new(1, MOST_BYTES);
    judge.begin_file(Some(file.len() as u64));
    let pushed = judge.push(file);
    pushed.and_then(|_| judge.end_file(file.len() as u64)).is_ok()
}

/// Why a file is refused.
fn refusal(loaded: Result<Base, SessionError>) -> Option<String> {
    loaded.err().map(|error| error.to_string())
}

fuzz_target!(|file: &[u8]| {
    bounded(file, || {
        let whole = refusal(Base::load_as(file, Layout::Packed));
        assert!(is_judged_to_run(file) || whole.is_some());
        assert_eq!(whole, refusal(in_parts(file, 1 + file.len() / 3)));
    });
});
