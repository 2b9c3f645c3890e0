//! Links between the documents lead somewhere: to a file or folder, and to a heading if named.
//!
//! A link that starts with `/` starts at the repository's root. Addresses with a scheme are not
//! visited.

use super::finding::Finding;
use crate::source::{Tree, anchors, targets};

/// Finds links that lead nowhere.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.ending_in(&["md"]) {
        for (line, target) in targets(text) {
            if let Some(fault) = find_fault(tree, path, &target) {
                findings.push(Finding::on_line(path, line, fault));
            }
        }
    }
    findings
}

fn find_fault(tree: &Tree, from: &str, target: &str) -> Option<String> {
    if has_scheme(target) {
        return None;
    }
    let (place, anchor) = target.split_once('#').unwrap_or((target, ""));
    let Some(place) = find_place(from, &decoded(place)) else {
        return Some(format!("`{target}` leaves the repository"));
    };
    if !tree.has(&place) {
        return Some(format!("`{target}` leads nowhere: there is no {place}"));
    }
    if anchor.is_empty() || !place.ends_with(".md") {
        return None;
    }
    let known = anchors(tree.find_text(&place).unwrap_or_default());
    (!known.contains(&decoded(anchor))).then(|| format!("`{target}` names no heading of {place}"))
}

fn has_scheme(target: &str) -> bool {
    target.starts_with("//")
        || target.split_once(':').is_some_and(|(scheme, _)| {
            scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        })
}

/// The path from the root that `target` means in the file `from`.
fn find_place(from: &str, target: &str) -> Option<String> {
    if target.is_empty() {
        return Some(from.to_owned());
    }
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let start = if target.starts_with('/') { "" } else { folder };
    let mut place: Vec<&str> = Vec::new();
    for part in start.split('/').chain(target.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(place.pop()?),
            _ => place.push(part),
        }
    }
    Some(place.join("/"))
}

/// Resolves `%20` and its like; a broken escape stays as it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let escaped = (*first == b'%')
            .then(|| std::str::from_utf8(after.get(..2)?).ok())
            .flatten();
        let escaped = escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() {
            &after[2..]
        } else {
            after
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::finding::assert_findings;

    #[track_caller]
    fn check_link(target: &str, expected: &[&str]) {
        let text = format!("# Top\n[a]({target})");
        let tree = Tree::of(&[
            ("docs/a.md", &text),
            ("docs/b c.md", "## The door\n## 门"),
            ("README.md", ""),
        ]);

        assert_findings(&check(&tree), expected);
    }

    #[test]
    fn a_living_link_is_silent() {
        for target in [
            "../README.md",
            "/README.md",
            "b%20c.md#the-door",
            "b%20c.md#%E9%97%A8",
            "#top",
        ] {
            check_link(target, &[]);
        }
        for target in ["..", "https://a.b/c#d", "mailto:a@b.c"] {
            check_link(target, &[]);
        }
    }

    #[test]
    fn a_dead_link_is_found() {
        check_link(
            "c.md",
            &["docs/a.md:2: `c.md` leads nowhere: there is no docs/c.md"],
        );
        check_link("../../c", &["docs/a.md:2: `../../c` leaves the repository"]);
        check_link(
            "#down",
            &["docs/a.md:2: `#down` names no heading of docs/a.md"],
        );
        let found = "docs/a.md:2: `b%20c.md#door` names no heading of docs/b c.md";
        check_link("b%20c.md#door", &[found]);
    }
}
