//! Automation of the workspace, run as `cargo xtask <task>`.
//!
//! Parses the command, runs the task and turns its result into an exit code; nothing else.

mod say;
mod program;
mod workspace;
mod source;
mod tidy;
mod setup;
mod task;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    match task::run(task::Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say::failure(&format!("{failure:#}"));
            ExitCode::FAILURE
        }
    }
}
