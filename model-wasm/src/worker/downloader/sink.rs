//! Where the bytes of a file go: to the store, or to memory where that has no room.

use js_sys::{Array, Uint8Array};
use protocol::{ErrorKind, WireError};
use web_sys::File;

use crate::{
    fetch::{Download, Expected, Kept},
    store::{self, Part, PartNote, Store},
};

/// Bytes that are read at once.
const CHUNK_BYTES: usize = 1 << 20;
/// Room that is left to others when a file is stored.
const SPARE_BYTES: u64 = 16 << 20;

/// An unfinished file.
pub(super) struct Sink<'a> {
    place: Place<'a>,
    name: &'a str,
}

enum Place<'a> {
    Disk {
        store: &'a Store,
        part: Part,
    },
    /// Parts of a file, as `Uint8Array`s; the browser may put what is made of them on disk.
    Memory {
        parts: Array,
        length: u64,
    },
}

impl<'a> Sink<'a> {
    /// A place for a file of `size_bytes`, where known. On disk it may hold bytes of an earlier attempt.
    pub(super) async fn open(
        store: Option<&'a Store>,
        name: &'a str,
        key: &str,
        size_bytes: Option<u64>,
    ) -> Self {
        let space = store::space().await;
        let free = space.quota_bytes.zip(space.used_bytes).map(|(quota, used)| quota.saturating_sub(used));
        let memory = Place::Memory { parts: Array::new(), length: 0 };
        let place = match store {
            Some(store) => match store.open_part(key).await {
                Ok(part) => {
                    let wanted = size_bytes.unwrap_or(0).saturating_sub(part.length());
                    if free.is_some_and(|free| wanted + SPARE_BYTES > free) {
                        memory
                    } else {
                        Place::Disk { store, part }
                    }
                }
                Err(_) => memory,
            },
            None => memory,
        };
        Self { place, name }
    }

    /// A download that goes on behind what is there. `read` is told how far reading it is, and given the bytes; what it
    /// refuses is emptied.
    pub(super) fn resume(
        &mut self,
        expected: &Expected,
        mut read: impl FnMut(u64, &[u8]) -> Result<(), WireError>,
    ) -> Result<Download, WireError> {
        let mut download = Download::new(expected.clone());
        let Place::Disk { part, .. } = &mut self.place else { return Ok(download) };
        let PartNote { etag, total_bytes } = part.note().clone();
        download.remember(Kept { etag, total_bytes });
        let mut buffer = vec![0; CHUNK_BYTES];
        while download.kept_bytes() < part.length() {
            let count =
                part.read(download.kept_bytes(), &mut buffer).map_err(|why| refused(self.name, &why))?;
            if count == 0 {
                break;
            }
            download.take_kept(&buffer[..count]);
            if read(download.kept_bytes(), &buffer[..count]).is_err() {
                // It may be of an older file; the host's present one is asked for.
                self.truncate()?;
                return Ok(Download::new(expected.clone()));
            }
        }
        Ok(download)
    }

    /// Appends bytes. When the disk is full the file moves to memory.
    pub(super) fn append(&mut self, bytes: &Uint8Array) -> Result<(), WireError> {
        let why = match &mut self.place {
            Place::Memory { parts, length } => {
                parts.push(bytes);
                *length += u64::from(bytes.length());
                return Ok(());
            }
            Place::Disk { part, .. } => match part.append(&bytes.to_vec()) {
                Ok(()) => return Ok(()),
                Err(why) => why,
            },
        };
        self.move_to_memory().map_err(|_| refused(self.name, &why))?;
        self.append(bytes)
    }

    fn move_to_memory(&mut self) -> Result<(), String> {
        let Place::Disk { part, .. } = &mut self.place else { return Ok(()) };
        let (parts, mut length) = (Array::new(), 0);
        let mut buffer = vec![0; CHUNK_BYTES];
        while length < part.length() {
            let count = part.read(length, &mut buffer)?;
            if count == 0 {
                return Err("stored bytes cannot be read back".to_owned());
            }
            parts.push(&Uint8Array::from(&buffer[..count]));
            length += count as u64;
        }
        part.truncate()?;
        self.place = Place::Memory { parts, length };
        Ok(())
    }

    /// Empties it.
    pub(super) fn truncate(&mut self) -> Result<(), WireError> {
        match &mut self.place {
            Place::Disk { part, .. } if part.length() > 0 => {
                part.truncate().map_err(|why| refused(self.name, &why))
            }
            Place::Disk { .. } => Ok(()),
            Place::Memory { parts, length } => {
                (*parts, *length) = (Array::new(), 0);
                Ok(())
            }
        }
    }

    /// Keeps what a later attempt must know of the bytes that follow.
    pub(super) async fn note(&mut self, kept: Kept) -> Result<(), WireError> {
        let Place::Disk { store, part } = &mut self.place else { return Ok(()) };
        let note = PartNote { etag: kept.etag, total_bytes: kept.total_bytes };
        part.write_note(store, note).await.map_err(|why| refused(self.name, &why))
    }

    /// Bytes that are there.
    pub(super) fn length(&self) -> u64 {
        match &self.place {
            Place::Disk { part, .. } => part.length(),
            Place::Memory { length, .. } => *length,
        }
    }

    /// The file is whole: it gets its name in the store, or comes back.
    pub(super) async fn finish(self, sha256: &str) -> Result<Option<File>, WireError> {
        match self.place {
            Place::Disk { store, part } => {
                store.finish_part(part, sha256).await.map_err(|why| refused(self.name, &why))?;
                Ok(None)
            }
            Place::Memory { parts, .. } => {
                let file = File::new_with_u8_array_sequence(&parts, self.name);
                file.map(Some).map_err(|_| {
                    WireError::new(ErrorKind::OutOfMemory, format!("{} has no room.", self.name))
                })
            }
        }
    }

    /// The bytes are not those of the file.
    pub(super) async fn discard(self) {
        if let Place::Disk { store, part } = self.place {
            // What stays is found unfinished, and can be deleted by hand.
            let _ = store.discard_part(part).await;
        }
    }
}

fn refused(name: &str, why: &str) -> WireError {
    WireError::new(ErrorKind::DamagedStore, format!("{name} cannot be stored: {why}."))
}
