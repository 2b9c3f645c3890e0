//! Reading fields one by one, so that an error can name the field.
//!
//! Unknown fields are ignored; null means missing. Source: S0 §6.

use std::ops::RangeInclusive;

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
        let wrong = Said::WrongType {
            field,
            expected: Kind::Text,
        };
        let Value::String(text) = self.required(field)? else {
            return Err(wrong);
        };
        match text.len() {
            0 => Err(wrong),
            length if length > max => Err(Said::TooLong { field, max }),
            _ => Ok(text),
        }
    }

    /// A text that may be missing or empty, which both mean none.
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

    /// A list of texts, each 1–[`ID_MAX`] bytes; missing means empty.
    pub(crate) fn texts(&mut self, field: &'static str, max: usize) -> Result<Vec<String>, Said> {
        let wrong = || Said::WrongType {
            field,
            expected: Kind::Texts,
        };
        let Some(value) = self.optional(field) else {
            return Ok(Vec::new());
        };
        let Value::Array(values) = value else {
            return Err(wrong());
        };
        if values.len() > max {
            return Err(Said::TooLong { field, max });
        }
        let to_text = |value| {
            let Value::String(text) = value else {
                return Err(wrong());
            };
            let is_fit = (1..=ID_MAX).contains(&text.len());
            is_fit.then_some(text).ok_or_else(wrong)
        };
        values.into_iter().map(to_text).collect()
    }

    /// An object passed on as it is; missing means empty.
    pub(crate) fn object(&mut self, field: &'static str) -> Result<Value, Said> {
        match self.optional(field) {
            None => Ok(Value::Object(Map::new())),
            Some(object @ Value::Object(_)) => Ok(object),
            Some(_) => Err(Said::WrongType {
                field,
                expected: Kind::Object,
            }),
        }
    }

    /// An object that may be missing, as JSON text of at most `max` bytes.
    pub(crate) fn optional_object(
        &mut self,
        field: &'static str,
        expected: Kind,
        max: usize,
    ) -> Result<Option<String>, Said> {
        match self.optional(field) {
            None => Ok(None),
            Some(object @ Value::Object(_)) => {
                let text = object.to_string();
                let is_fit = text.len() <= max;
                let fit = is_fit.then_some(text);
                fit.map(Some).ok_or(Said::TooLong { field, max })
            }
            Some(_) => Err(Said::WrongType { field, expected }),
        }
    }

    /// An object that must be there, to be read field by field.
    pub(crate) fn nested(&mut self, field: &'static str, expected: Kind) -> Result<Self, Said> {
        let Value::Object(fields) = self.required(field)? else {
            return Err(Said::WrongType { field, expected });
        };
        Ok(Self(fields))
    }

    /// One of these words, which must be there.
    pub(crate) fn one_of(
        &mut self,
        field: &'static str,
        allowed: &'static [&'static str],
    ) -> Result<&'static str, Said> {
        let word = self.text(field, ID_MAX)?;
        let known = allowed.iter().find(|known| **known == word);
        known.copied().ok_or(Said::UnknownValue { field, allowed })
    }

    /// A truth value that must be there.
    pub(crate) fn truth(&mut self, field: &'static str) -> Result<bool, Said> {
        let wrong = Said::WrongType {
            field,
            expected: Kind::Truth,
        };
        self.required(field)?.as_bool().ok_or(wrong)
    }

    /// A moment in milliseconds that may be missing.
    pub(crate) fn milliseconds(&mut self, field: &'static str) -> Result<Option<i64>, Said> {
        self.integer(field, Kind::Milliseconds, 0..=i64::MAX)
    }

    /// A whole number within bounds that may be missing.
    pub(crate) fn integer(
        &mut self,
        field: &'static str,
        expected: Kind,
        bounds: RangeInclusive<i64>,
    ) -> Result<Option<i64>, Said> {
        let Some(value) = self.optional(field) else {
            return Ok(None);
        };
        let number = value.as_i64().filter(|number| bounds.contains(number));
        number.map(Some).ok_or(Said::WrongType { field, expected })
    }

    fn optional(&mut self, field: &'static str) -> Option<Value> {
        self.0.remove(field).filter(|value| !value.is_null())
    }

    fn required(&mut self, field: &'static str) -> Result<Value, Said> {
        self.optional(field).ok_or(Said::Missing(field))
    }
}
