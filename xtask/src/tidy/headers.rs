//! Every Rust file says in its first lines what it is for.
//!
//! Inner attributes may stand above the header, nothing else.

use super::finding::Finding;
use crate::source::Tree;

/// Finds files without a header.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let bare = tree.rust().filter(|(_, text)| !has_header(text));
    bare.map(|(path, _)| Finding::in_file(path, "starts without a `//!` header"))
        .collect()
}

fn has_header(text: &str) -> bool {
    let mut rest = text.trim_start();
    while rest.starts_with("#![") {
        rest = rest
            .split_once("]\n")
            .map_or("", |(_, after)| after.trim_start());
    }
    let first = rest.lines().next().unwrap_or_default();
    first
        .strip_prefix("//!")
        .is_some_and(|said| !said.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::finding::assert_findings;

    #[track_caller]
    fn check_file(text: &str, expected: &[&str]) {
        assert_findings(
            &check(&Tree::of(&[("crates/a/tests/b.rs", text)])),
            expected,
        );
    }

    #[test]
    fn a_header_may_follow_attributes() {
        check_file("//! What it is.\n", &[]);
        check_file(
            "#![forbid(unsafe_code)]\n#![expect(\n    a,\n    reason = \"[b]\"\n)]\n\n//! C.\n",
            &[],
        );
    }

    #[test]
    fn a_missing_or_empty_header_is_found() {
        let found = "crates/a/tests/b.rs: starts without a `//!` header";
        check_file("", &[found]);
        check_file("//!\nfn a() {}", &[found]);
        check_file("// What it is.\n//! More.", &[found]);
        check_file("use a;\n//! What it is.", &[found]);
    }
}
