//! The comparison as it is kept in the browser, so that a reload brings it back; and those that were put aside for it.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{Comparison, PutAside};

const VERSION: u32 = 1;
/// Two of them have room in what browsers give a page.
const MAX_BYTES: usize = 2 << 20;

/// Why a journal cannot be written, or cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// More than any comparison takes.
    #[error("it takes {} KiB, and there is room for {}", .0.div_ceil(1024), MAX_BYTES / 1024)]
    TooLong(usize),
    /// Not what this page writes.
    #[error("it is damaged ({0})")]
    Damaged(String),
    /// Written by a later version of this page.
    #[error("it is of version {0}, which this page does not know")]
    UnknownVersion(u32),
    /// Of another scenario than it is kept for.
    #[error("it is about the scenario {0:?}")]
    OtherScenario(String),
}

#[derive(Serialize, Deserialize)]
struct Entry {
    version: u32,
    kept: serde_json::Value,
}

/// The journal's text for a comparison.
///
/// # Errors
/// When it would be too long to be read back.
pub fn write_journal(comparison: &Comparison) -> Result<String, JournalError> {
    write(comparison)
}

/// The comparison in the journal's text of a scenario, with every value in range.
///
/// # Errors
/// When the text is too long, damaged, of another version, or of another scenario.
pub fn read_journal(text: &str, scenario: &str) -> Result<Comparison, JournalError> {
    in_range(read(text)?, scenario)
}

/// The text for what was put aside; where there is no room for all, the oldest are left out.
///
/// # Errors
/// When not even the last one has room.
pub fn write_aside(aside: &[PutAside]) -> Result<String, JournalError> {
    let last = aside.len().saturating_sub(1);
    (0..last).find_map(|oldest| write(&aside[oldest..]).ok()).map_or_else(|| write(&aside[last..]), Ok)
}

/// What was put aside, for a scenario.
///
/// # Errors
/// As [`read_journal`].
pub fn read_aside(text: &str, scenario: &str) -> Result<Vec<PutAside>, JournalError> {
    let in_range = |mut aside: PutAside| {
        aside.comparison = in_range(aside.comparison, scenario)?;
        aside.in_its_place = aside.in_its_place.clamped();
        Ok(aside)
    };
    read::<Vec<PutAside>>(text)?.into_iter().map(in_range).collect()
}

fn write(kept: &(impl Serialize + ?Sized)) -> Result<String, JournalError> {
    let text = serde_json::json!({ "version": VERSION, "kept": kept }).to_string();
    if text.len() > MAX_BYTES { Err(JournalError::TooLong(text.len())) } else { Ok(text) }
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, JournalError> {
    if text.len() > MAX_BYTES {
        return Err(JournalError::TooLong(text.len()));
    }
    let damaged = |error: serde_json::Error| JournalError::Damaged(error.to_string());
    let entry: Entry = serde_json::from_str(text).map_err(damaged)?;
    if entry.version != VERSION {
        return Err(JournalError::UnknownVersion(entry.version));
    }
    serde_json::from_value(entry.kept).map_err(damaged)
}

fn in_range(comparison: Comparison, scenario: &str) -> Result<Comparison, JournalError> {
    if comparison.scenario != scenario {
        return Err(JournalError::OtherScenario(comparison.scenario));
    }
    Ok(comparison.clamped())
}

#[cfg(test)]
mod tests {
    use protocol::{ChatFormat, Sampling};

    use super::*;
    use crate::state::{
        FormatChoice, Instead, MAX_EXAMPLES, MAX_LANES, MAX_NAME, MAX_TEXT, comparison::new_lane,
    };

    fn comparison() -> Comparison {
        Comparison {
            scenario: "triage".into(),
            input: "Where is my lamp?".into(),
            sampling: Sampling { seed: 7, ..Sampling::default() },
            thinking: true,
            format: Some(FormatChoice { model: "0a".repeat(32), format: ChatFormat::Gemma }),
            made_with: None,
            lanes: vec![new_lane()],
        }
    }

    fn aside(input: &str) -> PutAside {
        let comparison = Comparison { input: input.into(), ..self::comparison() };
        PutAside { comparison, states: Vec::new(), instead: Instead::Link, in_its_place: self::comparison() }
    }

    #[test]
    fn what_was_written_is_read_back() {
        let text = write_journal(&comparison()).expect("it is short");
        assert_eq!(read_journal(&text, "triage").expect("just written"), comparison());
        let aside = vec![aside("one"), aside("two")];
        let text = write_aside(&aside).expect("it is short");
        assert_eq!(read_aside(&text, "triage").expect("just written"), aside);
    }

    #[test]
    fn what_the_page_lets_people_write_comes_back_whole() {
        let mut long = comparison();
        long.input = "é".repeat(MAX_TEXT);
        long.lanes = vec![new_lane(); MAX_LANES];
        long.lanes[0].name = "é".repeat(MAX_NAME);
        long.lanes[0].prompt.system = "漢".repeat(25_000);
        long.lanes[0].prompt.examples = vec![comparison::Example::default(); MAX_EXAMPLES];
        let text = write_journal(&long).expect("there is room");
        assert_eq!(read_journal(&text, "triage").expect("just written"), long);
    }

    #[test]
    fn what_could_not_be_read_back_is_not_written() {
        let mut long = comparison();
        long.lanes = vec![new_lane(); MAX_LANES];
        for lane in &mut long.lanes {
            (lane.prompt.system, lane.prompt.template) = ("漢".repeat(MAX_TEXT), "漢".repeat(MAX_TEXT));
        }
        assert!(matches!(write_journal(&long), Err(JournalError::TooLong(_))));
        let too_long = PutAside { comparison: long, ..aside("") };
        let text = write_aside(&[too_long.clone(), aside("one")]).expect("the last one has room");
        assert_eq!(read_aside(&text, "triage").expect("just written"), [aside("one")]);
        assert!(write_aside(&[aside("one"), too_long]).is_err());
    }

    #[test]
    fn a_broken_journal_says_how() {
        let read = |text: &str| read_journal(text, "triage");
        assert!(matches!(read("{"), Err(JournalError::Damaged(_))));
        assert!(matches!(read(r#"{"version":9,"kept":{}}"#), Err(JournalError::UnknownVersion(9))));
        assert!(matches!(read(&" ".repeat(MAX_BYTES + 1)), Err(JournalError::TooLong(_))));
        let text = write_journal(&comparison()).expect("it is short");
        assert!(matches!(read_journal(&text, "other"), Err(JournalError::OtherScenario(_))));
    }
}
