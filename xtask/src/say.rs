//! The only place of xtask that prints.
//!
//! Steps and results go to standard output, failures to standard error.

/// Announces a step before it starts.
pub(crate) fn step(text: &str) {
    line(&format!("==> {text}"));
}

/// Prints one line as it is.
#[expect(clippy::print_stdout, reason = "xtask talks to a person at a terminal")]
pub(crate) fn line(text: &str) {
    println!("{text}");
}

/// Prints why the task stopped.
#[expect(clippy::print_stderr, reason = "xtask talks to a person at a terminal")]
pub(crate) fn failure(text: &str) {
    eprintln!("xtask: {text}");
}
