//! How one file is brought: the download's state machine, driven by what the browser does.

use js_sys::{Date, Uint8Array};
use protocol::{
    Address, DownloadId, DownloadProgress, DownloadStage, ErrorKind, HeaderFacts, NamedBy, NewFile, NewItem,
    Origin, StoredFile, WireError,
};
use sha2::{Digest, Sha256};
use web_sys::{AbortSignal, File};

use super::{
    inspector::Inspector,
    meter::Meter,
    sink::Sink,
    time::{sleep, within},
};
use crate::{
    fetch::{
        Body, Download, DownloadError, Expected, Step,
        browser::{Ask, Parts, ask},
        wrong_start,
    },
    hex,
    session::Verdict,
    source::Blobs,
    store::Store,
};

/// How often a resting download looks whether it was stopped.
const LOOK_EVERY_MS: u64 = 200;

/// A connection over which nothing comes for so long is taken for a broken one: a pulled cable is told to nobody.
const SILENCE_MS: u64 = 20_000;
const SILENT: &str = "nothing came for 20 seconds";

/// Why a download ended without its file.
pub(super) enum End {
    Stopped,
    Failed(WireError),
}

impl From<WireError> for End {
    fn from(error: WireError) -> Self {
        Self::Failed(error)
    }
}

/// A file whose bytes are all there.
pub(super) struct Brought<'a> {
    pub(super) file: StoredFile,
    /// Where the bytes wait for a name; none where they have it already.
    sink: Option<Sink<'a>>,
}

impl Brought<'_> {
    /// Gives the file its name in the store. Where that has no room, or is not there, the file comes back.
    pub(super) async fn finish(self) -> Result<(StoredFile, Option<File>), WireError> {
        let in_memory = match self.sink {
            Some(sink) => sink.finish(&self.file.sha256).await?,
            None => None,
        };
        Ok((self.file, in_memory))
    }

    /// Another file of the item has ended the download. What came from an address is worth keeping if that was
    /// `for_now`: the next attempt does not ask for it again.
    pub(super) async fn drop_or_keep(self, for_now: bool) {
        if let Some(sink) = self.sink
            && !(for_now && self.file.address.is_some())
        {
            sink.discard().await;
        }
    }
}

/// Brings the files of one item.
pub(super) struct Keeper<'a> {
    signal: &'a AbortSignal,
    meter: Meter<'a>,
    inspector: Inspector<'a>,
}

impl<'a> Keeper<'a> {
    /// `tell` is told of progress, `judged` of what the headers say as soon as they have come.
    pub(super) fn new(
        download_id: DownloadId,
        item: &NewItem,
        signal: &'a AbortSignal,
        tell: impl Fn(DownloadProgress) + 'a,
        judged: impl Fn(HeaderFacts) + 'a,
    ) -> Self {
        Self { signal, meter: Meter::new(download_id, item, tell), inspector: Inspector::new(item, judged) }
    }

    /// What the headers say, where the files have some.
    pub(super) fn verdict(&self) -> Option<Verdict> {
        self.inspector.verdict()
    }

    pub(super) fn say_queued(&self) {
        self.meter.note(DownloadStage::Queued, 0, None);
    }

