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

/// The most bytes that are read as a whole: what a 32-bit address space can hold beside the weights.
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
    let mut file = Opened::new(source, blobs, signal).await?;
    let (stage, announced) = (file.stage(), file.size_bytes());
    let name = file.name.clone();
    let too_large = || WireError::new(ErrorKind::OutOfMemory, format!("{name} is too large"));
    if announced.is_some_and(|announced| announced > LARGEST_BYTES) {
        return Err(too_large());
    }
    let mut bytes: Vec<u8> = Vec::new();
    bytes.try_reserve_exact(announced.unwrap_or(0) as usize).map_err(|_| too_large())?;
    progress(stage, 0, announced);
    let mut part = Vec::new();
    while file.next(&mut part).await? {
        if file.read_bytes() > LARGEST_BYTES || bytes.try_reserve(part.len()).is_err() {
            return Err(too_large());
        }
        bytes.extend_from_slice(&part);
        progress(stage, file.read_bytes(), announced);
    }
    if file.stored.is_some() {
        file.check(&hex(&Sha256::digest(&bytes)))?;
    }
    Ok(bytes)
}

/// Reads a file of the store again, for nothing but its hash; other sources are taken as they are.
///
/// # Errors
/// [`ErrorKind::DamagedStore`], when its bytes are not those that were stored.
pub(crate) async fn verify_stored(
    source: &Source,
    blobs: &Blobs,
    signal: &AbortSignal,
) -> Result<(), WireError> {
    if !matches!(source, Source::Stored(_)) {
        return Ok(());
    }
    let mut file = Opened::new(source, blobs, signal).await?;
    let (mut hash, mut part) = (Sha256::new(), Vec::new());
    while file.next(&mut part).await? {
        hash.update(&part);
    }
    file.check(&hex(&hash.finalize()))
}

/// A source whose bytes come part by part.
pub(crate) struct Opened {
    parts: Parts,
    announced: Option<u64>,
    read_bytes: u64,
    /// For people.
    name: String,
    /// Its SHA-256, where it comes from the store.
    stored: Option<String>,
    is_download: bool,
}

impl Opened {
    /// Asks for the bytes.
    ///
    /// # Errors
    /// As [`read`].
    pub(crate) async fn new(source: &Source, blobs: &Blobs, signal: &AbortSignal) -> Result<Self, WireError> {
        match source {
            Source::Url(url) => Self::fetch(url, signal).await,
            Source::Stored(sha256) => {
                let file = match Store::open().await {
                    Ok(store) => store.file(sha256).await,
                    Err(why) => return Err(store::damaged(sha256, &format!("cannot be reached: {why}"))),
                };
                let file = file.ok_or_else(|| store::damaged(sha256, "is gone"))?;
                let opened = Self::of_blob(&file).map_err(|_| store::damaged(sha256, "cannot be read"))?;
                Ok(Self { stored: Some(sha256.clone()), ..opened })
            }
            Source::File(place) => Self::of_blob(blobs.get(*place as usize).ok_or_else(|| {
                let what = format!("there is no file {place} beside the request");
                WireError::new(ErrorKind::InvalidRequest, what)
            })?),
        }
    }

    fn of_blob(file: &Blob) -> Result<Self, WireError> {
        let parts = Parts::of_blob(file)
            .map_err(|why| WireError::new(ErrorKind::Network, format!("The file: {why}")))?;
        let (announced, name) = (Some(file.size() as u64), "The file".to_owned());
        Ok(Self { parts, announced, read_bytes: 0, name, stored: None, is_download: false })
    }

    async fn fetch(url: &str, signal: &AbortSignal) -> Result<Self, WireError> {
        let name = path_of(url).to_owned();
        let fail = |what: &str| WireError::new(ErrorKind::Network, format!("{name}: {what}"));
        let request = Ask { address: url, from_bytes: None, may_cache: true, if_range: None, signal };
        let reply = ask(&request).await.map_err(|why| fail(&why))?;
        if !(200..300).contains(&reply.head.status) {
            return Err(fail(&format!("the server answers {}", reply.head.status)));
        }
        if reply.head.is_web_page() {
            return Err(fail("the server answers with a web page instead of the file"));
        }
        // Of a compressed answer, the announced length is not that of the file.
        let announced = reply.head.content_length.filter(|_| !reply.head.is_encoded());
        let parts = reply.body;
        Ok(Self { parts, announced, read_bytes: 0, name, stored: None, is_download: true })
    }

    /// What reading it is called.
    pub(crate) fn stage(&self) -> LoadStage {
        if self.is_download { LoadStage::Downloading } else { LoadStage::Reading }
    }

    /// How long it is, where that is known.
    pub(crate) fn size_bytes(&self) -> Option<u64> {
        self.announced
    }

    /// Bytes that have come.
    pub(crate) fn read_bytes(&self) -> u64 {
        self.read_bytes
    }

    /// Replaces `bytes` by the next part; `false` when all have come, and they came to the announced length.
    ///
    /// # Errors
    /// When nothing more comes, or too little or too much has come.
    pub(crate) async fn next(&mut self, bytes: &mut Vec<u8>) -> Result<bool, WireError> {
        let part = self.parts.next().await.map_err(|why| self.failed(&why))?;
        let Some(part) = part else {
            return match self.announced {
                Some(announced) if announced != self.read_bytes => {
                    Err(self.failed(&format!("{} bytes came, {announced} were announced", self.read_bytes)))
                }
                _ => Ok(false),
            };
        };
        bytes.resize(part.length() as usize, 0);
        part.copy_to(bytes);
        self.read_bytes += bytes.len() as u64;
        Ok(true)
    }

    /// Compares what was read with what was stored, where it comes from the store.
    ///
    /// # Errors
    /// When they differ.
    pub(crate) fn check(&self, sha256: &str) -> Result<(), WireError> {
        match &self.stored {
            Some(stored) if stored != sha256 => {
                Err(store::damaged(stored, "has other bytes than were stored"))
            }
            _ => Ok(()),
        }
    }

    fn failed(&self, why: &str) -> WireError {
        match &self.stored {
            Some(sha256) => store::damaged(sha256, "cannot be read"),
            None => WireError::new(ErrorKind::Network, format!("{}: {why}", self.name)),
        }
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
