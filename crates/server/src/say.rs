//! What a command tells the person who ran it. Logs are for the operator, this is for the terminal.

/// A line of result.
#[expect(clippy::print_stdout, reason = "the one place where commands print")]
pub(crate) fn line(text: &str) {
    println!("{text}");
}

/// Why a command failed, with its causes.
#[expect(clippy::print_stderr, reason = "the one place where commands print")]
pub(crate) fn error(error: &anyhow::Error) {
    eprintln!("koumen: {error:#}");
}
