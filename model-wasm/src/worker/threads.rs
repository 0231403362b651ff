//! Helpers: workers on the same memory that compute with the one that holds the session.

use std::sync::{Mutex, PoisonError};

use wasm_bindgen::prelude::wasm_bindgen;

use crate::threads::{Helper, Number, start};

/// Helpers that no worker has begun to be.
static WAITING: Mutex<Vec<Helper>> = Mutex::new(Vec::new());

/// Makes the pool, for this worker and `helpers` more; the engine may then use fewer of them, unless their number is
/// `fixed`.
#[wasm_bindgen]
pub fn start_pool(helpers: usize, fixed: bool) {
    let number = if fixed { Number::Fixed } else { Number::AtMost };
    if let Some(helpers) = start(helpers + 1, number) {
        *WAITING.lock().unwrap_or_else(PoisonError::into_inner) = helpers;
    }
}

/// Makes the worker that calls this one of the pool's helpers. Does not return while the pool lives.
#[wasm_bindgen]
pub fn help() {
    let helper = WAITING.lock().unwrap_or_else(PoisonError::into_inner).pop();
    if let Some(helper) = helper {
        helper.work();
    }
}
