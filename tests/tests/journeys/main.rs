//! Journeys through the real page in a real browser. `everyday` is the subset of
//! `cargo xtask test --quick`; what is `timed` runs alone.

mod accessibility;
mod everyday;
mod faults;
mod hosting;
mod links;
mod sources;
mod timed;
