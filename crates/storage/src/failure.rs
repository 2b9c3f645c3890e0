//! From SQLite's errors to the ports' failures.

use app::port::StoreFailure;
use rusqlite::ErrorCode;

pub(crate) type Result<T> = std::result::Result<T, StoreFailure>;

/// A failure that has no meaning of its own: the disk or the database.
pub(crate) fn unavailable(error: impl std::fmt::Display) -> StoreFailure {
    StoreFailure::Unavailable(error.to_string())
}

/// Tells a broken constraint on `what` from a broken disk.
pub(crate) fn on_insert(
    what: &'static str,
    refers_to: &'static str,
) -> impl Fn(rusqlite::Error) -> StoreFailure {
    move |error| match error.sqlite_error().map(|e| e.extended_code) {
        Some(rusqlite::ffi::SQLITE_CONSTRAINT_FOREIGNKEY) => {
            StoreFailure::Missing { what: refers_to }
        }
        Some(_) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
            StoreFailure::Conflict { what }
        }
        _ => unavailable(error),
    }
}
