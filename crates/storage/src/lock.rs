//! One process per data folder.
//!
//! The kernel drops the lock with the process, so a crash leaves nothing to clean up.

use std::fs::{DirBuilder, File, OpenOptions};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

/// Holds the data folder until dropped.
#[derive(Debug)]
pub struct FolderLock {
    _file: File,
}

/// Why the data folder could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum LockFailure {
    /// A running server has it.
    #[error("a running koumen holds this data folder")]
    Held,
    /// The folder cannot be used.
    #[error("the data folder cannot be locked: {0}")]
    Io(#[from] std::io::Error),
}

impl FolderLock {
    /// Takes the folder, or says at once that another process has it.
    pub fn take(folder: &Path) -> Result<Self, LockFailure> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
        let path = folder.join("lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self { _file: file }),
            Err(rustix::io::Errno::WOULDBLOCK) => Err(LockFailure::Held),
            Err(errno) => Err(LockFailure::Io(errno.into())),
        }
    }
}