    /// Brings a file to where it can wait until all files of the item are there.
    pub(super) async fn bring<'s>(
        &self,
        store: Option<&'s Store>,
        file: &'s NewFile,
        blobs: &Blobs,
    ) -> Result<Brought<'s>, End> {
        let address = match &file.from {
            Origin::Url(text) => Some(
                Address::parse(text, NamedBy::Person)
                    .map_err(|error| WireError::new(ErrorKind::InvalidRequest, error.to_string()))?,
            ),
            Origin::File(_) => None,
        };
        let stored = |sha256: &str, size_bytes| StoredFile {
            name: file.name.clone(),
            sha256: sha256.to_owned(),
            size_bytes,
            address: address.as_ref().map(|address| address.as_str().to_owned()),
        };
        if let (Some(store), Some(sha256), Some(size_bytes)) = (store, &file.sha256, file.size_bytes) {
            let there = stored(sha256, size_bytes);
            self.inspector.begin(file, Some(size_bytes));
            let mut refusal = None;
            let see = |bytes: &[u8]| {
                if refusal.is_none() {
                    refusal = self.inspector.see(bytes).err();
                }
            };
            if is_intact(store, &there, see).await {
                if let Some(error) = refusal {
                    return Err(error.into());
                }
                self.inspector.end(size_bytes)?;
                self.meter.done(size_bytes);
                return Ok(Brought { file: there, sink: None });
            }
        }
        let (sha256, size_bytes, sink) = match (&file.from, &address) {
            (Origin::File(place), _) => {
                let blob = blobs.get(*place as usize).ok_or_else(|| {
                    WireError::new(
                        ErrorKind::InvalidRequest,
                        format!("{} did not come with the request.", file.name),
                    )
                })?;
                self.copy(store, file, blob).await?
            }
            (_, Some(address)) => self.receive(store, file, address).await?,
            (Origin::Url(_), None) => unreachable!("an address was read above"),
        };
        self.meter.done(size_bytes);
        Ok(Brought { file: stored(&sha256, size_bytes), sink: Some(sink) })
    }

    /// Copies a file from disk.
    async fn copy<'s>(
        &self,
        store: Option<&'s Store>,
        file: &'s NewFile,
        blob: &File,
    ) -> Result<(String, u64, Sink<'s>), End> {
        let size_bytes = blob.size() as u64;
        let key = key_of(&format!("disk {} {size_bytes}", file.name));
        let mut sink = Sink::open(store, &file.name, &key, Some(size_bytes)).await;
        sink.truncate()?;
        let unreadable = |why: String| {
            WireError::new(ErrorKind::Network, format!("{} cannot be read from disk: {why}.", file.name))
        };
        let parts = Parts::of_blob(blob).map_err(unreadable)?;
        let mut hasher = Sha256::new();
        self.inspector.begin(file, Some(size_bytes));
        while let Some(part) = parts.next().await.map_err(unreadable)? {
            if self.signal.aborted() {
                sink.discard().await;
                return Err(End::Stopped);
            }
            let bytes = part.to_vec();
            if let Err(error) = check_start(file, &sink, &part).and_then(|()| self.inspector.see(&bytes)) {
                sink.discard().await;
                return Err(error.into());
            }
            hasher.update(bytes);
            sink.append(&part)?;
            self.meter.note(DownloadStage::Receiving, sink.length(), Some(size_bytes));
        }
        let length = sink.length();
        if length == 0 || length != size_bytes {
            sink.discard().await;
            let message = format!("{} has {length} bytes, its folder says {size_bytes}.", file.name);
            return Err(WireError::new(ErrorKind::OtherFile, message).into());
        }
        if let Err(error) = self.inspector.end(length) {
            sink.discard().await;
            return Err(error.into());
        }
        Ok((hex(&hasher.finalize()), length, sink))
    }

    /// Receives a file from its address, behind what an earlier attempt has kept.
    async fn receive<'s>(
        &self,
        store: Option<&'s Store>,
        file: &'s NewFile,
        address: &Address,
    ) -> Result<(String, u64, Sink<'s>), End> {
        let expected = Expected { sha256: file.sha256.clone(), size_bytes: file.size_bytes };
        let key = key_of(address.as_str());
        let mut sink = Sink::open(store, &file.name, &key, file.size_bytes).await;
        let total_bytes = file.size_bytes;
        self.inspector.begin(file, total_bytes);
        let checking = |done: u64, bytes: &[u8]| {
            self.meter.note(DownloadStage::Checking, done, total_bytes);
            self.inspector.see(bytes)
        };
        let mut download = sink.resume(&expected, checking)?;
        loop {
            match download.next_step() {
                Step::Wait { wait_ms } => {
                    self.meter.note(DownloadStage::Resting, download.kept_bytes(), download.total_bytes());
                    self.rest(wait_ms).await?;
                }
                step @ (Step::Request { .. } | Step::RequestWhole) => {
                    let (from_bytes, if_range) = match step {
                        Step::Request { from_bytes, if_range } => (Some(from_bytes), if_range),
                        _ => (None, None),
                    };
                    if from_bytes.is_none_or(|from_bytes| from_bytes == 0) {
                        sink.truncate()?;
                    }
                    let outcome =
                        self.request(file, address, from_bytes, if_range, &mut download, &mut sink).await;
                    if let Err(End::Failed(error)) = outcome {
                        sink.discard().await;
                        return Err(End::Failed(error));
                    }
                    outcome?;
                }
                Step::Done { sha256, size_bytes } => {
                    if let Err(error) = self.inspector.end(size_bytes) {
                        sink.discard().await;
                        return Err(error.into());
                    }
                    return Ok((sha256, size_bytes, sink));
                }
                Step::Failed(error) => {
                    let may_go_on = matches!(
                        error,
                        DownloadError::Broken { .. }
                            | DownloadError::Busy { .. }
                            | DownloadError::Status { .. }
                    );
                    if !may_go_on {
                        sink.discard().await;
                    }
                    let mut error = WireError::from(error);
                    error.message = format!("{} from {}: {}.", file.name, address.host(), error.message);
                    return Err(End::Failed(error));
                }
            }
        }
    }

    async fn request(
        &self,
        file: &NewFile,
        address: &Address,
        from_bytes: Option<u64>,
        if_range: Option<String>,
        download: &mut Download,
        sink: &mut Sink<'_>,
    ) -> Result<(), End> {
        let request = Ask {
            address: address.as_str(),
            from_bytes,
            may_cache: false,
            if_range: if_range.as_deref(),
            signal: self.signal,
        };
        let reply = match within(SILENCE_MS, ask(&request)).await.unwrap_or_else(|| Err(SILENT.to_owned())) {
            Ok(reply) => reply,
            Err(_) if self.signal.aborted() => return Err(End::Stopped),
            Err(why) => {
                download.on_break(&why);
                return Ok(());
            }
        };
        if let Err(error) = address.sent_on_to(&reply.address) {
            reply.body.close();
            let message = format!("{} sends on to another place: {error}", address.host());
            return Err(WireError::new(ErrorKind::Network, message).into());
        }
        match download.on_response(&reply.head, Date::now()) {
            Body::Discard => {
                reply.body.close();
                return Ok(());
            }
            Body::Restart => sink.truncate()?,
            Body::Append => {}
        }
        if download.kept_bytes() == 0 {
            self.inspector.restart(download.total_bytes());
        }
        sink.note(download.kept()).await?;
        loop {
            let Some(next) = within(SILENCE_MS, reply.body.next()).await else {
                reply.body.close();
                download.on_break(SILENT);
                return Ok(());
            };
            match next {
                Ok(Some(part)) => {
                    let bytes = part.to_vec();
                    let looked_at = check_start(file, sink, &part).and_then(|()| self.inspector.see(&bytes));
                    download.on_bytes(&bytes);
                    if let Err(error) = looked_at {
                        reply.body.close();
                        // A web page is called one, and not a broken model.
                        return Err(match download.next_step() {
                            Step::Failed(page) => End::Failed(page.into()),
                            _ => End::Failed(error),
                        });
                    }
                    if !download.is_receiving() {
                        reply.body.close();
                        return Ok(());
                    }
                    sink.append(&part)?;
                    self.meter.note(DownloadStage::Receiving, download.kept_bytes(), download.total_bytes());
                }
                Ok(None) => {
                    download.on_end();
                    return Ok(());
                }
                Err(_) if self.signal.aborted() => return Err(End::Stopped),
                Err(why) => {
                    download.on_break(&why);
                    return Ok(());
                }
            }
        }
    }

    async fn rest(&self, wait_ms: u64) -> Result<(), End> {
        let mut left_ms = wait_ms;
        while left_ms > 0 {
            if self.signal.aborted() {
                return Err(End::Stopped);
            }
            let step_ms = left_ms.min(LOOK_EVERY_MS);
            sleep(step_ms).await;
            left_ms -= step_ms;
        }
        Ok(())
    }
}

/// Whether a stored file is there with the bytes that its name says; `see` is given them.
pub(super) async fn is_intact(store: &Store, file: &StoredFile, mut see: impl FnMut(&[u8])) -> bool {
    let Some(there) = store.file(&file.sha256).await else { return false };
    if there.size() as u64 != file.size_bytes {
        return false;
    }
    let Ok(parts) = Parts::of_blob(&there) else { return false };
    let mut hasher = Sha256::new();
    while let Ok(part) = parts.next().await {
        match part {
            Some(part) => {
                let bytes = part.to_vec();
                see(&bytes);
                hasher.update(bytes);
            }
            None => return hex(&hasher.finalize()) == file.sha256,
        }
    }
    false
}

/// A model that does not begin as a model is refused with its first bytes, not after all of them.
fn check_start(file: &NewFile, sink: &Sink<'_>, part: &Uint8Array) -> Result<(), WireError> {
    if sink.length() > 0 {
        return Ok(());
    }
    let start = part.subarray(0, part.length().min(8)).to_vec();
    wrong_start(&file.name, &start).map_or(Ok(()), Err)
}

/// The name of an unfinished file.
fn key_of(origin: &str) -> String {
    hex(&Sha256::digest(origin.as_bytes()))
}
