//! What happened at each door, as a chain of rows that nobody changes unseen.
//!
//! Each row's mac is an HMAC-SHA-256 under a key that is not in the database, over the row and the mac
//! of the row before it. Where each chain ends is sealed by the same key, and so is the number of rows
//! of all chains. So a changed row, a missing one, a cut-off end and a whole chain that is gone are
//! found. Not found: that the whole database was put back to what it once was; who must exclude that
//! keeps the exported heads elsewhere.

mod key;
mod row;
mod head;
mod append;
mod check;
mod read;
#[cfg(test)]
mod tests;

pub(crate) use append::append;
pub use check::{AuditFault, AuditReport};
pub use head::ChainHead;
pub use key::AuditKey;
pub use read::{Audit, AuditSpan};
pub use row::AuditRow;
