//! A model hub on this machine: the addresses of the real one, and its faults.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::Result;
use axum::{
    Router,
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt, stream};
use serde_json::json;
use xtask::server;

use crate::fault::slowly;

/// The commit that every repository is at.
const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// How long a connection is silent before it breaks.
const SILENCE: Duration = Duration::from_millis(250);
/// How long a slow file takes.
const SLOW: Duration = Duration::from_secs(3);
/// What is handed to the connection at once.
const PIECE_BYTES: usize = 16 * 1024;

/// What goes wrong the next time a file is asked for; each happens once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HubFault {
    /// A cable is pulled after so many bytes of the answer: they arrive, then nothing does, and then the connection is
    /// given up.
    CutAfter(usize),
    /// The connection breaks as soon as so many bytes of the answer have been sent: what is on its way is lost.
    BreakAfter(usize),
    /// After so many bytes of the answer nothing more comes, and the connection stays.
    StallAfter(usize),
    /// All of it comes, in three seconds.
    Slow,
    /// The file has other bytes from now on.
    Changed,
    /// Another part than the one that was asked for.
    WrongRange,
    /// 429, with a second to wait.
    TooMany,
    /// The whole file to a request for a part.
    WholeFile,
    /// A web page with status 200.
    WebPage,
}

/// A file of a repository.
#[derive(Debug, Clone)]
pub struct HubFile {
    /// Its path in the repository.
    pub path: &'static str,
    /// Its bytes.
    pub content: Bytes,
    /// Its SHA-256 as the listing names it; `None` names none.
    pub sha256: Option<String>,
}

/// A running hub; clones are the same one.
#[derive(Debug, Clone)]
pub struct Hub {
    /// Its address, without a path.
    pub origin: String,
    memory: Arc<Mutex<Memory>>,
}

#[derive(Debug, Default)]
struct Memory {
    repository: &'static str,
    files: Vec<HubFile>,
    faults: Vec<HubFault>,
    refuses_head: bool,
    shows_nothing: bool,
    busy_listings: usize,
    requests: usize,
    sent_bytes: usize,
    told: Vec<String>,
}

