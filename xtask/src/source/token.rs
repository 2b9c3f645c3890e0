//! Rust code as a flat list of words and marks with their lines.
//!
//! Enough to see declarations and paths; no grammar.

use super::rust;

/// One name, number, `::` or single mark.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token {
    pub(crate) text: String,
    /// Counts from 1.
    pub(crate) line: usize,
}

/// Cuts source into tokens; comments, strings and characters leave none.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let code = rust::code(text);
    code.lines()
        .enumerate()
        .flat_map(|(index, line)| {
            line_tokens(line).into_iter().map(move |text| Token {
                text,
                line: index + 1,
            })
        })
        .collect()
}

fn line_tokens(line: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut previous = ' ';
    for c in line.chars() {
        let joins = (is_name(c) && is_name(previous)) || (c == ':' && previous == ':');
        if joins && let Some(last) = found.last_mut().filter(|last| *last != "::") {
            last.push(c);
        } else if !c.is_whitespace() {
            found.push(c.to_string());
        }
        previous = c;
    }
    found
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

const TEST_ATTRIBUTE: &[&str] = &["#", "[", "cfg", "(", "test", ")", "]"];

/// Leaves out every item marked `#[cfg(test)]`.
pub(crate) fn without_tests(tokens: &[Token]) -> Vec<Token> {
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if starts_with(&tokens[at..], TEST_ATTRIBUTE) {
            at = item_end(tokens, at + TEST_ATTRIBUTE.len());
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    kept
}

/// The line on which a test module that closes the file begins.
pub(crate) fn test_start(tokens: &[Token]) -> Option<usize> {
    let is_last_module = |at: usize| {
        let item = at + TEST_ATTRIBUTE.len();
        starts_with(&tokens[at..], TEST_ATTRIBUTE)
            && starts_with(&tokens[item..], &["mod"])
            && item_end(tokens, item) == tokens.len()
    };
    (0..tokens.len())
        .find(|&at| is_last_module(at))
        .map(|at| tokens[at].line)
}

fn starts_with(tokens: &[Token], words: &[&str]) -> bool {
    tokens.len() >= words.len()
        && words
            .iter()
            .zip(tokens)
            .all(|(word, token)| token.text == *word)
}

/// Where the item that begins at `start` ends: after its `;` or its closing brace.
fn item_end(tokens: &[Token], start: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(start) {
        match token.text.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" if depth == 0 => return at,
            "}" if depth == 1 => return at + 1,
            "}" | ")" | "]" => depth -= 1,
            ";" if depth == 0 => return at + 1,
            _ => {}
        }
    }
    tokens.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(tokens: &[Token]) -> String {
        tokens
            .iter()
            .map(|token| token.text.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn a_path_is_cut_at_its_double_colons() {
        assert_eq!(
            words(&tokens("use a::b_1::{c};x:y")),
            "use a :: b_1 :: { c } ; x : y"
        );
    }

    #[test]
    fn items_for_tests_are_left_out() {
        let text = "#[cfg(test)] use a::{b}; #[cfg(test)] #[path] fn f(_: [u8; 2]) {} mod c;";

        assert_eq!(words(&without_tests(&tokens(text))), "; mod c ;");
    }

    #[test]
    fn only_a_closing_test_module_is_found() {
        assert_eq!(
            test_start(&tokens("fn a() {}\n#[cfg(test)]\nmod tests { }\n")),
            Some(2)
        );
        assert_eq!(
            test_start(&tokens("#[cfg(test)]\nmod tests { }\nfn a() {}")),
            None
        );
    }
}
