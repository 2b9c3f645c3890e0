//! In which words a peer is spoken to. What a peer says is read in every spelling.

/// The spellings of one kind of peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Profile {
    /// The document of March 2019.
    V04,
    /// Its successor, whose one other rule is about what room-to-room calls put into the stream
    /// fields. That is decided before encoding: the bytes of a message are those of [`Self::V04`].
    V05,
    /// What peers in the field do where they differ from the document.
    Field,
}

impl Profile {
    /// Every profile.
    pub const ALL: [Self; 3] = [Self::V04, Self::V05, Self::Field];

    /// Whether a peer keeps to the document.
    pub(super) fn is_documented(self) -> bool {
        match self {
            Self::V04 | Self::V05 => true,
            Self::Field => false,
        }
    }
}
