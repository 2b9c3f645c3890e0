//! Words that say nothing about what a file or type is.
//!
//! Looks at the names of folders and source files and of declared types, word by word. Sample
//! messages keep the names of their specification; fields do too. A `type` inside an `impl`
//! answers to somebody else's trait and is left alone.

use super::finding::Finding;
use crate::source::{Token, Tree, tokens};

const FORBIDDEN: &[&str] = &[
    "util", "utils", "common", "helper", "helpers", "manager", "misc", "context", "data", "info",
    "base",
];

/// Names that stay although they hold a forbidden word, each with its reason.
const EXCEPTIONS: &[(&str, &str)] = &[];

const ROOMS: &[&str] = &["crates/", "xtask/", "web/", "fuzz/"];
const SOURCES: &[&str] = &["rs", "js", "ts", "css", "html", "sql"];

/// Finds empty words.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    check_except(tree, EXCEPTIONS)
}

fn check_except(tree: &Tree, exceptions: &[(&str, &str)]) -> Vec<Finding> {
    let mut named: Vec<(String, Finding)> = Vec::new();
    for path in tree
        .paths()
        .filter(|path| ROOMS.iter().any(|room| path.starts_with(room)))
    {
        named.extend(
            path_names(path).into_iter().filter_map(|name| {
                Some((name.to_owned(), Finding::in_file(path, complaint(name)?)))
            }),
        );
    }
    for (path, text) in tree.rust() {
        named.extend(type_names(&tokens(text)).into_iter().filter_map(|token| {
            let finding = Finding::on_line(path, token.line, complaint(&token.text)?);
            Some((token.text, finding))
        }));
    }
    let is_excepted = |name: &str| exceptions.iter().any(|(excepted, _)| *excepted == name);
    let outdated = exceptions
        .iter()
        .filter(|(name, _)| !named.iter().any(|(used, _)| used == name));
    let outdated: Vec<Finding> = outdated
        .map(|(name, _)| {
            Finding::in_file(
                "xtask/src/tidy/names.rs",
                format!("exception `{name}` is unused"),
            )
        })
        .collect();
    let unexpected = named.into_iter().filter(|(name, _)| !is_excepted(name));
    unexpected
        .map(|(_, finding)| finding)
        .chain(outdated)
        .collect()
}

fn complaint(name: &str) -> Option<String> {
    let word = words(name)
        .into_iter()
        .find(|word| FORBIDDEN.contains(&word.as_str()))?;
    Some(format!("`{name}` holds the empty word `{word}`"))
}

/// The folders of a path, and the file's name if it is a source.
fn path_names(path: &str) -> Vec<&str> {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let source = file
        .rsplit_once('.')
        .filter(|(_, ending)| SOURCES.contains(ending));
    folder
        .split('/')
        .chain(source.map(|(name, _)| name))
        .collect()
}

/// Splits at marks and at capitals: `HTTPBaseUrl_x` is http, base, url, x.
fn words(name: &str) -> Vec<String> {
    let chars: Vec<char> = name.chars().collect();
    let mut found = vec![String::new()];
    for (at, &c) in chars.iter().enumerate() {
        let before_is_lower = at > 0 && !chars[at - 1].is_uppercase();
        let next_is_lower = chars.get(at + 1).is_some_and(|next| next.is_lowercase());
        if !c.is_alphanumeric() || (c.is_uppercase() && (before_is_lower || next_is_lower)) {
            found.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(last) = found.last_mut()
        {
            last.extend(c.to_lowercase());
        }
    }
    found.retain(|word| !word.is_empty());
    found
}

/// The names of declared types, without those that an `impl` owes to its trait.
fn type_names(tokens: &[Token]) -> Vec<Token> {
    let mut found = Vec::new();
    let (mut depth, mut impl_depth) = (0_usize, None);
    let mut before = "";
    for pair in tokens.windows(2) {
        match pair[0].text.as_str() {
            "{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                impl_depth = impl_depth.filter(|&outer| depth > outer);
            }
            "impl" if impl_depth.is_none() && begins_item(before) => impl_depth = Some(depth),
            "struct" | "enum" | "trait" | "union" => found.push(pair[1].clone()),
            "type" if impl_depth.is_none() => found.push(pair[1].clone()),
            _ => {}
        }
        before = &pair[0].text;
    }
    found
}

/// Elsewhere `impl` stands for an unnamed type.
fn begins_item(before: &str) -> bool {
    matches!(before, "" | "{" | "}" | ";" | "]" | "unsafe")
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
    fn an_empty_word_in_a_path_is_found() {
        let found = "crates/a/src/call_utils.rs: `call_utils` holds the empty word `utils`";
        check_file("crates/a/src/call_utils.rs", "", &[found]);
        let found = "web/common/a.html: `common` holds the empty word `common`";
        check_file("web/common/a.html", "", &[found]);
        check_file("crates/a/tests/golden/device_info.json", "", &[]);
        check_file("crates/a/src/database.rs", "", &[]);
    }

    #[test]
    fn an_empty_word_in_a_type_is_found() {
        let found = "crates/a/src/b.rs:2: `CallContext` holds the empty word `context`";
        check_file("crates/a/src/b.rs", "\npub struct CallContext;", &[found]);
        let found = "crates/a/src/b.rs:1: `Data` holds the empty word `data`";
        check_file(
            "crates/a/src/b.rs",
            "fn a() -> impl B { c } trait D { type Data; }",
            &[found],
        );
        check_file(
            "crates/a/src/b.rs",
            "impl D for B { fn e() {} type Data = u8; }",
            &[],
        );
        check_file(
            "crates/a/src/b.rs",
            "struct Database { call_info: u8 } // struct Info",
            &[],
        );
    }

    #[test]
    fn an_exception_lasts_only_while_it_is_needed() {
        let tree = Tree::of(&[("xtask/src/a.rs", "struct BaseUrl; struct Info;")]);

        let findings = check_except(&tree, &[("BaseUrl", "a"), ("Misc", "b")]);

        let found = "xtask/src/a.rs:1: `Info` holds the empty word `info`";
        assert_findings(
            &findings,
            &[found, "xtask/src/tidy/names.rs: exception `Misc` is unused"],
        );
    }

    #[test]
    fn words_end_at_capitals_and_marks() {
        assert_eq!(words("HTTPBaseUrl_x2"), ["http", "base", "url", "x2"]);
    }
}
