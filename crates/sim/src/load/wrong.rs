//! What must not happen in a call through a box.

/// What must not happen in a call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// The unit heard more than one answer, or a screen won that had not answered.
    #[error("two winners")]
    TwoWinners,
    /// Every screen that answered was ended, or the unit heard of no answer.
    #[error("nobody won")]
    NobodyWon,
    /// A screen was not told of the end in time.
    #[error("a screen was not told of the end")]
    MissingEnd,
    /// A screen rang for somebody else's call.
    #[error("a screen rang for another flat")]
    StrangerRung,
    /// A screen did not ring in time.
    #[error("a screen did not ring")]
    NotRung,
    /// A screen was ended before anybody had answered.
    #[error("a screen was ended while it rang")]
    EndedEarly,
    /// The unit was turned away, with the word that it was given.
    #[error("the unit was refused: {0}")]
    Refused(String),
}
