//! Between wire types and JavaScript values.

use js_sys::Reflect;
use protocol::{ErrorKind, Event, LaneId, LoadId, Request, RunId, WireError};
use serde::Serialize;
use wasm_bindgen::JsValue;

/// A request off the wire.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`] with the field that is wrong.
pub fn request_from_js(message: JsValue) -> Result<Request, WireError> {
    serde_wasm_bindgen::from_value(message)
        .map_err(|error| WireError::new(ErrorKind::InvalidRequest, error.to_string()))
}

/// An event for the wire: plain objects and numbers, as JSON has them.
///
/// # Errors
/// [`ErrorKind::Internal`] when it cannot be written.
pub fn event_to_js(event: &Event) -> Result<JsValue, WireError> {
    event
        .serialize(&serde_wasm_bindgen::Serializer::json_compatible())
        .map_err(|error| WireError::new(ErrorKind::Internal, error.to_string()))
}

/// The lane that a broken request speaks of.
pub(super) fn lane_of(message: &JsValue) -> Option<(RunId, LaneId)> {
    Some((number(message, "run_id")?, number(message, "lane_id")?))
}

/// The load that a broken request speaks of.
pub(super) fn load_of(message: &JsValue) -> Option<LoadId> {
    number(message, "load_id")
}

fn number(message: &JsValue, field: &str) -> Option<u32> {
    let number = Reflect::get(message, &JsValue::from_str(field)).ok()?.as_f64()?;
    (number >= 0.0 && number <= f64::from(u32::MAX)).then_some(number as u32)
}
