//! `cargo xtask fuzz`: random bytes against what strangers reach, for as long as asked: the broker's
//! decoder and its core, the decoders of devices' own protocols.
//!
//! The generator is ours (`crates/testkit/src/fuzz`): it keeps and changes what led to something
//! new, by what a target saw, not by the code that ran.

use crate::program::{self, command};
use crate::say;
use crate::workspace::root;
use anyhow::Result;
use clap::{Args, ValueEnum};

pub(super) const EXAMPLES: &str = "\
Examples:
  cargo xtask fuzz                         five minutes for each target
  cargo xtask fuzz --target core --minutes 60 --seed 4711
  cargo xtask fuzz --corpus 24 --minutes 0 writes the made corpus anew

An input that breaks a promise is saved in tests/corpus of the crate that broke it, where every test
run replays it: keep it once the fault is mended.";

/// What to try, and for how long.
#[derive(Args)]
pub(super) struct Fuzz {
    /// Without it, one after the other
    #[arg(long, value_enum)]
    target: Option<Target>,
    /// For each target
    #[arg(long, value_name = "NUMBER", default_value_t = 5)]
    minutes: u64,
    /// Where chance begins; printed by every run
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// First write this many files of the corpus anew
    #[arg(long, value_name = "NUMBER")]
    corpus: Option<u64>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Target {
    /// Bytes of strangers to packets
    Decoder,
    /// Any clients, over a journal, with crashes
    Core,
    /// Bytes of strangers to messages of the TCP boxes (S3)
    Smartbox,
}

impl Target {
    /// Where its test is, and which one it is.
    fn test(self) -> [&'static str; 4] {
        match self {
            Self::Decoder => [
                "broker",
                "--lib",
                "--",
                "wire::fuzz::any_bytes_in_any_pieces_are_decoded_or_refused",
            ],
            Self::Core => [
                "broker",
                "--lib",
                "--",
                "core::tests::fuzz::the_books_are_right_whatever_clients_do",
            ],
            Self::Smartbox => [
                "dialect-smartbox",
                "--test=wire",
                "--",
                "fuzz::any_bytes_in_any_pieces_are_read_or_refused",
            ],
        }
    }
}

/// Stops at the first target that fails.
pub(super) fn run(fuzz: &Fuzz) -> Result<()> {
    let one = fuzz.target.as_ref();
    for target in one.map_or(Target::value_variants(), std::slice::from_ref) {
        program::step(test(fuzz, *target))?;
    }
    say::step("fuzz passed");
    Ok(())
}

/// Not optimised: fast enough, with the checks of arithmetic that a release leaves out, and what
/// `cargo xtask test` has built.
fn test(fuzz: &Fuzz, target: Target) -> std::process::Command {
    let mut test = command(&root(), "cargo", ["test", "-p"]);
    test.args(target.test()).args(["--nocapture", "--exact"]);
    test.env("KOUMEN_FUZZ_SECONDS", (fuzz.minutes * 60).to_string());
    test.env("KOUMEN_TEST_SEED", fuzz.seed.to_string());
    if let Some(count) = fuzz.corpus {
        test.env("KOUMEN_FUZZ_CORPUS", count.to_string());
    }
    test
}
