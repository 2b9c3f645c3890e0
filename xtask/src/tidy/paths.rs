//! Nothing in the repository knows the machine it was written on.
//!
//! Absolute paths below folders of one machine are findings; tests take a temporary folder from
//! `tempfile`. The paths are put together from halves, or this file would find itself.

use super::finding::Finding;
use crate::source::Tree;

const FOLDERS: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("/t", "mp/"),
];
const READ: &[&str] = &["rs", "toml", "md", "sh"];

/// Finds paths that exist on one machine only.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.ending_in(READ) {
        for (index, line) in text.lines().enumerate() {
            let here = FOLDERS
                .iter()
                .filter(|folder| names_absolutely(line, folder));
            findings.extend(here.map(|folder| {
                Finding::on_line(path, index + 1, format!("names `{folder}` of one machine"))
            }));
        }
    }
    findings
}

/// Whether `folder` stands in the line as the start of a path, not inside one.
fn names_absolutely(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = &line[..at];
        before.ends_with("://")
            || !before.ends_with(|c: char| c.is_alphanumeric() || "_-./~})".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::finding::assert_findings;

    #[test]
    fn a_machine_path_is_found() {
        for folder in FOLDERS {
            let text = format!("a\n\"{folder}b\" file://{folder}c");

            let found = format!("a.sh:2: names `{folder}` of one machine");
            assert_findings(&check(&Tree::of(&[("a.sh", &text)])), &[&found]);
        }
    }

    #[test]
    fn the_middle_of_a_path_is_silent() {
        for folder in FOLDERS {
            let text = format!("a{folder}b ${{C}}{folder}d ../e{folder}f https://g{folder}");

            assert_findings(&check(&Tree::of(&[("a.md", &text)])), &[]);
        }
    }
}
