//! Running other programs.
//!
//! A step prints its whole command line first and fails with it; a probe prints nothing.

use crate::say;
use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Prepares `program` with `arguments`, to be started in `folder`.
pub(crate) fn command<S: AsRef<OsStr>>(
    folder: &Path,
    program: impl AsRef<OsStr>,
    arguments: impl IntoIterator<Item = S>,
) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder);
    command
}

/// Runs one step on the terminal; a command that does not succeed is an error that names it.
pub(crate) fn step(mut command: Command) -> Result<()> {
    let shown = shown(&command);
    say::step(&shown);
    let status = command
        .status()
        .with_context(|| format!("`{shown}` could not be started"))?;
    if !status.success() {
        bail!("`{shown}` failed: {status}");
    }
    Ok(())
}

/// Runs a command quietly and hands back what it wrote and how it ended.
pub(crate) fn output(command: &mut Command) -> Result<Output> {
    let shown = shown(command);
    command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("`{shown}` could not be started"))
}

/// Runs a command quietly; its trimmed standard output if it succeeded.
pub(crate) fn find_answer(command: &mut Command) -> Option<String> {
    let output = output(command)
        .ok()
        .filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The command line as one would type it, with the environment that is set for it.
pub(crate) fn shown(command: &Command) -> String {
    let settings = command
        .get_envs()
        .filter_map(|(key, value)| Some(format!("{}={}", key.to_string_lossy(), quoted(value?))));
    let program = std::iter::once(quoted(command.get_program()));
    let arguments = command.get_args().map(quoted);
    settings
        .chain(program)
        .chain(arguments)
        .collect::<Vec<_>>()
        .join(" ")
}

fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    if word.is_empty() || word.contains([' ', '"', '\'', ';', '(']) {
        format!("'{}'", word.replace('\'', r"'\''"))
    } else {
        word.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_step_names_its_command_and_exit_code() {
        let failing = command(Path::new("."), "sh", ["-c", "exit 3"]);

        let failure = step(failing).unwrap_err().to_string();

        assert_eq!(failure, "`sh -c 'exit 3'` failed: exit status: 3");
    }

    #[test]
    fn a_missing_program_is_named() {
        let missing = command(Path::new("."), "no-such-program-here", ["x"]);

        let failure = step(missing).unwrap_err().to_string();

        assert_eq!(failure, "`no-such-program-here x` could not be started");
    }

    #[test]
    fn settings_are_shown_before_the_program() {
        let mut doc = command(Path::new("."), "cargo", ["doc"]);
        doc.env("RUSTDOCFLAGS", "-D warnings");

        assert_eq!(shown(&doc), "RUSTDOCFLAGS='-D warnings' cargo doc");
    }
}
