//! Calls survive being written and read again.
