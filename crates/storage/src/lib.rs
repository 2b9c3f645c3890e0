//! The ports of `app`, and the journal of `broker`, kept in SQLite.
//!
//! One writer thread commits many steps at once, a few readers answer lists. SQL keeps to the
//! subset that PostgreSQL shares: instants are integer milliseconds, ids are text. Nothing here
//! decides.

#![warn(missing_docs)]

mod failure;
mod sql;
mod lock;
mod migrate;
mod slow;
mod writer;
mod reader;
mod audit;
mod store;
mod health;
mod directory;
mod outbox;
mod calls;
mod alarms;
mod unlock;
mod sessions;

pub use audit::{Audit, AuditFault, AuditKey, AuditReport, AuditRow, AuditSpan, ChainHead};
pub use lock::{FolderLock, LockFailure};
pub use sessions::SessionStore;
pub use slow::slow_commits;
pub use store::{OpenFailure, Store};
