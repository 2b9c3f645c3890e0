//! The directory is kept as it was given, and refuses what does not fit.
