//! Bytes by address, with progress.
//!
//! An answer other than success, a page of HTML in the place of a file, and a length that is
//! not the announced one are errors: none of them may ever be taken for a model.

use js_sys::{Reflect, Uint8Array};
use protocol::{ErrorKind, WireError};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DedicatedWorkerGlobalScope, ReadableStreamDefaultReader, Response};

/// The most bytes that are read: what a 32-bit address space can hold beside the weights.
const LARGEST_BYTES: u64 = 1 << 31;

/// Fetches a file. `progress` is told the bytes so far and, where the server says so, in all.
///
/// # Errors
/// [`ErrorKind::Network`] with the address's path, or [`ErrorKind::OutOfMemory`].
pub(crate) async fn fetch(
    scope: &DedicatedWorkerGlobalScope,
    url: &str,
    mut progress: impl FnMut(u64, Option<u64>),
) -> Result<Vec<u8>, WireError> {
    let fail = |what: &str| WireError::new(ErrorKind::Network, format!("{}: {what}", path_of(url)));
    let response = JsFuture::from(scope.fetch_with_str(url)).await.map_err(|error| fail(&text_of(&error)))?;
    let response: Response = response.dyn_into().map_err(|_| fail("no response"))?;
    if !response.ok() {
        return Err(fail(&format!("the server answers {} {}", response.status(), response.status_text())));
    }
    let header = |name: &str| response.headers().get(name).ok().flatten();
    if header("content-type").is_some_and(|kind| kind.starts_with("text/html")) {
        return Err(fail("the server answers with a web page instead of the file"));
    }
    // Of a compressed answer, the announced length is not that of the file.
    let is_encoded = header("content-encoding").is_some_and(|encoding| encoding != "identity");
    let announced = header("content-length").and_then(|length| length.parse::<u64>().ok());
    let announced = announced.filter(|_| !is_encoded);
    let capacity = announced.unwrap_or(0);
    let too_large = || WireError::new(ErrorKind::OutOfMemory, format!("{} is too large", path_of(url)));
    if capacity > LARGEST_BYTES {
        return Err(too_large());
    }
    let mut bytes: Vec<u8> = Vec::new();
    bytes.try_reserve_exact(capacity as usize).map_err(|_| too_large())?;
    progress(0, announced);
    let body = response.body().ok_or_else(|| fail("the answer has no body"))?;
    let reader: ReadableStreamDefaultReader = body.get_reader().dyn_into().map_err(|_| fail("no reader"))?;
    loop {
        let part = JsFuture::from(reader.read()).await.map_err(|error| fail(&text_of(&error)))?;
        let field = |name: &str| Reflect::get(&part, &JsValue::from_str(name));
        if field("done").is_ok_and(|done| done.is_truthy()) {
            break;
        }
        let chunk: Uint8Array =
            field("value").ok().and_then(|value| value.dyn_into().ok()).ok_or_else(|| fail("no bytes"))?;
        let start = bytes.len();
        let end = start + chunk.length() as usize;
        if end as u64 > LARGEST_BYTES {
            return Err(too_large());
        }
        bytes.try_reserve(chunk.length() as usize).map_err(|_| too_large())?;
        bytes.resize(end, 0);
        chunk.copy_to(&mut bytes[start..]);
        progress(end as u64, announced);
    }
    match announced {
        Some(announced) if announced != bytes.len() as u64 => {
            Err(fail(&format!("{} bytes came, {announced} were announced", bytes.len())))
        }
        _ => Ok(bytes),
    }
}

/// The path of an address, for people; blobs have none worth showing.
fn path_of(url: &str) -> &str {
    let without_query = url.split(['?', '#']).next().unwrap_or(url);
    let after_scheme = without_query.split_once("://").map_or(without_query, |(_, rest)| rest);
    if url.starts_with("blob:") {
        "the file"
    } else {
        after_scheme.find('/').map_or(after_scheme, |at| &after_scheme[at..])
    }
}

fn text_of(error: &JsValue) -> String {
    let message = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
    message.unwrap_or_else(|| format!("{error:?}"))
}
