//! How long a file may grow; the length of functions is Clippy's affair.
//!
//! A test module that closes a file does not count. An exception falls as soon as its file is
//! short enough.

use super::finding::Finding;
use crate::source::{Tree, test_start, tokens};

const FILE_LINES_MAX: usize = 600;
const TEST_FILE_LINES_MAX: usize = 900;
const MAIN_LINES_MAX: usize = 60;

/// Files that are too long today. This list may only shrink.
const EXCEPTIONS: &[&str] = &[];

/// Finds files that are too long.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    check_except(tree, EXCEPTIONS)
}

fn check_except(tree: &Tree, exceptions: &[&str]) -> Vec<Finding> {
    let too_long: Vec<(&str, String)> = tree
        .rust()
        .filter_map(|(path, text)| Some((path, find_excess(path, text)?)))
        .collect();
    let unexpected = too_long
        .iter()
        .filter(|(path, _)| !exceptions.contains(path));
    let outdated = exceptions
        .iter()
        .filter(|path| !too_long.iter().any(|(long, _)| long == *path));
    unexpected
        .map(|(path, excess)| Finding::in_file(path, excess))
        .chain(outdated.map(|path| {
            Finding::in_file(
                path,
                "is short enough: take it off the exceptions of tidy::sizes",
            )
        }))
        .collect()
}

fn find_excess(path: &str, text: &str) -> Option<String> {
    let (lines, max) = if is_test(path) {
        (text.lines().count(), TEST_FILE_LINES_MAX)
    } else if path.ends_with("src/main.rs") {
        (lines_without_tests(text), MAIN_LINES_MAX)
    } else {
        (lines_without_tests(text), FILE_LINES_MAX)
    };
    (lines > max).then(|| format!("{lines} lines, at most {max}: split by noun or by step"))
}

fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/")
}

fn lines_without_tests(text: &str) -> usize {
    test_start(&tokens(text)).map_or_else(|| text.lines().count(), |line| line - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::finding::assert_findings;

    #[track_caller]
    fn check_file(path: &str, text: &str, expected: &[&str]) {
        assert_findings(&check(&Tree::of(&[(path, text)])), expected);
    }

    #[test]
    fn a_long_file_is_found() {
        let text = "fn a() {}\n".repeat(601);

        let found = "crates/a/src/b.rs: 601 lines, at most 600: split by noun or by step";
        check_file("crates/a/src/b.rs", &text, &[found]);
        check_file("crates/a/src/tests.rs", &text, &[]);
        check_file("crates/a/tests/it/b.rs", &text, &[]);
    }

    #[test]
    fn tests_at_the_end_do_not_count() {
        let tests = format!(
            "#[cfg(test)]\nmod tests {{\n{}}}\n",
            "fn a() {}\n".repeat(700)
        );

        check_file("crates/a/src/b.rs", &tests, &[]);
        let found = "crates/a/src/b.rs: 704 lines, at most 600: split by noun or by step";
        check_file("crates/a/src/b.rs", &(tests + "fn b() {}\n"), &[found]);
    }

    #[test]
    fn tests_and_start_files_have_their_own_limit() {
        let found = "crates/a/tests/b.rs: 901 lines, at most 900: split by noun or by step";
        check_file("crates/a/tests/b.rs", &"\n".repeat(901), &[found]);
        let found = "crates/a/src/main.rs: 61 lines, at most 60: split by noun or by step";
        check_file("crates/a/src/main.rs", &"\n".repeat(61), &[found]);
    }

    #[test]
    fn an_exception_lasts_only_while_it_is_needed() {
        let tree = Tree::of(&[
            ("crates/a/src/main.rs", &"\n".repeat(61)),
            ("xtask/src/b.rs", ""),
        ]);

        let findings = check_except(&tree, &["crates/a/src/main.rs", "xtask/src/b.rs"]);

        let found = "xtask/src/b.rs: is short enough: take it off the exceptions of tidy::sizes";
        assert_findings(&findings, &[found]);
    }
}
