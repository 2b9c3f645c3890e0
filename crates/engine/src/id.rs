//! Names of things, one type each, so that two of them cannot be confused.
//!
//! All are opaque texts, compared byte for byte. Who makes them and what they look like is decided
//! outside.

use std::fmt;
use std::sync::Arc;

macro_rules! text_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(Arc::from(text))
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(Arc::from(text))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

text_ids! {
    /// One call, from the press to its record.
    CallId,
    /// One alarm, from the trigger to its end.
    AlarmId,
    /// Whatever one leg can ring: a door, a screen, a resident's phones taken together, one
    /// registered phone.
    EndpointId,
    /// One of the hands that share an endpoint: a client id, or a login where no client is known.
    Hand,
    /// A person who lives in a flat.
    ResidentId,
    /// A flat and those who live in it.
    FlatId,
    /// A community of buildings under one administration.
    CommunityId,
    /// A signed-in thing: a door's panel, a screen.
    DeviceId,
    /// A person who administers communities.
    OperatorId,
    /// An entrance of a building.
    UnitId,
    /// One order to open one door, from the request to its result.
    UnlockId,
    /// A code, card or the like that opens doors.
    CredentialId,
}
