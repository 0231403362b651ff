//! A reader over the file's bytes that never reads past the end, nor past what a header may take, and knows what it was
//! reading.

use super::{GgufError, limits};

pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    position: usize,
    /// What may be read now, and how far.
    section: (&'static str, u64),
    /// Bytes that the values take in memory that were read.
    decoded: u64,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let section = ("the size of the metadata", limits::METADATA_BYTES);
        Self { bytes, position: 0, section, decoded: 0 }
    }

    /// The tensor table comes next.
    pub(super) fn begin_table(&mut self) {
        self.section = ("the size of the header", limits::HEADER_BYTES);
    }

    /// Counts bytes that values take in memory, before they take them.
    pub(super) fn decode(&mut self, bytes: u64) -> Result<(), GgufError> {
        self.decoded = self.decoded.saturating_add(bytes);
        within("the size of the header in memory", self.decoded, limits::DECODED_BYTES)
    }

    pub(super) fn position(&self) -> usize {
        self.position
    }

    pub(super) fn take(&mut self, length: u64, what: &str) -> Result<&'a [u8], GgufError> {
        let truncated = || GgufError::Truncated { what: what.to_owned() };
        let length = usize::try_from(length).map_err(|_| truncated())?;
        let end = self.position.checked_add(length).ok_or_else(truncated)?;
        let (section, limit) = self.section;
        within(section, end as u64, limit)?;
        let taken = self.bytes.get(self.position..end).ok_or_else(truncated)?;
        self.position = end;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self, what: &str) -> Result<[u8; N], GgufError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N as u64, what)?);
        Ok(array)
    }

    pub(super) fn u32(&mut self, what: &str) -> Result<u32, GgufError> {
        Ok(u32::from_le_bytes(self.array(what)?))
    }

    pub(super) fn u64(&mut self, what: &str) -> Result<u64, GgufError> {
        Ok(u64::from_le_bytes(self.array(what)?))
    }

    /// A 64-bit count that must not be above `limit`.
    pub(super) fn count(&mut self, limit: u64, what: &str) -> Result<u64, GgufError> {
        let got = self.u64(what)?;
        within(what, got, limit)?;
        Ok(got)
    }

    pub(super) fn text(&mut self, limit: u64, what: &str) -> Result<&'a str, GgufError> {
        let length = self.count(limit, &format!("the length of {what}"))?;
        self.decode(length)?;
        let bytes = self.take(length, what)?;
        std::str::from_utf8(bytes).map_err(|_| GgufError::NotUtf8 { what: what.to_owned() })
    }
}

fn within(what: &str, got: u64, limit: u64) -> Result<(), GgufError> {
    if got > limit {
        return Err(GgufError::TooLarge { what: what.to_owned(), got, limit });
    }
    Ok(())
}
