//! Journeys through the real page in a real browser. `everyday` is the subset of
//! `cargo xtask test --quick`; what is `timed` runs alone.

mod accessibility;
mod adapters;
mod addresses;
mod architectures;
mod chat;
mod context;
mod engines;
mod everyday;
mod faults;
mod hosting;
mod kept;
mod lanes;
mod links;
mod outside;
#[path = "../../../model-wasm/tests/support/random.rs"]
mod random;
mod refusals;
mod scripted;
mod settings;
mod sources;
mod starting;
mod storage;
#[path = "../../../model-wasm/tests/support/mod.rs"]
mod support;
mod surface;
mod timed;
