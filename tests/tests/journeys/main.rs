//! Journeys through the real page in a real browser. `everyday` is the subset of
//! `cargo xtask test --quick`; what is `timed` runs alone.

mod everyday;
