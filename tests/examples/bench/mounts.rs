//! A server of folders and files, isolated so that threads run.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Result;
use axum::{
    Router,
    body::Body,
    http::{Response, StatusCode, Uri, header::CONTENT_TYPE},
};
use tokio::net::TcpListener;

/// Serves what lies under each prefix; the longest prefix that fits counts.
pub(super) async fn serve(listener: TcpListener, mounts: BTreeMap<String, PathBuf>) -> Result<()> {
    let mounts = Arc::new(mounts);
    let answer = move |uri: Uri| {
        let mounts = Arc::clone(&mounts);
        async move { answer(&mounts, uri.path()) }
    };
    axum::serve(listener, Router::new().fallback(answer)).await?;
    Ok(())
}

fn answer(mounts: &BTreeMap<String, PathBuf>, path: &str) -> Response<Body> {
    let path = if path == "/" { "/index.html" } else { path };
    // Longer prefixes come later.
    let found = mounts.iter().rev().find_map(|(prefix, mount)| {
        let rest = path.strip_prefix(prefix.as_str())?;
        let file = if rest.is_empty() { mount.clone() } else { mount.join(rest) };
        file.is_file().then_some(file)
    });
    let content = found.as_deref().and_then(|file| Some((kind(file), std::fs::read(file).ok()?)));
    let response = Response::builder()
        .header("cross-origin-opener-policy", "same-origin")
        .header("cross-origin-embedder-policy", "require-corp");
    let response = match content {
        Some((kind, content)) => response.header(CONTENT_TYPE, kind).body(Body::from(content)),
        None => response.status(StatusCode::NOT_FOUND).body(Body::empty()),
    };
    response.unwrap_or_default()
}

fn kind(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html",
        Some("js") => "text/javascript",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    }
}
