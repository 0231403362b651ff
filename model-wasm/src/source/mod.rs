//! The bytes of a [`Source`]: from beside the page, from the store, from disk. With progress, and a way to stop.
//!
//! An answer other than success, a page of HTML in the place of a file, and a length that is not the announced
//! one are errors: none of them may ever be taken for a model. What was stored is hashed again while it is read.

use protocol::{ErrorKind, LoadStage, Source, WireError};
use sha2::{Digest, Sha256};
use web_sys::{AbortSignal, Blob, File};

use crate::{
    fetch::browser::{Ask, Parts, ask},
    hex,
    store::{self, Store},
};

/// The most bytes that are read: what a 32-bit address space can hold beside the weights.
const LARGEST_BYTES: u64 = 1 << 31;

/// Files from disk that came beside a message.
pub(crate) type Blobs = Vec<File>;

/// Reads all of a source. `progress` is told the stage, the bytes so far and, where known, in all.
///
/// # Errors
/// [`ErrorKind::Network`], [`ErrorKind::DamagedStore`] or [`ErrorKind::OutOfMemory`], with what could not be read.
pub(crate) async fn read(
    source: &Source,
    blobs: &Blobs,
    signal: &AbortSignal,
    mut progress: impl FnMut(LoadStage, u64, Option<u64>),
) -> Result<Vec<u8>, WireError> {
    match source {
        Source::Url(url) => {
            fetch(url, signal, |done, total| progress(LoadStage::Downloading, done, total)).await
        }
        Source::Stored(sha256) => {
            let file = match Store::open().await {
                Ok(store) => store.file(sha256).await,
                Err(why) => return Err(store::damaged(sha256, &format!("cannot be reached: {why}"))),
            };
            let file = file.ok_or_else(|| store::damaged(sha256, "is gone"))?;
            let bytes = read_file(&file, |done, total| progress(LoadStage::Reading, done, total)).await;
            let bytes = bytes.map_err(|error| match error.kind {
                ErrorKind::OutOfMemory => error,
                _ => store::damaged(sha256, "cannot be read"),
            })?;
            if hex(&Sha256::digest(&bytes)) != *sha256 {
                return Err(store::damaged(sha256, "has other bytes than were stored"));
            }
            Ok(bytes)
        }
        Source::File(place) => {
            let file = blobs.get(*place as usize).ok_or_else(|| {
                WireError::new(
                    ErrorKind::InvalidRequest,
                    format!("there is no file {place} beside the request"),
                )
            })?;
            read_file(file, |done, total| progress(LoadStage::Reading, done, total)).await
        }
    }
}

async fn read_file(file: &Blob, progress: impl FnMut(u64, Option<u64>)) -> Result<Vec<u8>, WireError> {
    let size_bytes = file.size() as u64;
    let parts =
        Parts::of_blob(file).map_err(|why| WireError::new(ErrorKind::Network, format!("The file: {why}")))?;
    gather(parts, Some(size_bytes), "The file", progress).await
}

async fn fetch(
    url: &str,
    signal: &AbortSignal,
    progress: impl FnMut(u64, Option<u64>),
) -> Result<Vec<u8>, WireError> {
    let fail = |what: &str| WireError::new(ErrorKind::Network, format!("{}: {what}", path_of(url)));
    let request = Ask { address: url, from_bytes: None, if_range: None, signal };
    let reply = ask(&request).await.map_err(|why| fail(&why))?;
    if !(200..300).contains(&reply.head.status) {
        return Err(fail(&format!("the server answers {}", reply.head.status)));
    }
    if reply.head.is_web_page() {
        return Err(fail("the server answers with a web page instead of the file"));
    }
    // Of a compressed answer, the announced length is not that of the file.
    let announced = reply.head.content_length.filter(|_| !reply.head.is_encoded());
    gather(reply.body, announced, path_of(url), progress).await
}

/// All parts in one piece. They must come to the announced length.
async fn gather(
    parts: Parts,
    announced: Option<u64>,
    name: &str,
    mut progress: impl FnMut(u64, Option<u64>),
) -> Result<Vec<u8>, WireError> {
    let fail = |what: &str| WireError::new(ErrorKind::Network, format!("{name}: {what}"));
    let too_large = || WireError::new(ErrorKind::OutOfMemory, format!("{name} is too large"));
    let capacity = announced.unwrap_or(0);
    if capacity > LARGEST_BYTES {
        return Err(too_large());
    }
    let mut bytes: Vec<u8> = Vec::new();
    bytes.try_reserve_exact(capacity as usize).map_err(|_| too_large())?;
    progress(0, announced);
    while let Some(part) = parts.next().await.map_err(|why| fail(&why))? {
        let start = bytes.len();
        let end = start + part.length() as usize;
        if end as u64 > LARGEST_BYTES {
            return Err(too_large());
        }
        bytes.try_reserve(part.length() as usize).map_err(|_| too_large())?;
        bytes.resize(end, 0);
        part.copy_to(&mut bytes[start..]);
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
