//! The drive: counts what is done to a folder, loses power, and remembers what was left.
//!
//! Every change of a file happens under one lock together with its note on the plate, so that a
//! cut falls between two changes and never into one.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::power::plate::{Node, Plate, Survivors};

/// A folder, and the power of its disk.
#[derive(Debug)]
pub(super) struct Drive {
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
    ignores_syncs: bool,
    open_files: usize,
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

impl Drive {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            state: Mutex::default(),
            is_off: Condvar::new(),
        }
    }

    pub(super) fn cut(&self, survivors: Survivors) {
        self.go_off(&mut self.state(), survivors);
    }

    pub(super) fn cut_after(&self, operations: u64, survivors: Survivors) {
        self.state().fuse = Some(Fuse {
            operations,
            survivors,
        });
    }

    pub(super) fn delay_syncs(&self, delay: Duration) {
        self.state().sync_delay = delay;
    }

    pub(super) fn ignore_syncs(&self) {
        self.state().ignores_syncs = true;
    }

    pub(super) fn operations(&self) -> u64 {
        self.state().operations
    }

    pub(super) fn restore(&self) -> io::Result<()> {
        let mut state = self.state();
        if state.left.is_none() || state.open_files > 0 {
            let files = state.open_files;
            return Err(io::Error::other(format!("power on or {files} files open")));
        }
        let left = state.left.take().unwrap_or_default();
        // Files in the folder that SQLite made: shared memory is among them, and lost.
        for entry in fs::read_dir(&self.folder)? {
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
            operations: state.operations,
            ..State::default()
        };
        Ok(())
    }

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
        state.open_files += usize::from(done == 0);
        Ok((done, state.plate.open(path, found)))
    }

    pub(super) fn closed(&self) {
        self.state().open_files -= 1;
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
        if state.ignores_syncs {
            return Ok(());
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
