//! Between wire types and JavaScript values.

use js_sys::{Array, Object, Reflect};
use protocol::{ErrorKind, Event, LaneId, LoadId, Request, RunId, WireError};
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::File;

use crate::source::Blobs;

/// The field of a message that carries files from disk.
const BLOBS: &str = "blobs";

/// A request off the wire.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`] with the field that is wrong.
pub fn request_from_js(message: JsValue) -> Result<Request, WireError> {
    read(message)
}

/// A message off the wire.
pub(super) fn read<T: DeserializeOwned>(message: JsValue) -> Result<T, WireError> {
    serde_wasm_bindgen::from_value(message)
        .map_err(|error| WireError::new(ErrorKind::InvalidRequest, error.to_string()))
}

/// Takes the files out of a message that carries some.
pub(super) fn take_blobs(message: &JsValue) -> Blobs {
    let Some(message) = message.dyn_ref::<Object>() else { return Vec::new() };
    let Ok(blobs) = Reflect::get(message, &BLOBS.into()) else { return Vec::new() };
    // A plain object lets its fields be taken.
    let _ = Reflect::delete_property(message, &BLOBS.into());
    blobs
        .dyn_ref::<Array>()
        .map_or_else(Vec::new, |blobs| blobs.iter().filter_map(|blob| blob.dyn_into().ok()).collect())
}

/// Puts files beside a message.
pub(super) fn put_blobs(message: &JsValue, blobs: &[File]) {
    let list: Array = blobs.iter().collect();
    // A plain object takes fields.
    let _ = Reflect::set(message, &BLOBS.into(), &list);
}

/// An event for the wire: plain objects and numbers, as JSON has them.
///
/// # Errors
/// [`ErrorKind::Internal`] when it cannot be written.
pub fn event_to_js(event: &Event) -> Result<JsValue, WireError> {
    write(event)
}

/// A message for the wire.
pub(super) fn write<T: Serialize>(message: &T) -> Result<JsValue, WireError> {
    message
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
