//! The inference module: reads models and adapters, and runs lanes on them.
//!
//! The way of the data: `worker` takes a request off the wire, [`session`] turns its messages into a
//! prompt by [`chat`] and [`tokenizer`], an [`engine`] turns tokens into logits, [`sampling`] picks the
//! next token, and the tokenizer gives it back as text. [`gguf`], [`model`] and [`adapter`] read
//! what is run. Only `worker`, `source`, `store` and
//! `fetch::browser` touch JavaScript; the rest runs and is tested natively
//! (`examples/lab.rs`).

pub mod adapter;
pub mod bench;
pub mod chat;
pub mod engine;
pub mod fetch;
pub mod gguf;
pub mod kernels;
pub mod model;
pub mod sampling;
pub mod session;
pub mod threads;
pub mod tokenizer;

#[cfg(target_arch = "wasm32")]
mod source;
#[cfg(target_arch = "wasm32")]
mod store;
#[cfg(target_arch = "wasm32")]
pub mod worker;

#[cfg(test)]
#[path = "../tests/support/mod.rs"]
mod support;

/// Lower-case hexadecimal.
fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