impl Hub {
    /// Serves one repository, `somebody/small`, until the runtime ends.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start(files: Vec<HubFile>) -> Result<Self> {
        Self::start_as("somebody/small", files).await
    }

    /// Serves one repository of that name, until the runtime ends.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start_as(repository: &'static str, files: Vec<HubFile>) -> Result<Self> {
        let listener = server::listen(0).await?;
        let origin = format!("http://localhost:{}", listener.local_addr()?.port());
        let hub = Self { origin, memory: Arc::default() };
        *hub.memory() = Memory { repository, files, ..Memory::default() };
        let answering = hub.clone();
        let router = Router::new().fallback(move |request: Request| {
            let hub = answering.clone();
            async move { hub.answer(&request) }
        });
        tokio::spawn(server::serve(listener, router));
        Ok(hub)
    }

    /// Where a file is fetched from.
    pub fn address(&self, path: &str) -> String {
        self.address_at(COMMIT, path)
    }

    /// Where a file is at a revision; the hub knows `main` and its commit.
    pub fn address_at(&self, revision: &str, path: &str) -> String {
        format!("{}/{}/resolve/{revision}/{path}", self.origin, self.memory().repository)
    }

    /// From now on these faults, one for each time a file is asked for.
    pub fn inflict(&self, faults: &[HubFault]) {
        self.memory().faults = faults.to_vec();
    }

    /// From now on `HEAD` is answered with 405.
    pub fn refuse_head(&self) {
        self.memory().refuses_head = true;
    }

    /// From now on no header is shown to a page of another origin that it is not shown anyway, and none is taken from it:
    /// a host that says no more than that anybody may read its answers.
    pub fn show_nothing(&self) {
        self.memory().shows_nothing = true;
    }

    /// So many times from now on the listing is answered with 429, and a second to wait.
    pub fn refuse_listings(&self, count: usize) {
        self.memory().busy_listings = count;
    }

    /// A file as it is now.
    pub fn content(&self, path: &str) -> Option<Bytes> {
        self.memory().files.iter().find(|file| file.path == path).map(|file| file.content.clone())
    }

    /// What it was told of the person who asks, with any request: cookies, passwords, and which page they are on.
    pub fn told(&self) -> Vec<String> {
        self.memory().told.clone()
    }

    /// How often a file was asked for so far; not how often for its size only.
    pub fn requests(&self) -> usize {
        self.memory().requests
    }

    /// Bytes of files that were sent so far.
    pub fn sent_bytes(&self) -> usize {
        self.memory().sent_bytes
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, request: &Request) -> Response {
        self.hear(request.headers());
        let api = format!("/api/models/{}", self.memory().repository);
        let mut response = if request.method() == axum::http::Method::OPTIONS {
            StatusCode::NO_CONTENT.into_response()
        } else if let Some(rest) = request.uri().path().strip_prefix(api.as_str()) {
            let revision = rest.strip_prefix("/revision/");
            let is_known = rest.is_empty() || revision.is_some_and(|name| ["main", COMMIT].contains(&name));
            if is_known { self.listing() } else { StatusCode::NOT_FOUND.into_response() }
        } else if request.method() == axum::http::Method::HEAD {
            self.size(request.uri().path())
        } else {
            self.file(request.uri().path(), request.headers())
        };
        let open = [
            ("access-control-allow-origin", "*"),
            ("access-control-allow-headers", "range, if-range"),
            ("access-control-expose-headers", "etag, content-range, retry-after"),
        ];
        let count = if self.memory().shows_nothing { 1 } else { open.len() };
        for (name, value) in open.into_iter().take(count) {
            response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        response
    }

    fn hear(&self, headers: &HeaderMap) {
        let personal = [header::COOKIE, header::AUTHORIZATION, header::REFERER];
        let line = |name: HeaderName| headers.get(&name).map(|value| format!("{name}: {value:?}"));
        self.memory().told.extend(personal.into_iter().filter_map(line));
    }

    fn listing(&self) -> Response {
        let mut memory = self.memory();
        if memory.busy_listings > 0 {
            memory.busy_listings -= 1;
            return (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "1")]).into_response();
        }
        let sibling = |file: &HubFile| {
            json!({ "rfilename": file.path, "size": file.content.len(),
                    "lfs": { "sha256": file.sha256, "size": file.content.len() } })
        };
        let siblings: Vec<_> = memory.files.iter().map(sibling).collect();
        let answer = json!({ "id": memory.repository, "sha": COMMIT, "private": false, "gated": false,
                             "cardData": { "license": "apache-2.0" }, "siblings": siblings });
        ([(header::CONTENT_TYPE, "application/json")], answer.to_string()).into_response()
    }

    fn find(&self, path: &str) -> Option<HubFile> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let memory = self.memory();
        memory.files.iter().find(|file| file.path == name && path.contains(COMMIT)).cloned()
    }

    fn size(&self, path: &str) -> Response {
        if self.memory().refuses_head {
            return StatusCode::METHOD_NOT_ALLOWED.into_response();
        }
        match self.find(path) {
            Some(file) => ([(header::CONTENT_LENGTH, file.content.len())], Body::empty()).into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        }
    }

    fn file(&self, path: &str, headers: &HeaderMap) -> Response {
        let Some(mut file) = self.find(path) else { return StatusCode::NOT_FOUND.into_response() };
        let range = headers.get(header::RANGE).and_then(|range| range.to_str().ok());
        if range == Some("bytes=0-0") {
            let total = format!("bytes 0-0/{}", file.content.len());
            let byte = Body::from(file.content.slice(..1));
            return (StatusCode::PARTIAL_CONTENT, [(header::CONTENT_RANGE, total)], byte).into_response();
        }
        let mut memory = self.memory();
        memory.requests += 1;
        let fault = if memory.faults.is_empty() { None } else { Some(memory.faults.remove(0)) };
        if fault == Some(HubFault::Changed) {
            file.content = changed(&file.content);
            memory.files.retain(|other| other.path != file.path);
            memory.files.push(file.clone());
        }
        drop(memory);
        let total = file.content.len();
        let tag = format!("\"{:x}\"", content_tag(&file.content));
        let is_other =
            headers.get(header::IF_RANGE).is_some_and(|wanted| wanted.as_bytes() != tag.as_bytes());
        let first =
            range.and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse::<usize>().ok());
        let (status, first) = match (fault, first) {
            (Some(HubFault::TooMany), _) => {
                return (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "1")]).into_response();
            }
            (Some(HubFault::WebPage), _) => {
                let page = "<!doctype html><title>Please log in</title>";
                return ([(header::CONTENT_TYPE, "text/html")], page).into_response();
            }
            (Some(HubFault::WholeFile), _) | (_, None) => (StatusCode::OK, 0),
            _ if is_other => (StatusCode::OK, 0),
            (Some(HubFault::WrongRange), Some(first)) => (StatusCode::PARTIAL_CONTENT, first + 7),
            (_, Some(first)) => (StatusCode::PARTIAL_CONTENT, first),
        };
        let content = file.content.slice(first.min(total)..);
        let mut response = (status, self.body(&content, fault)).into_response();
        let mut set = |name, value: String| {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        };
        set(header::ETAG, tag);
        set(header::CONTENT_LENGTH, content.len().to_string());
        if status == StatusCode::PARTIAL_CONTENT {
            set(header::CONTENT_RANGE, format!("bytes {first}-{}/{total}", total - 1));
        }
        response
    }

    /// The bytes, counted as they are handed to the connection, as far as the fault lets them come. A cut is silent until
    /// they have arrived: a browser forgets what it has not handed on when the error comes.
    fn body(&self, content: &Bytes, fault: Option<HubFault>) -> Body {
        let until = match fault {
            Some(HubFault::CutAfter(bytes) | HubFault::BreakAfter(bytes) | HubFault::StallAfter(bytes)) => {
                bytes.min(content.len())
            }
            _ => content.len(),
        };
        let pieces: Vec<Bytes> = content[..until].chunks(PIECE_BYTES).map(Bytes::copy_from_slice).collect();
        let pause = SLOW / pieces.len().max(1) as u32;
        let hub = self.clone();
        let counted = stream::iter(pieces).map(move |piece| {
            hub.memory().sent_bytes += piece.len();
            Ok::<_, std::io::Error>(piece)
        });
        if fault == Some(HubFault::Slow) {
            return Body::from_stream(slowly(counted, pause));
        }
        if until == content.len() {
            return Body::from_stream(counted);
        }
        let broken = stream::once(async move {
            match fault {
                Some(HubFault::StallAfter(_)) => std::future::pending().await,
                Some(HubFault::CutAfter(_)) => tokio::time::sleep(SILENCE).await,
                _ => {}
            }
            Err(std::io::Error::other("the connection breaks"))
        });
        Body::from_stream(counted.chain(broken))
    }
}

/// The same file with another last byte: one that can be read as well as the other.
fn changed(content: &Bytes) -> Bytes {
    let mut bytes = content.to_vec();
    if let Some(last) = bytes.last_mut() {
        *last ^= 1;
    }
    bytes.into()
}

/// Something that changes with the content.
fn content_tag(content: &Bytes) -> u64 {
    content
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |tag: u64, byte| (tag ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
