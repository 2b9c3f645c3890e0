//! Why a use case did not happen. Few kinds, because every edge must map each of them.

use engine::call::Refusal;

/// A use case that did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It does not exist, or not for this principal: the two are not told apart.
    #[error("{what} not found")]
    NotFound {
        /// What was looked for, as a word of the vocabulary.
        what: &'static str,
    },
    /// The rules say no.
    #[error("refused: {0:?}")]
    Refused(Refusal),
    /// A name that must be unique is taken.
    #[error("{what} already exists")]
    Conflict {
        /// What exists.
        what: &'static str,
    },
    /// It must stay as long as something else is so.
    #[error("{what} must stay: {why}")]
    Held {
        /// What was to go or change.
        what: &'static str,
        /// What holds it.
        why: &'static str,
    },
    /// It was asked for too often; later it may be done.
    #[error("too often; try again in a minute")]
    TooMany,
    /// An argument is outside its bounds.
    #[error("{field}: {problem}")]
    Invalid {
        /// Which field.
        field: &'static str,
        /// What is wrong with it, in English, for a developer.
        problem: &'static str,
    },
    /// The world did not work: disk, database.
    #[error("unavailable: {0}")]
    Unavailable(String),
}
