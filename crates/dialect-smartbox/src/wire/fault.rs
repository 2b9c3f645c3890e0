//! Why a frame is no message: what was expected and where, never what stood there.

use std::fmt;

/// A frame that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// It is no JSON in UTF-8, or nested too deep.
    #[error("no JSON")]
    NotJson,
    /// It is JSON, but no object.
    #[error("no JSON object")]
    NotObject,
    /// A field that must be there is missing, null or empty.
    #[error("{0} is missing")]
    Missing(Field),
    /// A field of the wrong type, or of an unknown value.
    #[error("{field} must be {expected}")]
    Wrong {
        /// Which.
        field: Field,
        /// What would be right.
        expected: &'static str,
    },
    /// A field that is too long to be right.
    #[error("{field} has more than {max} bytes")]
    TooLong {
        /// Which.
        field: Field,
        /// What it may have.
        max: usize,
    },
}

/// Where a field stands: `id`, `dest.port`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The object that it stands in; empty for the message itself and its values.
    pub within: &'static str,
    /// Its name.
    pub name: &'static str,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dot = if self.within.is_empty() { "" } else { "." };
        write!(f, "{}{dot}{}", self.within, self.name)
    }
}
