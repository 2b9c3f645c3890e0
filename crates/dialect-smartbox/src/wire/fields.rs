//! Reading fields one by one, in all their spellings, so that an error can name the field.
//!
//! Unknown fields are ignored, and of a field that stands twice the last counts. Null and an empty
//! text mean missing: peers write a field that they leave unset in either way. What names something
//! is refused when it is too long; what only people read is cut, since an end of a call must not
//! be lost to its explanation.

use serde_json::{Map, Number, Value};

use crate::wire::fault::{DecodeError, Field};

/// Bytes of ids, room numbers, alarm ports and names of messages; longer ones can only be garbage.
pub const ID_MAX: usize = 64;
/// Bytes of a stream's address or id.
pub const STREAM_MAX: usize = 512;
/// Bytes of a text for people, which is cut there.
pub const TEXT_MAX: usize = 1024;
/// Bytes of a token; signed ones have a few hundred.
pub const TOKEN_MAX: usize = 2048;

const NUMBER: &str = "a whole number";
const TEXT: &str = "a text of printable letters, or a whole number";

/// The fields of a JSON object.
pub(super) struct Fields {
    within: &'static str,
    map: Map<String, Value>,
}

impl Fields {
    pub(super) fn decode(frame: &[u8]) -> Result<Self, DecodeError> {
        match serde_json::from_slice(frame) {
            Ok(Value::Object(map)) => Ok(Self { within: "", map }),
            Ok(_) => Err(DecodeError::NotObject),
            Err(_) => Err(DecodeError::NotJson),
        }
    }

    /// The parameters of a message: an object, or a list that holds it as its first element. A
    /// list without elements, like none at all, is no parameters.
    pub(super) fn values(&mut self) -> Result<Self, DecodeError> {
        let (name, mut value) = self.take(&["values", "params"]);
        if let Some(Value::Array(elements)) = value {
            value = elements.into_iter().next().filter(|first| !first.is_null());
        }
        self.open("", name, value)
    }

    /// An object inside of this one; one that is missing has no fields.
    pub(super) fn nested(&mut self, name: &'static str) -> Result<Self, DecodeError> {
        let (_, value) = self.take(&[name]);
        self.open(name, name, value)
    }

    /// A text of at most `max` bytes, or a whole number as text, in the first spelling that holds
    /// something. Without control characters: these texts end in logs and on other wires.
    pub(super) fn text(
        &mut self,
        names: &[&'static str],
        max: usize,
    ) -> Result<Option<String>, DecodeError> {
        let (name, value) = self.take(names);
        let Some(value) = value else { return Ok(None) };
        let field = self.field(name);
        let text = find_text(value).filter(|text| !text.contains(char::is_control));
        let text = text.ok_or(DecodeError::Wrong {
            field,
            expected: TEXT,
        })?;
        match text.len() > max {
            true => Err(DecodeError::TooLong { field, max }),
            false => Ok(Some(text)),
        }
    }

    /// A text as [`Self::text`] reads it that must be there.
    pub(super) fn required(
        &mut self,
        names: &[&'static str],
        max: usize,
    ) -> Result<String, DecodeError> {
        let text = self.text(names, max)?;
        text.ok_or(DecodeError::Missing(self.field(names[0])))
    }

    /// A whole number below 2⁶⁴, also written as text. Zero is what peers write that leave it unset.
    pub(super) fn number(&mut self, name: &'static str) -> Result<Option<u64>, DecodeError> {
        let (_, value) = self.take(&[name]);
        let Some(value) = value else { return Ok(None) };
        let number = find_text(value).and_then(|text| text.trim().parse().ok());
        let number: u64 = number.ok_or_else(|| self.wrong(name, NUMBER))?;
        Ok(Some(number).filter(|number| *number != 0))
    }

    /// A text that only people read, cut at [`TEXT_MAX`] bytes. What is no text is none.
    pub(super) fn remark(&mut self, name: &'static str) -> Option<String> {
        let (_, value) = self.take(&[name]);
        let mut text = find_text(value?)?;
        let end = text.floor_char_boundary(TEXT_MAX);
        text.truncate(end);
        Some(text)
    }

    /// That `name` is not what was expected.
    pub(super) fn wrong(&self, name: &'static str, expected: &'static str) -> DecodeError {
        let field = self.field(name);
        DecodeError::Wrong { field, expected }
    }

    fn open(
        &self,
        within: &'static str,
        name: &'static str,
        value: Option<Value>,
    ) -> Result<Self, DecodeError> {
        match value {
            None => Ok(Self {
                within,
                map: Map::new(),
            }),
            Some(Value::Object(map)) => Ok(Self { within, map }),
            Some(_) => Err(self.wrong(name, "an object")),
        }
    }

    /// The first of these that holds something, under its own name; none under the first name.
    fn take(&mut self, names: &[&'static str]) -> (&'static str, Option<Value>) {
        let found = names.iter().find_map(|name| {
            let value = self.map.remove(*name)?;
            (!value.is_null() && value != "").then_some((*name, Some(value)))
        });
        found.unwrap_or((names[0], None))
    }

    fn field(&self, name: &'static str) -> Field {
        let within = self.within;
        Field { within, name }
    }
}

fn find_text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) if is_whole(&number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            None
        }
    }
}

fn is_whole(number: &Number) -> bool {
    number.is_u64() || number.is_i64()
}
