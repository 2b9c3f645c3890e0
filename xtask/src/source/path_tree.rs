//! Expands `a::{b, c::{self, D as E}}` into the paths it names.
//!
//! Works on paths in `use` declarations and in expressions alike.

use super::token::Token;

/// One path and the name by which it is known where it was written.
#[derive(Debug, PartialEq)]
pub(crate) struct Named {
    pub(crate) path: Vec<String>,
    pub(crate) name: String,
}

/// The paths named by the tree at the front of `tokens`.
pub(crate) fn named_paths(tokens: &[Token]) -> Vec<Named> {
    let mut found = Vec::new();
    expand(tokens, 0, &[], &mut found);
    found
}

/// Returns where the tree ends.
fn expand(tokens: &[Token], start: usize, prefix: &[String], found: &mut Vec<Named>) -> usize {
    let mut path = prefix.to_vec();
    let mut at = start;
    while let Some(word) = word_at(tokens, at).filter(|word| is_name(word)) {
        if word != "self" || path.is_empty() {
            path.push(word.to_owned());
        }
        at += 1;
        if word_at(tokens, at) != Some("::") {
            return named(tokens, at, path, found);
        }
        at += 1;
    }
    if word_at(tokens, at) == Some("{") {
        return group(tokens, at + 1, &path, found);
    }
    let at = if word_at(tokens, at) == Some("*") {
        at + 1
    } else {
        at
    };
    found.push(Named {
        name: "*".to_owned(),
        path,
    });
    at
}

fn named(tokens: &[Token], at: usize, path: Vec<String>, found: &mut Vec<Named>) -> usize {
    let alias = word_at(tokens, at + 1).filter(|_| word_at(tokens, at) == Some("as"));
    let name = alias
        .or(path.last().map(String::as_str))
        .unwrap_or_default()
        .to_owned();
    found.push(Named { name, path });
    if alias.is_some() { at + 2 } else { at }
}

fn group(tokens: &[Token], start: usize, prefix: &[String], found: &mut Vec<Named>) -> usize {
    let mut at = start;
    while let Some(word) = word_at(tokens, at) {
        match word {
            "}" => return at + 1,
            "," => at += 1,
            // A group of code rather than of paths is left at its first foreign mark.
            _ => {
                let end = expand(tokens, at, prefix, found);
                if end == at {
                    return at;
                }
                at = end;
            }
        }
    }
    at
}

fn word_at(tokens: &[Token], at: usize) -> Option<&str> {
    tokens.get(at).map(|token| token.text.as_str())
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::tokens;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let shown: Vec<String> = named_paths(&tokens(text))
            .into_iter()
            .map(|named| format!("{} = {}", named.name, named.path.join("::")))
            .collect();

        assert_eq!(shown, expected);
    }

    #[test]
    fn groups_are_expanded() {
        check(
            "a::{b, c::{self, D as E}, f::*};",
            &["b = a::b", "c = a::c", "E = a::c::D", "* = a::f"],
        );
    }

    #[test]
    fn an_expression_ends_at_its_first_mark() {
        check("crate::a::b::<T>(c)", &["* = crate::a::b"]);
        check("self::a.b", &["a = self::a"]);
        check("super::super::x;", &["x = super::super::x"]);
    }
}
