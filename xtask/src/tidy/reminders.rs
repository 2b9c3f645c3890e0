//! No reminder is left behind: what must be done becomes an issue or is done.
//!
//! The words are put together from halves, or this file would find itself.

use super::finding::Finding;
use crate::source::Tree;

const WORDS: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
    concat!("HA", "CK"),
];
const CODE: &[&str] = &[concat!("dbg", "!"), concat!("#[ig", "nore")];
const READ: &[&str] = &["rs", "toml", "md"];

/// Finds reminders in code, manifests and documents.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let lines = tree.ending_in(READ).flat_map(|(path, text)| {
        text.lines()
            .enumerate()
            .map(move |(index, line)| (path, index + 1, line))
    });
    let found = lines.filter_map(|(path, number, line)| {
        Some(Finding::on_line(
            path,
            number,
            format!("leftover `{}`", find_reminder(line)?),
        ))
    });
    found.collect()
}

fn find_reminder(line: &str) -> Option<&'static str> {
    let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
    let word = words.find_map(|word| WORDS.iter().find(|reminder| **reminder == word));
    word.or_else(|| CODE.iter().find(|code| line.contains(**code)))
        .copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::finding::assert_findings;

    #[test]
    fn each_reminder_is_found() {
        for reminder in WORDS.iter().chain(CODE) {
            let tree = Tree::of(&[("docs/a.md", &format!("b\n({reminder}: c)"))]);

            assert_findings(
                &check(&tree),
                &[&format!("docs/a.md:2: leftover `{reminder}`")],
            );
        }
    }

    #[test]
    fn a_longer_word_or_another_file_is_silent() {
        let longer = format!("todo = \"warn\"\n{}SON", WORDS[3]);

        assert_findings(
            &check(&Tree::of(&[("a.toml", &longer), ("b.json", WORDS[0])])),
            &[],
        );
    }
}
