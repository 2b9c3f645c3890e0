//! One run: the corpus, then inputs made at random and from those that led to something new, for
//! some rounds or, as `cargo xtask fuzz` wants it, for some time. Knows no code coverage: new is
//! what a target says it saw.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

use super::corpus;
use super::dice::Dice;

/// How long to run, in seconds; without it, `ROUNDS`.
const SECONDS: &str = "KOUMEN_FUZZ_SECONDS";
/// Where chance begins.
const SEED: &str = "KOUMEN_TEST_SEED";
/// Write the corpus anew, of this many files.
const CORPUS: &str = "KOUMEN_FUZZ_CORPUS";

/// Takes each target well below a second, unoptimised.
const ROUNDS: u64 = 300;
/// Inputs kept to be changed; more would not fit a cache, fewer forget what is rare.
const POOL_MAX: usize = 1000;
/// A corpus file that nobody can read helps nobody.
const CORPUS_BYTES_MAX: usize = 160;

/// What is tried.
pub(crate) struct Target {
    pub(crate) name: &'static str,
    /// A new input.
    pub(crate) make: fn(&mut Dice) -> Vec<u8>,
    /// Panics if a promise is broken; returns what it saw, equal for what is alike.
    pub(crate) play: fn(&[u8]) -> u64,
}

/// Tries a target. An input that breaks a promise is saved in the corpus.
pub(crate) fn run(target: &Target) {
    let seed = find_number(SEED).unwrap_or(1);
    let mut dice = Dice::new(seed);
    if let Some(count) = find_number(CORPUS) {
        write_corpus(target, &mut dice, count);
    }
    let mut seen = HashSet::new();
    let mut pool = Vec::new();
    for (name, input) in corpus::load(target.name) {
        println!("{name}");
        seen.insert((target.play)(&input));
        pool.push(input);
    }
    let clock = Clock::new();
    let mut rounds = 0;
    while !clock.is_over(rounds) {
        rounds += 1;
        let input = next_input(target, &mut dice, &pool);
        if seen.insert(try_input(target, &input)) {
            if pool.len() == POOL_MAX {
                pool.swap_remove(dice.below(POOL_MAX));
            }
            pool.push(input);
        }
    }
    println!(
        "{}: seed {seed}, {rounds} rounds, {} sights",
        target.name,
        seen.len()
    );
}

fn next_input(target: &Target, dice: &mut Dice, pool: &[Vec<u8>]) -> Vec<u8> {
    if pool.is_empty() || dice.below(3) == 0 {
        return (target.make)(dice);
    }
    let mut input = pool[dice.below(pool.len())].clone();
    let other = dice.below(pool.len());
    dice.change(&mut input, &pool[other]);
    input
}

fn try_input(target: &Target, input: &[u8]) -> u64 {
    catch_unwind(AssertUnwindSafe(|| (target.play)(input))).unwrap_or_else(|fault| {
        let name = format!("found-{:016x}", Dice::new(hash(input)).next());
        let path = corpus::save(target.name, &name, input);
        println!("{}: the input is in {}", target.name, path.display());
        resume_unwind(fault)
    })
}

/// The first inputs that each show something new.
fn write_corpus(target: &Target, dice: &mut Dice, count: u64) {
    let mut seen = HashSet::new();
    let mut written = 0;
    while written < count {
        let input = (target.make)(dice);
        if input.len() <= CORPUS_BYTES_MAX && seen.insert(try_input(target, &input)) {
            corpus::save(target.name, &format!("made-{written:02}"), &input);
            written += 1;
        }
    }
}

/// FNV-1a: the same in every release, unlike that of the standard library.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

fn find_number(variable: &str) -> Option<u64> {
    let text = std::env::var_os(variable)?;
    Some(text.to_str()?.parse().expect("a number"))
}

/// When it is enough.
struct Clock {
    start: Instant,
    time: Option<Duration>,
}

impl Clock {
    fn new() -> Clock {
        Clock {
            start: now(),
            time: find_number(SECONDS).map(Duration::from_secs),
        }
    }

    fn is_over(&self, rounds: u64) -> bool {
        match self.time {
            Some(time) => now() - self.start >= time,
            None => rounds >= ROUNDS,
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "only says when a run that was asked for is long enough"
)]
fn now() -> Instant {
    Instant::now()
}
