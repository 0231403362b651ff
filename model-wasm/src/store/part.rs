//! A file that is being written, with what a later attempt must know of it.

use serde::{Deserialize, Serialize};
use web_sys::{FileSystemReadWriteOptions, FileSystemSyncAccessHandle};

use super::{folder::Folder, text_of};

/// What is known of an unfinished file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PartNote {
    /// The strong entity tag of its bytes.
    pub(crate) etag: Option<String>,
    /// The whole file's size.
    pub(crate) total_bytes: Option<u64>,
}

/// An unfinished file, open for writing at its end.
pub(crate) struct Part {
    key: String,
    handle: FileSystemSyncAccessHandle,
    length: u64,
    note: PartNote,
}

impl Part {
    pub(super) async fn open(folder: &Folder, key: &str) -> Result<Self, String> {
        let note = folder.text(&note(key)).await.and_then(|text| serde_json::from_str(&text).ok());
        let handle = folder.open(&data(key)).await?;
        let length = handle.get_size().map_err(|error| text_of(&error))? as u64;
        let mut part = Self { key: key.to_owned(), handle, length, note: PartNote::default() };
        match note {
            Some(note) => part.note = note,
            // Bytes that nothing is known of are worth nothing.
            None => part.truncate()?,
        }
        Ok(part)
    }

    /// Bytes that are there.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// What is known of it.
    pub(crate) fn note(&self) -> &PartNote {
        &self.note
    }

    /// Keeps what is known of it for a later attempt.
    ///
    /// # Errors
    /// When there is no room.
    pub(crate) async fn write_note(&mut self, store: &super::Store, note: PartNote) -> Result<(), String> {
        if self.note != note || self.length == 0 {
            let text = serde_json::to_string(&note).map_err(|error| error.to_string())?;
            store.parts.write(&self::note(&self.key), text.as_bytes()).await?;
            self.note = note;
        }
        Ok(())
    }

    /// Reads from `at_bytes` on into `buffer`, and says how much.
    ///
    /// # Errors
    /// When the browser refuses.
    pub(crate) fn read(&self, at_bytes: u64, buffer: &mut [u8]) -> Result<usize, String> {
        let read = self.handle.read_with_u8_array_and_options(buffer, &at(at_bytes));
        read.map(|count| count as usize).map_err(|error| text_of(&error))
    }

    /// Writes at the end.
    ///
    /// # Errors
    /// When there is no room.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<(), String> {
        let written = self.handle.write_with_u8_array_and_options(bytes, &at(self.length));
        let written = written.map_err(|error| text_of(&error))? as usize;
        if written != bytes.len() {
            return Err(format!("only {written} of {} bytes could be written", bytes.len()));
        }
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Empties it.
    ///
    /// # Errors
    /// When the browser refuses.
    pub(crate) fn truncate(&mut self) -> Result<(), String> {
        self.handle.truncate_with_f64(0.0).map_err(|error| text_of(&error))?;
        self.length = 0;
        Ok(())
    }

    /// Closes it and gives its key.
    pub(super) fn close(mut self) -> String {
        std::mem::take(&mut self.key)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // What cannot be flushed is missing at the end of the file, and is fetched again.
        let _ = self.handle.flush();
        self.handle.close();
    }
}

fn at(bytes: u64) -> FileSystemReadWriteOptions {
    let options = FileSystemReadWriteOptions::new();
    options.set_at(bytes as f64);
    options
}

pub(super) fn data(key: &str) -> String {
    format!("{key}.part")
}

pub(super) fn note(key: &str) -> String {
    format!("{key}.json")
}
