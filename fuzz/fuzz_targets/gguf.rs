//! A model file, whole and in parts: both must come to the same end.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model_wasm::{
    model::Layout,
    session::{Base, Loader, SessionError},
};

/// The file in parts of that size.
fn in_parts(file: &[u8], part_bytes: usize) -> Result<Base, SessionError> {
    let mut loader = Loader::new(1, Layout::Packed);
    loader.begin_file(file.len() as u64);
    for part in file.chunks(part_bytes) {
        loader.push(part)?;
    }
    loader.end_file()?;
    loader.finish()
}

fuzz_target!(|file: &[u8]| {
    let whole = Base::load_as(file, Layout::Packed);
    let parts = in_parts(file, 1 + file.len() / 3);
    assert_eq!(whole.err().map(|error| error.to_string()), parts.err().map(|error| error.to_string()));
});
