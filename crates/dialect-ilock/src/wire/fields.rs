//! Reading fields one by one, so that an error can name the field.
//!
//! Unknown fields are ignored. Source: design of the HTTP conventions; S0 §6.

use serde_json::{Map, Value};

use crate::words::{Kind, Said};

/// A reason is passed on to people unread; longer ones are refused.
pub(crate) const REASON_MAX: usize = 256;

/// Ids and numbers are short; longer ones can only be garbage.
pub(crate) const ID_MAX: usize = 128;

/// The fields of a JSON object.
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    pub(crate) fn decode(body: &[u8]) -> Result<Self, Said> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(Said::NotObject),
            Err(_) => Err(Said::NotJson),
        }
    }

    /// A text that must be there, 1–`max` bytes.
    pub(crate) fn text(&mut self, field: &'static str, max: usize) -> Result<String, Said> {
        match self.0.remove(field) {
            None | Some(Value::Null) => Err(Said::Missing(field)),
            Some(Value::String(text)) if text.len() > max => Err(Said::TooLong { field, max }),
            Some(Value::String(text)) if !text.is_empty() => Ok(text),
            Some(_) => Err(Said::WrongType {
                field,
                expected: Kind::Text,
            }),
        }
    }

    /// A text that may be missing, null or empty, which all mean none.
    pub(crate) fn optional_text(
        &mut self,
        field: &'static str,
        max: usize,
    ) -> Result<Option<String>, Said> {
        match self.0.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(_) => self.text(field, max).map(Some),
        }
    }

    /// A moment in milliseconds that may be missing.
    pub(crate) fn timestamp(&mut self) -> Result<Option<i64>, Said> {
        const FIELD: &str = "timestamp";
        match self.0.get(FIELD) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => {
                let wrong = Said::WrongType {
                    field: FIELD,
                    expected: Kind::Milliseconds,
                };
                value.as_i64().filter(|ms| *ms >= 0).map(Some).ok_or(wrong)
            }
        }
    }
}
