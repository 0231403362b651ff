//! How a browser asks: one request, the head of its answer, and the body part by part.

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, Blob, Headers, ReadableStream, ReadableStreamDefaultReader, ReferrerPolicy, RequestCache,
    RequestCredentials, RequestInit, Response, WorkerGlobalScope,
};

use super::Head;

/// A request.
#[derive(Debug)]
pub(crate) struct Ask<'a> {
    /// Where to.
    pub(crate) address: &'a str,
    /// `Range: bytes=FROM-`; without it the whole file is asked for.
    pub(crate) from_bytes: Option<u64>,
    /// Whether the browser's cache may answer, and keep the answer.
    pub(crate) may_cache: bool,
    /// `If-Range`
    pub(crate) if_range: Option<&'a str>,
    /// Closes it.
    pub(crate) signal: &'a AbortSignal,
}

/// An answer.
pub(crate) struct Reply {
    /// Its head.
    pub(crate) head: Head,
    /// Where it came from in the end.
    pub(crate) address: String,
    /// Its body.
    pub(crate) body: Parts,
}

/// Bytes that come part by part.
pub(crate) struct Parts(ReadableStreamDefaultReader);

/// Asks. No cookie, no password and no referrer goes along.
///
/// # Errors
/// One sentence why there is no answer.
pub(crate) async fn ask(ask: &Ask<'_>) -> Result<Reply, String> {
    let init = RequestInit::new();
    init.set_signal(Some(ask.signal));
    let headers = Headers::new().map_err(|error| text_of(&error))?;
    if !ask.may_cache {
        init.set_cache(RequestCache::NoStore);
    }
    if let Some(from_bytes) = ask.from_bytes {
        headers.set("range", &format!("bytes={from_bytes}-")).map_err(|error| text_of(&error))?;
    }
    if let Some(if_range) = ask.if_range {
        headers.set("if-range", if_range).map_err(|error| text_of(&error))?;
    }
    init.set_headers_headers(&headers);
    let response = send(ask.address, &init).await?;
    let body = response.body().ok_or_else(|| "the answer has no body".to_owned())?;
    Ok(Reply { head: head_of(&response), address: response.url(), body: Parts::of(&body)? })
}

/// How a host is asked about a file without asking for the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peek {
    /// `HEAD`
    Head,
    /// `GET` with `Range: bytes=0-0`
    FirstByte,
}

/// Asks about a file. Gives the head of the answer, and where it came from in the end; a body is closed unread.
///
/// # Errors
/// One sentence why there is no answer.
pub(crate) async fn peek(address: &str, peek: Peek) -> Result<(Head, String), String> {
    let init = RequestInit::new();
    init.set_cache(RequestCache::NoStore);
    if peek == Peek::Head {
        init.set_method("HEAD");
    } else {
        let headers = Headers::new().map_err(|error| text_of(&error))?;
        headers.set("range", "bytes=0-0").map_err(|error| text_of(&error))?;
        init.set_headers_headers(&headers);
    }
    let response = send(address, &init).await?;
    if let Some(body) = response.body() {
        Parts::of(&body)?.close();
    }
    Ok((head_of(&response), response.url()))
}

async fn send(address: &str, init: &RequestInit) -> Result<Response, String> {
    let scope: WorkerGlobalScope = js_sys::global().dyn_into().map_err(|_| "not in a worker".to_owned())?;
    init.set_referrer_policy(ReferrerPolicy::NoReferrer);
    init.set_credentials(RequestCredentials::Omit);
    let response = JsFuture::from(scope.fetch_with_str_and_init(address, init)).await;
    response.map_err(|error| text_of(&error))?.dyn_into().map_err(|_| "no response".to_owned())
}

fn head_of(response: &Response) -> Head {
    let header = |name: &str| response.headers().get(name).ok().flatten();
    Head {
        status: response.status(),
        content_range: header("content-range"),
        content_length: header("content-length").and_then(|length| length.parse().ok()),
        content_type: header("content-type"),
        content_encoding: header("content-encoding"),
        etag: header("etag"),
        retry_after: header("retry-after"),
    }
}

impl Parts {
    /// The parts of a file from disk.
    ///
    /// # Errors
    /// When the browser does not give them.
    pub(crate) fn of_blob(blob: &Blob) -> Result<Self, String> {
        Self::of(&blob.stream())
    }

    fn of(stream: &ReadableStream) -> Result<Self, String> {
        stream.get_reader().dyn_into().map(Self).map_err(|_| "the bytes cannot be read".to_owned())
    }

    /// The next part; `None` when all have come.
    ///
    /// # Errors
    /// One sentence why nothing more comes.
    pub(crate) async fn next(&self) -> Result<Option<Uint8Array>, String> {
        let part = JsFuture::from(self.0.read()).await.map_err(|error| text_of(&error))?;
        let field = |name: &str| Reflect::get(&part, &JsValue::from_str(name));
        if field("done").is_ok_and(|done| done.is_truthy()) {
            return Ok(None);
        }
        let bytes = field("value").ok().and_then(|value| value.dyn_into().ok());
        bytes.map(Some).ok_or_else(|| "no bytes".to_owned())
    }

    /// Closes it; what is on its way is not read.
    pub(crate) fn close(self) {
        // Nobody waits for the end of what nobody reads.
        let _ = self.0.cancel();
    }
}

/// What a thrown value says.
pub(crate) fn text_of(error: &JsValue) -> String {
    let message = Reflect::get(error, &"message".into()).ok().and_then(|message| message.as_string());
    message.unwrap_or_else(|| format!("{error:?}"))
}
