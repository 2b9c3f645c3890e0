//! Counting the changes of one call, or of another thing with deadlines.

/// Counts the committed changes of one call, alarm or flat's arming, from 1.
///
/// A deadline fires with the version it was armed in, an endpoint acknowledges the version it has
/// heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u64);

impl Version {
    /// The version before the first change; what an endpoint that heard nothing has heard.
    pub const NONE: Self = Self(0);

    /// The version after this one; after [`Version::NONE`], the first.
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}
