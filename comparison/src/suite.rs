//! Suites: named lists of cases, read from CSV with an `__expected` column.

use std::collections::BTreeMap;

/// An input with its expected output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Goes into the prompt variant's template.
    pub input: String,
    /// The right answer.
    pub expected: String,
    /// The other columns by name, such as `topic` or `system`.
    pub columns: BTreeMap<String, String>,
}

/// A list of cases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Suite {
    /// In the file's order.
    pub cases: Vec<Case>,
}

/// Why a suite cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// The header lacks a column.
    #[error("the suite has no column {0:?}")]
    MissingColumn(&'static str),
    /// A row cannot be read.
    #[error("row {row} of the suite: {message}")]
    Row {
        /// Counted from 1, the header not counted.
        row: usize,
        /// What is wrong with it.
        message: String,
    },
    /// More rows than a suite may hold.
    #[error("the suite has more than {} rows", Suite::MAX_CASES)]
    TooManyRows,
}

impl Suite {
    /// The most cases a suite may hold.
    pub const MAX_CASES: usize = 10_000;

    /// Reads CSV with a header that names at least `input` and `__expected`.
    ///
    /// # Errors
    /// Names the missing column or the row that cannot be read.
    pub fn from_csv(text: &str) -> Result<Self, SuiteError> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header: Vec<String> = reader
            .headers()
            .map_err(|error| SuiteError::Row { row: 0, message: error.to_string() })?
            .iter()
            .map(|name| name.trim_start_matches('\u{feff}').to_owned())
            .collect();
        for needed in ["input", "__expected"] {
            if !header.iter().any(|name| name == needed) {
                return Err(SuiteError::MissingColumn(needed));
            }
        }
        let mut cases = Vec::new();
        for (index, record) in reader.records().enumerate() {
            if index == Self::MAX_CASES {
                return Err(SuiteError::TooManyRows);
            }
            let record =
                record.map_err(|error| SuiteError::Row { row: index + 1, message: error.to_string() })?;
            let mut columns: BTreeMap<String, String> =
                header.iter().cloned().zip(record.iter().map(str::to_owned)).collect();
            cases.push(Case {
                input: columns.remove("input").unwrap_or_default(),
                expected: columns.remove("__expected").unwrap_or_default(),
                columns,
            });
        }
        Ok(Self { cases })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_quoted_fields_and_keeps_other_columns() {
        let suite = Suite::from_csv("input,__expected,topic\n\"a, \"\"b\"\"\nc\",\"{\"\"x\"\":1}\",lamp\n")
            .expect("well formed");
        assert_eq!(suite.cases.len(), 1);
        assert_eq!(suite.cases[0].input, "a, \"b\"\nc");
        assert_eq!(suite.cases[0].expected, r#"{"x":1}"#);
        assert_eq!(suite.cases[0].columns["topic"], "lamp");
    }

    #[test]
    fn says_what_is_wrong() {
        let missing = Suite::from_csv("input,answer\na,b\n").expect_err("no expected column");
        assert_eq!(missing.to_string(), "the suite has no column \"__expected\"");
        let ragged = Suite::from_csv("input,__expected\na,b\nc\n").expect_err("a short row");
        assert!(ragged.to_string().starts_with("row 2 of the suite"), "{ragged}");
    }
}
