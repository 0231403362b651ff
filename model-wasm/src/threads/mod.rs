//! Threads that share the work of one token, and the slices that they write together.

mod pool;
mod slots;

#[cfg(not(target_arch = "wasm32"))]
pub use pool::start_native;
pub use pool::{Helper, Number, Pool, pool, start};
pub use slots::Slots;
