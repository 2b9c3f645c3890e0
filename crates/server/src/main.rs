//! `koumen`: a self-hosted video-intercom and door-access platform.
//!
//! Parses the command, runs it, turns the result into an exit code. Where to read on:
//! `command/` has one file per command, `house.rs` is start and stop as a list.

mod say;
mod listen;
mod config;
mod machine;
mod edge;
mod listeners;
mod writers;
mod post;
mod boxes;
mod alarming;
mod world;
mod house;
mod command;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match command::run(command::Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say::error(&error);
            ExitCode::FAILURE
        }
    }
}
