//! Faults on the way between the site and the page.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::StatusCode,
};
use futures_util::{Stream, StreamExt as _, stream};

/// What happens to the files whose path ends in `suffix`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// `.gguf`, `adapter_model.safetensors`, ...
    pub(crate) suffix: &'static str,
    /// What is wrong with them.
    pub(crate) damage: Damage,
}

/// What can be wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Damage {
    /// A whole answer that holds only the first half of the file.
    HalfTheFile,
    /// The first bytes are others.
    OtherStart(&'static [u8]),
    /// `byte` stands at `offset`, as often as `count`.
    Overwritten {
        /// Where.
        offset: usize,
        /// What.
        byte: u8,
        /// How often.
        count: usize,
    },
    /// The host's error page, with status 200.
    ErrorPage,
    /// 404
    NotFound,
    /// The connection breaks in the middle.
    CutShort,
    /// The file is whole, and takes seconds to come.
    Slow,
    /// The file is whole, but said to be of another type.
    OfType(&'static str),
    /// Code that runs before the file's own.
    Prepended(&'static str),
}

/// What is slow comes in so many parts,
const PARTS: usize = 20;
/// of which each waits so long.
const BETWEEN_PARTS: Duration = Duration::from_millis(100);

const ERROR_PAGE: &str = "<!doctype html><title>502 Bad Gateway</title><h1>Bad Gateway</h1>";

impl Damage {
    /// The answer instead of `content`.
    pub(crate) fn answer(&self, content: &Bytes) -> (StatusCode, Body) {
        let mut bytes = content.to_vec();
        match self {
            Self::HalfTheFile => bytes.truncate(content.len() / 2),
            Self::OtherStart(start) => bytes[..start.len()].copy_from_slice(start),
            Self::Overwritten { offset, byte, count } => bytes[*offset..offset + count].fill(*byte),
            Self::ErrorPage => bytes = ERROR_PAGE.into(),
            Self::NotFound => return (StatusCode::NOT_FOUND, Body::from(ERROR_PAGE)),
            Self::CutShort => return (StatusCode::OK, cut_short(bytes)),
            Self::Slow => return (StatusCode::OK, slow(content)),
            Self::OfType(_) => {}
            Self::Prepended(code) => bytes.splice(..0, code.bytes()).for_each(drop),
        }
        (StatusCode::OK, Body::from(bytes))
    }
}

/// Half the content, and then an error on the connection.
fn cut_short(mut bytes: Vec<u8>) -> Body {
    bytes.truncate(bytes.len() / 2);
    let broken = std::io::Error::other("the connection breaks");
    Body::from_stream(stream::iter([Ok(Bytes::from(bytes)), Err(broken)]))
}

/// All of the content, little by little.
fn slow(content: &Bytes) -> Body {
    let length = content.len().div_ceil(PARTS).max(1);
    let parts: Vec<_> =
        content.chunks(length).map(|part| Ok::<_, Infallible>(content.slice_ref(part))).collect();
    Body::from_stream(slowly(stream::iter(parts), BETWEEN_PARTS))
}

/// What comes, each part after a pause.
pub(crate) fn slowly<T>(parts: impl Stream<Item = T>, pause: Duration) -> impl Stream<Item = T> {
    parts.then(move |part| async move {
        tokio::time::sleep(pause).await;
        part
    })
}
