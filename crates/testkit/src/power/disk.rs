//! One folder whose power can be cut.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::power::plate::{Node, Plate, Survivors};
use crate::power::vfs;

/// A folder on a disk whose power can be cut. A handle; the disk is gone with the last one.
///
/// Every SQLite connection that this process opens on a file directly in the folder goes through
/// it; connections elsewhere are not touched.
#[derive(Clone, Debug)]
pub struct Disk(Arc<Inner>);

#[derive(Debug)]
pub(super) struct Inner {
    folder: PathBuf,
    state: Mutex<State>,
    /// Wakes syncs that are being delayed when the power goes.
    is_off: Condvar,
}

#[derive(Debug, Default)]
struct State {
    plate: Plate,
    /// Operations until the power goes by itself.
    fuse: Option<Fuse>,
    sync_delay: Duration,
    /// What the cut left, as long as the power is off.
    left: Option<BTreeMap<PathBuf, Vec<u8>>>,
    operations: u64,
}

#[derive(Clone, Copy, Debug)]
struct Fuse {
    operations: u64,
    survivors: Survivors,
}

/// The power is off.
#[derive(Debug)]
pub(super) struct Off;

impl Disk {
    /// Puts `folder` on such a disk. What it holds counts as synced.
    ///
    /// # Errors
    ///
    /// If the folder does not exist or SQLite takes no VFS.
    pub fn under(folder: &Path) -> io::Result<Self> {
        let folder = folder.canonicalize()?;
        let disk = Arc::new(Inner {
            folder: folder.clone(),
            state: Mutex::default(),
            is_off: Condvar::new(),
        });
        vfs::mount(folder, &disk)?;
        Ok(Self(disk))
    }

    /// Cuts the power now.
    pub fn cut(&self, survivors: Survivors) {
        let mut state = self.0.state();
        self.0.go_off(&mut state, survivors);
    }

    /// Cuts the power after so many further writes, syncs, truncations and deletions; the next one
    /// after them fails and leaves nothing.
    pub fn cut_after(&self, operations: u64, survivors: Survivors) {
        self.0.state().fuse = Some(Fuse {
            operations,
            survivors,
        });
    }

    /// Makes every further sync take this long.
    pub fn delay_syncs(&self, delay: Duration) {
        self.0.state().sync_delay = delay;
    }

    /// Whether the power is off.
    pub fn is_off(&self) -> bool {
        self.0.state().left.is_some()
    }

    /// Writes, syncs, truncations and deletions so far.
    pub fn operations(&self) -> u64 {
        self.0.state().operations
    }

    /// Puts what the cut left into the folder and the power back on; without a cut it cuts first.
    /// No connection may be open.
    ///
    /// # Errors
    ///
    /// If the folder cannot be written.
    pub fn restore(&self) -> io::Result<()> {
        let mut state = self.0.state();
        self.0.go_off(&mut state, Survivors::None);
        let left = state.left.take().unwrap_or_default();
        // Files in the folder that SQLite made: shared memory is among them, and lost.
        for entry in fs::read_dir(&self.0.folder)? {
            let path = entry?.path();
            let is_shared_memory = path.to_string_lossy().ends_with("-shm");
            if is_shared_memory || state.plate.knows(&path) {
                fs::remove_file(&path)?;
            }
        }
        for (path, bytes) in left {
            fs::write(path, bytes)?;
        }
        *state = State {
            sync_delay: state.sync_delay,
            operations: state.operations,
            ..State::default()
        };
        Ok(())
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn go_off(&self, state: &mut State, survivors: Survivors) {
        if state.left.is_none() {
            state.left = Some(state.plate.survive(survivors));
            self.is_off.notify_all();
        }
    }

    /// Fails if the power is off.
    pub(super) fn check(&self) -> Result<(), Off> {
        match self.state().left {
            None => Ok(()),
            Some(_) => Err(Off),
        }
    }

    /// Opens a file with `open`; one that was there before counts as synced.
    pub(super) fn open(&self, path: &Path, open: impl FnOnce() -> i32) -> Result<(i32, Node), Off> {
        let mut state = self.state();
        if state.left.is_some() {
            return Err(Off);
        }
        let found = if state.plate.knows(path) {
            None
        } else {
            fs::read(path).ok()
        };
        let done = open();
        Ok((done, state.plate.open(path, found)))
    }

    /// Runs `run`, and remembers the change if it succeeded.
    pub(super) fn write(
        &self,
        node: Node,
        offset: usize,
        bytes: &[u8],
        run: impl FnOnce() -> i32,
    ) -> Result<i32, Off> {
        self.change(run, |plate| plate.write(node, offset, bytes))
    }

    pub(super) fn truncate(
        &self,
        node: Node,
        bytes: usize,
        run: impl FnOnce() -> i32,
    ) -> Result<i32, Off> {
        self.change(run, |plate| plate.truncate(node, bytes))
    }

    pub(super) fn delete(
        &self,
        path: &Path,
        is_synced: bool,
        run: impl FnOnce() -> i32,
    ) -> Result<i32, Off> {
        self.change(run, |plate| {
            plate.delete(path);
            if is_synced {
                plate.sync_folder();
            }
        })
    }

    /// Makes durable what waits now; what comes while it takes its time must wait for the next.
    /// The system's files themselves are never synced: their power is not cut.
    pub(super) fn sync(&self, node: Node, with_folder: bool) -> Result<(), Off> {
        let mut state = self.state();
        self.step(&mut state)?;
        let (mark, delay) = (state.plate.mark(node), state.sync_delay);
        if !delay.is_zero() {
            let waited = self
                .is_off
                .wait_timeout_while(state, delay, |state| state.left.is_none());
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            if state.left.is_some() {
                return Err(Off);
            }
        }
        state.plate.sync(node, mark);
        if with_folder {
            state.plate.sync_folder();
        }
        Ok(())
    }

    fn change(
        &self,
        run: impl FnOnce() -> i32,
        remember: impl FnOnce(&mut Plate),
    ) -> Result<i32, Off> {
        let mut state = self.state();
        self.step(&mut state)?;
        let done = run();
        if done == 0 {
            remember(&mut state.plate);
        }
        Ok(done)
    }

    /// Counts an operation, and lets the fuse blow before it.
    fn step(&self, state: &mut State) -> Result<(), Off> {
        match &mut state.fuse {
            Some(Fuse {
                operations: 0,
                survivors,
            }) => {
                let survivors = *survivors;
                self.go_off(state, survivors);
            }
            Some(fuse) => fuse.operations -= 1,
            None => {}
        }
        if state.left.is_some() {
            return Err(Off);
        }
        state.operations += 1;
        Ok(())
    }
}
