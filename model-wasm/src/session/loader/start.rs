//! A file's header out of its first bytes, however they are cut.

use crate::gguf::{GgufError, Header, limits};

/// Bytes that are waited for before the header is tried the first time.
pub(super) const FIRST_TRY: usize = 1 << 16;

/// The first bytes of a file.
pub(super) struct Start {
    bytes: Vec<u8>,
    /// The length at which they are tried.
    try_at: usize,
}

impl Default for Start {
    fn default() -> Self {
        Self { bytes: Vec::new(), try_at: FIRST_TRY }
    }
}

impl Start {
    /// Takes the next bytes of a file of `file_bytes`. Gives the header once it is whole, with all bytes that came.
    ///
    /// # Errors
    /// When the header is damaged, or the file ends in it.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        file_bytes: u64,
    ) -> Result<Option<(Header, Vec<u8>)>, GgufError> {
        // Room for what is waited for and no more, where a vector would double.
        self.bytes.reserve_exact(self.try_at.saturating_sub(self.bytes.len()).max(bytes.len()));
        self.bytes.extend_from_slice(bytes);
        let is_part = (self.bytes.len() as u64) < file_bytes;
        if self.bytes.len() < self.try_at && is_part {
            return Ok(None);
        }
        match Header::parse_start(&self.bytes, file_bytes) {
            Err(GgufError::Truncated { .. }) if is_part => {
                // A header is refused before it is longer than that, so no more is ever kept.
                self.try_at = (2 * self.bytes.len()).min(limits::HEADER_BYTES as usize);
                Ok(None)
            }
            header => Ok(Some((header?, std::mem::take(&mut self.bytes)))),
        }
    }

    /// The file has ended. Gives what [`Self::push`] gives.
    ///
    /// # Errors
    /// When the header is damaged, or the file ends in it.
    pub(super) fn end(&mut self, file_bytes: u64) -> Result<(Header, Vec<u8>), GgufError> {
        Ok((Header::parse_start(&self.bytes, file_bytes)?, std::mem::take(&mut self.bytes)))
    }
}
