//! One run: the corpus, then inputs made at random and from those that led to something new, for
//! some rounds or, as `cargo xtask fuzz` wants it, for some time. Knows no code coverage: new is
//! what a target says it saw.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

use super::chance::Chance;
use super::corpus;
use super::target::Target;
use crate::rounds::find_number;

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

/// Tries a target. An input that breaks a promise is saved in the corpus.
#[expect(clippy::print_stdout, reason = "what was tried is the evidence")]
pub fn run(target: &Target) {
    let seed = find_number(SEED).unwrap_or(1);
    let mut chance = Chance::new(seed);
    if let Some(count) = find_number(CORPUS) {
        write_corpus(target, &mut chance, count);
    }
    let mut seen = HashSet::new();
    let mut pool = Vec::new();
    for (name, input) in corpus::load(target) {
        println!("{name}");
        seen.insert((target.play)(&input));
        pool.push(input);
    }
    let clock = Clock::new();
    let mut rounds = 0;
    while !clock.is_over(rounds) {
        rounds += 1;
        let input = next_input(target, &mut chance, &pool);
        if seen.insert(try_input(target, &input)) {
            if pool.len() == POOL_MAX {
                pool.swap_remove(chance.below(POOL_MAX));
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

fn next_input(target: &Target, chance: &mut Chance, pool: &[Vec<u8>]) -> Vec<u8> {
    if pool.is_empty() || chance.below(3) == 0 {
        return (target.make)(chance);
    }
    let mut input = pool[chance.below(pool.len())].clone();
    let other = chance.below(pool.len());
    chance.change(&mut input, &pool[other]);
    input
}

#[expect(clippy::print_stdout, reason = "says where the input is")]
fn try_input(target: &Target, input: &[u8]) -> u64 {
    catch_unwind(AssertUnwindSafe(|| (target.play)(input))).unwrap_or_else(|fault| {
        let name = format!("found-{:016x}", Chance::new(hash(input)).number());
        let path = corpus::save(target, &name, input);
        println!("{}: the input is in {}", target.name, path.display());
        resume_unwind(fault)
    })
}

/// The first inputs that each show something new.
fn write_corpus(target: &Target, chance: &mut Chance, count: u64) {
    let mut seen = HashSet::new();
    let mut written = 0;
    while written < count {
        let input = (target.make)(chance);
        if input.len() <= CORPUS_BYTES_MAX && seen.insert(try_input(target, &input)) {
            corpus::save(target, &format!("made-{written:02}"), &input);
            written += 1;
        }
    }
}

/// FNV-1a: the same in every release, unlike that of the standard library.
pub fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3)
    })
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
