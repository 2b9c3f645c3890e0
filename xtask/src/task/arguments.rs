//! The command line: which task, with which arguments.

use super::{check, fuzz, soak, test, tidy};
use anyhow::Result;
use clap::{Parser, Subcommand};

const EXAMPLES: &str = "\
Examples:
  cargo xtask check                        format, clippy, docs, dependencies
  cargo xtask test                         everything that proves it works
  cargo xtask test -- --test it            only the integration tests
  cargo xtask test -- -- --nocapture       show what the tests print
  cargo xtask ci                           what must pass before a merge
  cargo xtask soak                         a thousand kills, thousands of power cuts
  cargo xtask fuzz                         random bytes against what strangers reach
  cargo xtask tidy                         list every broken house rule

Tools, the tests' Python and their Node packages are kept below target/tools.";

/// Automation of the Koumen workspace.
///
/// Each task says every step before it runs it and stops at the first that fails.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Format, clippy, documentation and dependency rules; runs no test
    Check,
    /// Every test of the workspace, after setting up what they need
    Test {
        /// Handed to `cargo test --workspace`; a second `--` hands on to the test programs
        #[arg(last = true)]
        extra: Vec<String>,
    },
    /// First `check`, then `test`
    Ci,
    /// Kills and power cuts in their thousands, until something acknowledged is lost
    #[command(after_help = soak::EXAMPLES)]
    Soak(soak::Soak),
    /// Random bytes against what strangers reach, for as long as you like
    #[command(after_help = fuzz::EXAMPLES)]
    Fuzz(fuzz::Fuzz),
    /// The house rules alone, with all findings; `test` runs them too
    Tidy,
}

/// Runs the chosen task.
pub(crate) fn run(arguments: Arguments) -> Result<()> {
    match arguments.task {
        Task::Check => check::run(),
        Task::Test { extra } => test::run(&extra),
        Task::Ci => check::run().and_then(|()| test::run(&[])),
        Task::Soak(soak) => soak::run(&soak),
        Task::Fuzz(fuzz) => fuzz::run(&fuzz),
        Task::Tidy => tidy::run(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn what_follows_two_dashes_is_handed_on() {
        let words = [
            "cargo xtask",
            "test",
            "--",
            "--test",
            "it",
            "--",
            "--nocapture",
        ];

        let parsed = Arguments::try_parse_from(words).unwrap_or_else(|fault| panic!("{fault}"));

        let Task::Test { extra } = parsed.task else {
            panic!("not the test task")
        };
        assert_eq!(extra, ["--test", "it", "--", "--nocapture"]);
    }
}
