//! Where code departs from its specification, the protocol's page says so too.
//!
//! In code: a comment `Deviation(short-name): what and why`. In `docs/protocols/`: that name.

use super::finding::Finding;
use crate::source::{Tree, comments};

const MARK: &str = "Deviation";
const PAGES: &str = "docs/protocols/";

/// Finds deviations without a name or without a line in the documents.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.rust().filter(|(path, _)| path.starts_with("crates/")) {
        for (index, line) in comments(text).lines().enumerate() {
            let faults = line
                .match_indices(MARK)
                .filter_map(|(at, mark)| find_fault(tree, &line[at + mark.len()..]));
            findings.extend(faults.map(|fault| Finding::on_line(path, index + 1, fault)));
        }
    }
    findings
}

/// Looks at what follows the mark; prose that only uses the word has neither `(` nor `:`.
fn find_fault(tree: &Tree, after: &str) -> Option<String> {
    let named = after
        .strip_prefix('(')
        .and_then(|rest| rest.split_once("):"));
    match named {
        Some((name, _)) if is_name(name) => {
            (!is_listed(tree, name)).then(|| format!("deviation `{name}` is on no page of {PAGES}"))
        }
        Some(_) => Some(malformed()),
        None => after.starts_with(['(', ':']).then(malformed),
    }
}

fn malformed() -> String {
    format!("a deviation is written `{MARK}(short-name): what and why`")
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(is_name_char)
}

fn is_name_char(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'
}

fn is_listed(tree: &Tree, name: &str) -> bool {
    let mut pages = tree.below(PAGES).filter(|(path, _)| path.ends_with(".md"));
    pages.any(|(_, text)| text.split(|c| !is_name_char(c)).any(|word| word == name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::finding::assert_findings;

    #[track_caller]
    fn check_code(text: &str, expected: &[&str]) {
        let page = ("docs/protocols/ilock.md", "| `fresh-sig` | why |");

        assert_findings(
            &check(&Tree::of(&[("crates/dialect-a/src/b.rs", text), page])),
            expected,
        );
    }

    #[test]
    fn a_listed_deviation_is_silent() {
        check_code(
            "/// Deviation(fresh-sig): c\nconst A: &str = \"Deviation: d\"; // Deviations",
            &[],
        );
    }

    #[test]
    fn an_unlisted_or_nameless_deviation_is_found() {
        let found =
            "crates/dialect-a/src/b.rs:1: deviation `fresh` is on no page of docs/protocols/";
        check_code("// Deviation(fresh): c", &[found]);
        let found = "crates/dialect-a/src/b.rs:2: a deviation is written `Deviation(short-name): what and why`";
        check_code("\n// Deviation: c", &[found]);
        check_code("\n// Deviation(Fresh Sig): c", &[found]);
    }
}
