//! The static server: files as they lie, with the headers of the site.
//!
//! Content types, ranges, "not modified" and the choice of brotli are tower-http's.

use std::{
    io::ErrorKind,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use axum::{
    Router,
    extract::Request,
    http::{HeaderName, HeaderValue},
    middleware::{self, Next},
    response::Response,
};
use tokio::net::TcpListener;
use tower_http::services::ServeDir;

use crate::build::{Isolation, headers_for};

/// A listener on this machine alone; port 0 picks a free one.
///
/// # Errors
/// When the port is in use or may not be used.
pub async fn listen(port: u16) -> Result<TcpListener> {
    match TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            bail!("port {port} is in use; name another with `--port N`")
        }
        Err(error) => Err(error).with_context(|| format!("port {port} cannot be used")),
    }
}

/// The site of `folder` under `path` (`/` or `/some/where/`).
pub fn site(folder: &Path, path: &str, isolation: Isolation) -> Router {
    let files = ServeDir::new(PathBuf::from(folder)).precompressed_br();
    let site = if path == "/" {
        Router::new().fallback_service(files)
    } else {
        Router::new().nest_service(path, files)
    };
    site.layer(middleware::from_fn(move |request, next| with_headers(request, next, isolation)))
}

/// Serves until the program ends.
///
/// # Errors
/// When the listener fails.
pub async fn serve(listener: TcpListener, site: Router) -> Result<()> {
    axum::serve(listener, site).await.context("the server failed")
}

async fn with_headers(request: Request, next: Next, isolation: Isolation) -> Response {
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    for (name, value) in headers_for(&path, isolation) {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}
