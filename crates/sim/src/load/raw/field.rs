//! Finds a text field in compact JSON without parsing the rest.
//!
//! Enough for ids and words without escapes, which is all that a call needs to go on.

/// The text of the first field of that name; none if it is missing or no text.
pub(in crate::load) fn find_text<'a>(json: &'a [u8], name: &str) -> Option<&'a str> {
    let quoted = name.len() + 2;
    let found = json.windows(quoted + 2).position(|window| {
        window[0] == b'"'
            && &window[1..=name.len()] == name.as_bytes()
            && &window[quoted - 1..] == b"\":\""
    })?;
    let text = &json[found + quoted + 2..];
    let end = text.iter().position(|byte| *byte == b'"')?;
    std::str::from_utf8(&text[..end]).ok()
}
