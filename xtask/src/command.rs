//! Running other programs.

use std::{
    io::ErrorKind,
    process::{Command, Output, Stdio},
};

use anyhow::{Context, Result, anyhow, bail};

/// Runs a command that talks to the person itself.
///
/// # Errors
/// When it cannot be started or does not succeed.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|error| cannot_start(command, &error))?;
    if !status.success() {
        bail!("`{}` did not succeed", in_words(command));
    }
    Ok(())
}

/// Runs a command for what it writes on standard output; its complaints become the error.
///
/// # Errors
/// When it cannot be started, does not succeed, or writes something else than text.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let output = output(command)?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` did not succeed: {}", in_words(command), last_line(&complaint));
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{}` wrote no text", in_words(command)))
}

/// Runs a command without showing anything, and says whether it succeeded.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    output(command).is_ok_and(|output| output.status.success())
}

fn output(command: &mut Command) -> Result<Output> {
    command.stdin(Stdio::null()).output().map_err(|error| cannot_start(command, &error))
}

fn cannot_start(command: &Command, error: &std::io::Error) -> anyhow::Error {
    let program = command.get_program().to_string_lossy();
    match error.kind() {
        ErrorKind::NotFound => anyhow!("`{program}` is not installed"),
        _ => anyhow!("`{program}` cannot be started: {error}"),
    }
}

/// The command as a person would type it.
pub(crate) fn in_words(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

fn last_line(text: &str) -> &str {
    text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("it did not say why")
}
