//! A disk under SQLite whose power can be cut: what was not synced is gone.
//!
//! ```text
//! SQLite ──► vfs, file (unsafe glue) ──► the system's own VFS: the files as the program sees them
//!                      │
//!                      └──► plate (pure): the files as they would be found after a cut
//! ```
//!
//! `kill -9` cannot show a missing sync, because the page cache outlives the process. Here every
//! write waits in memory until its file is synced; a cut forgets what waits, or all but a seeded
//! choice of its sectors, and from then on every operation fails. Once all connections are closed,
//! [`Disk::restore`] puts the survivors into the folder and the power is back.
//!
//! Does not model a disk that lies about a sync, nor damage to what was synced.

mod plate;
mod drive;
mod file;
mod vfs;
mod disk;
#[cfg(test)]
mod tests;

pub use disk::Disk;
pub use plate::Survivors;
