//! The built site on a server of its own: xtask's server, with a memory and with faults.

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::{Context, Result};
use axum::{
    body::{self, Body},
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use comparison::Scenario;
use xtask::{
    build::{Isolation, Profile},
    server,
};

use crate::fault::{Damage, Fault};

/// Where browsers send reports of the content security policy.
const REPORTS: &str = "/csp-reports";
const MAX_REPORT_BYTES: usize = 64 * 1024;

/// A served site. Cheap to clone; clones are the same site.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    origin: String,
    path: &'static str,
    memory: Arc<Mutex<Memory>>,
}

#[derive(Debug, Default)]
struct Memory {
    requested: Vec<String>,
    reports: Vec<String>,
    fault: Option<Fault>,
}

/// The folder of the built site: what xtask built last for these tests, or `dist/`.
pub(crate) fn folder() -> PathBuf {
    std::env::var_os("SITE").map_or_else(|| Profile::Release.site(), PathBuf::from)
}

/// The scenario that the page opens with.
///
/// # Errors
/// When the site is not built, or the scenario cannot be read.
pub fn default_scenario() -> Result<Scenario> {
    let file = folder().join("scenarios/triage.json");
    let text = fs::read_to_string(&file)
        .with_context(|| format!("{} is not there; `cargo xtask build` makes the site", file.display()))?;
    serde_json::from_str(&text).context("the default scenario cannot be read")
}

impl Site {
    /// Serves the site below `path` on a free port, until the runtime ends.
    pub(crate) async fn start(path: &'static str, isolation: Isolation) -> Result<Self> {
        anyhow::ensure!(folder().join("index.html").is_file(), "no site; `cargo xtask build` makes it");
        let listener = server::listen(0).await?;
        let origin = format!("http://localhost:{}", listener.local_addr()?.port());
        let site = Self { origin, path, memory: Arc::default() };
        let watcher = site.clone();
        let router = server::site(&folder(), path, isolation)
            .layer(middleware::from_fn(move |request, next| watcher.clone().watch(request, next)));
        tokio::spawn(server::serve(listener, router));
        Ok(site)
    }

    /// A page's address: `rest` is what follows the site's path.
    pub(crate) fn address(&self, rest: &str) -> String {
        format!("{}{}{rest}", self.origin, self.path)
    }

    /// Every path asked for so far that ends in one of the suffixes.
    pub(crate) fn requested(&self, suffixes: &[&str]) -> Vec<String> {
        let memory = self.memory();
        let wanted = |path: &&String| suffixes.iter().any(|suffix| path.ends_with(suffix));
        memory.requested.iter().filter(wanted).cloned().collect()
    }

    /// What browsers reported so far.
    pub(crate) fn reports(&self) -> Vec<String> {
        self.memory().reports.clone()
    }

    /// From now on, this and no other fault; `None` makes the site whole.
    pub(crate) fn inflict(&self, fault: Option<Fault>) {
        self.memory().fault = fault;
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn watch(self, request: Request, next: Next) -> Response {
        let path = request.uri().path().to_owned();
        if path == REPORTS {
            return self.keep_report(request).await;
        }
        let fault = {
            let mut memory = self.memory();
            memory.requested.push(path.clone());
            memory.fault.clone().filter(|fault| ends_with(&path, fault.suffix))
        };
        let mut response = match fault {
            Some(fault) => damaged(next.run(plain(request)).await, &fault).await,
            None => next.run(request).await,
        };
        add_reporting(&mut response);
        response
    }

    async fn keep_report(self, request: Request) -> Response {
        let report = body::to_bytes(request.into_body(), MAX_REPORT_BYTES).await.unwrap_or_default();
        self.memory().reports.push(String::from_utf8_lossy(&report).into_owned());
        StatusCode::NO_CONTENT.into_response()
    }
}

/// Hashed names are known by what stands before the hash: `worker.js` is `worker-0123.js`.
fn ends_with(path: &str, suffix: &str) -> bool {
    let Some((stem, extension)) = suffix.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()) else {
        return path.ends_with(suffix);
    };
    let name = path.rsplit('/').next().unwrap_or(path);
    path.ends_with(suffix)
        || (name.starts_with(&format!("{stem}-")) && name.ends_with(&format!(".{extension}")))
}

/// The request without what would be answered with a part or a compressed form.
fn plain(mut request: Request) -> Request {
    for name in [header::ACCEPT_ENCODING, header::RANGE, header::IF_MODIFIED_SINCE, header::IF_NONE_MATCH] {
        request.headers_mut().remove(name);
    }
    request
}

async fn damaged(response: Response, fault: &Fault) -> Response {
    let (mut parts, body) = response.into_parts();
    let content = body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let (status, body) = fault.damage.answer(&content);
    parts.status = status;
    if fault.damage != Damage::Slow {
        parts.headers.remove(header::CONTENT_LENGTH);
    }
    for name in [header::ETAG, header::LAST_MODIFIED, header::ACCEPT_RANGES] {
        parts.headers.remove(name);
    }
    parts.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Damage::OfType(kind) = fault.damage {
        parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    Response::from_parts(parts, body)
}

fn add_reporting(response: &mut Response<Body>) {
    let Some(policy) = response.headers().get(header::CONTENT_SECURITY_POLICY) else { return };
    let reporting = [policy.as_bytes(), b"; report-uri ", REPORTS.as_bytes()].concat();
    if let Ok(reporting) = HeaderValue::from_bytes(&reporting) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, reporting);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashed_files_are_known_by_their_names() {
        assert!(ends_with("/a/worker-0123456789abcdef.js", "worker.js"));
        assert!(ends_with("/models/base-Q8_0.gguf", ".gguf"));
        assert!(!ends_with("/engine-0123456789abcdef.js", "worker.js"));
    }
}
