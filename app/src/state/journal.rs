//! The comparison as it is kept in the browser, so that a reload brings it back.

use serde::{Deserialize, Serialize};

use super::Comparison;

const VERSION: u32 = 1;
const MAX_BYTES: usize = 1 << 20;

/// Why a journal cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// More than any comparison takes.
    #[error("it holds {0} bytes, more than any comparison takes")]
    TooLong(usize),
    /// Not what this page writes.
    #[error("it is damaged ({0})")]
    Damaged(String),
    /// Written by a later version of this page.
    #[error("it is of version {0}, which this page does not know")]
    UnknownVersion(u32),
}

#[derive(Serialize, Deserialize)]
struct Entry {
    version: u32,
    comparison: serde_json::Value,
}

/// The journal's text for a comparison.
pub fn write_journal(comparison: &Comparison) -> String {
    serde_json::json!({ "version": VERSION, "comparison": comparison }).to_string()
}

/// The comparison in a journal's text, with every value in range.
///
/// # Errors
/// When the text is too long, damaged, or of another version.
pub fn read_journal(text: &str) -> Result<Comparison, JournalError> {
    if text.len() > MAX_BYTES {
        return Err(JournalError::TooLong(text.len()));
    }
    let damaged = |error: serde_json::Error| JournalError::Damaged(error.to_string());
    let entry: Entry = serde_json::from_str(text).map_err(damaged)?;
    if entry.version != VERSION {
        return Err(JournalError::UnknownVersion(entry.version));
    }
    let comparison: Comparison = serde_json::from_value(entry.comparison).map_err(damaged)?;
    Ok(comparison.clamped())
}

#[cfg(test)]
mod tests {
    use protocol::{ChatFormat, Sampling};

    use super::*;
    use crate::state::FormatChoice;

    #[test]
    fn what_was_written_is_read_back() {
        let comparison = Comparison {
            scenario: "triage".into(),
            input: "Where is my lamp?".into(),
            sampling: Sampling { seed: 7, ..Sampling::default() },
            thinking: true,
            format: Some(FormatChoice { model: "0a".repeat(32), format: ChatFormat::Gemma }),
            lanes: vec![super::super::comparison::new_lane()],
        };
        assert_eq!(read_journal(&write_journal(&comparison)).expect("just written"), comparison);
    }

    #[test]
    fn a_broken_journal_says_how() {
        assert!(matches!(read_journal("{"), Err(JournalError::Damaged(_))));
        assert!(matches!(
            read_journal(r#"{"version":9,"comparison":{}}"#),
            Err(JournalError::UnknownVersion(9))
        ));
        assert!(matches!(read_journal(&" ".repeat(MAX_BYTES + 1)), Err(JournalError::TooLong(_))));
    }
}
