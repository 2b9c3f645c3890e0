//! One folder whose power can be cut, as tests hold it.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::power::drive::Drive;
use crate::power::plate::Survivors;
use crate::power::vfs;

/// A folder on a disk whose power can be cut. A handle; the disk is gone with the last one.
///
/// Every SQLite connection that this process opens on a file directly in the folder goes through
/// it; connections elsewhere are not touched.
#[derive(Clone, Debug)]
pub struct Disk(Arc<Drive>);

impl Disk {
    /// Puts `folder` on such a disk. What it holds counts as synced.
    ///
    /// # Errors
    ///
    /// If the folder does not exist or SQLite takes no VFS.
    pub fn under(folder: &Path) -> io::Result<Self> {
        let folder = folder.canonicalize()?;
        let drive = Arc::new(Drive::new(folder.clone()));
        vfs::mount(folder, &drive)?;
        Ok(Self(drive))
    }

    /// Cuts the power now.
    pub fn cut(&self, survivors: Survivors) {
        self.0.cut(survivors);
    }

    /// Cuts the power after so many further writes, syncs, truncations and deletions; the next one
    /// after them fails and leaves nothing.
    pub fn cut_after(&self, operations: u64, survivors: Survivors) {
        self.0.cut_after(operations, survivors);
    }

    /// Makes every further sync take this long.
    pub fn delay_syncs(&self, delay: Duration) {
        self.0.delay_syncs(delay);
    }

    /// Makes every further sync a lie: it succeeds and nothing is durable. What a test must catch.
    pub fn ignore_syncs(&self) {
        self.0.ignore_syncs();
    }

    /// Whether the power is off.
    pub fn is_off(&self) -> bool {
        self.0.check().is_err()
    }

    /// Writes, syncs, truncations and deletions so far.
    pub fn operations(&self) -> u64 {
        self.0.operations()
    }

    /// Puts what the cut left into the folder and the power back on, with an honest and fast disk.
    ///
    /// # Errors
    ///
    /// If the power is on, a connection is still open, or the folder cannot be written.
    pub fn restore(&self) -> io::Result<()> {
        self.0.restore()
    }
}
