//! How often a test repeats itself: few times at every run, many in a soak.

/// The number in the environment variable `name`, or `otherwise` without one.
///
/// # Panics
///
/// If the variable holds something else than a number: a soak of the wrong length proves nothing.
pub fn rounds(name: &str, otherwise: u64) -> u64 {
    find_number(name).unwrap_or(otherwise)
}

#[expect(clippy::disallowed_methods, reason = "tests have no configuration")]
#[expect(clippy::panic, reason = "tests fail by panicking")]
pub(crate) fn find_number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    match text.parse() {
        Ok(number) => Some(number),
        Err(_) => panic!("{name} must be a number and is {text:?}"),
    }
}
