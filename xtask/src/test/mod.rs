//! `cargo xtask test`.

use anyhow::Result;

/// What `test` was asked for.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The subset for every day.
    pub quick: bool,
    /// Only these steps.
    pub only: Vec<String>,
}

/// Runs the tests.
///
/// # Errors
/// When one fails.
pub fn test(_options: &Options) -> Result<()> {
    Ok(())
}

/// Writes the README's picture.
///
/// # Errors
/// When the page cannot be shown.
pub fn screenshot() -> Result<()> {
    Ok(())
}
