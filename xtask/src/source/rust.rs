//! Splits Rust source into code and comments without parsing it.
//!
//! Both views keep every line break, so a line number in one is a line number in the file.
//! Strings and characters are blank in both.

/// The text with comments, strings and character literals replaced by spaces.
pub(super) fn code(text: &str) -> String {
    split(text).0
}

/// The text with everything but comments replaced by spaces.
pub(crate) fn comments(text: &str) -> String {
    split(text).1
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Code,
    Comment,
    Literal,
}

fn split(text: &str) -> (String, String) {
    let chars: Vec<char> = text.chars().collect();
    let (mut code, mut comment) = (String::new(), String::new());
    let mut at = 0;
    while at < chars.len() {
        let (kind, length) = piece(&chars[at..], at.checked_sub(1).map(|before| chars[before]));
        for &c in &chars[at..(at + length).min(chars.len())] {
            let keep = |wanted| if c == '\n' || kind == wanted { c } else { ' ' };
            code.push(keep(Kind::Code));
            comment.push(keep(Kind::Comment));
        }
        at += length;
    }
    (code, comment)
}

/// What starts at the front of `rest` and how many characters it takes.
fn piece(rest: &[char], before: Option<char>) -> (Kind, usize) {
    match rest {
        ['/', '/', ..] => (Kind::Comment, line_length(rest)),
        ['/', '*', ..] => (Kind::Comment, block_length(rest)),
        ['"', ..] => (Kind::Literal, string_length(rest)),
        ['\'', '\\', ..] => (Kind::Literal, 3 + until_quote(&rest[3.min(rest.len())..])),
        ['\'', _, '\'', ..] => (Kind::Literal, 3),
        ['r', '"' | '#', ..] if !before.is_some_and(is_name_char_but_prefix) => {
            find_raw_length(rest).map_or((Kind::Code, 1), |length| (Kind::Literal, length))
        }
        _ => (Kind::Code, 1),
    }
}

/// A raw string may follow `b` or `c`, but no other letter.
fn is_name_char_but_prefix(c: char) -> bool {
    (c.is_alphanumeric() || c == '_') && c != 'b' && c != 'c'
}

fn line_length(rest: &[char]) -> usize {
    rest.iter().position(|&c| c == '\n').unwrap_or(rest.len())
}

/// Block comments nest.
fn block_length(rest: &[char]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        match &rest[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn string_length(rest: &[char]) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

fn until_quote(rest: &[char]) -> usize {
    rest.iter()
        .position(|&c| c == '\'')
        .map_or(rest.len(), |at| at + 1)
}

/// `r#name` is a name, not a string.
fn find_raw_length(rest: &[char]) -> Option<usize> {
    let hashes = rest[1..].iter().take_while(|&&c| c == '#').count();
    if rest.get(1 + hashes) != Some(&'"') {
        return None;
    }
    let start = 2 + hashes;
    let closes = |at: usize| {
        rest[at] == '"'
            && rest[at + 1..]
                .iter()
                .take(hashes)
                .filter(|&&c| c == '#')
                .count()
                == hashes
    };
    let end = (start..rest.len())
        .find(|&at| closes(at))
        .unwrap_or(rest.len());
    Some(end + 1 + hashes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected_code: &str, expected_comments: &str) {
        let words = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");

        assert_eq!(words(code(text)), expected_code);
        assert_eq!(words(comments(text)), expected_comments);
    }

    #[test]
    fn comments_and_strings_leave_the_code() {
        check(
            "a; // b\n/* c /* d */ e */ f",
            "a; f",
            "// b /* c /* d */ e */",
        );
        check(r#"x("a // \" b", b'c') // d"#, "x( , b )", "// d");
        check(r##"r#"a"b"# c r#type br"d" r"e\" f"##, "c r#type b f", "");
    }

    #[test]
    fn a_lifetime_is_not_a_character() {
        check(
            r"fn a<'a>(b: &'a str) { '\''; '\u{7f}'; '{' }",
            "fn a<'a>(b: &'a str) { ; ; }",
            "",
        );
    }

    #[test]
    fn lines_stay_where_they_are() {
        assert_eq!(code("a /*\n*/ \"\n\" b").lines().count(), 3);
    }
}
