//! What a person reads in the terminal.

/// A line of result.
#[allow(clippy::print_stdout)] // The one place where a command line tool prints.
pub fn line(text: &str) {
    println!("{text}");
}

/// A line of progress, indented under the verb's name as cargo does it.
pub fn progress(doing: &str, what: &str) {
    line(&format!("{doing:>12} {what}"));
}

/// Why the command ends.
pub fn complaint(text: &str) {
    eprintln!("error: {text}");
}
