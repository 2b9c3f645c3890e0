//! What people show at a door: codes, cards.

use crate::id::{CommunityId, CredentialId, FlatId, ResidentId};
use crate::time::Instant;

/// What kind of thing it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CredentialKind {
    /// Digits that a household keeps.
    Pin,
    /// Digits for a visitor.
    Visitor,
    /// A card that the panel reads.
    Card,
}

impl CredentialKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Pin, Self::Visitor, Self::Card];

    /// Its stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pin => "pin",
            Self::Visitor => "visitor",
            Self::Card => "card",
        }
    }
}

/// A code or card that was given out. What it reads is not known here.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Credential {
    /// Its id.
    pub id: CredentialId,
    /// What it is.
    pub kind: CredentialKind,
    /// Where it was given out.
    pub community: CommunityId,
    /// For which flat.
    pub flat: FlatId,
    /// Whose it is, if one person's.
    pub resident: Option<ResidentId>,
    /// Valid from this moment on.
    pub from: Option<Instant>,
    /// Valid before this moment.
    pub until: Option<Instant>,
    /// How often it still opens; none: as often as one likes.
    pub uses_left: Option<u32>,
}
