//! Where the server under test keeps its data, and what a flush costs there.
//!
//! A file system in memory would make every commit free, so it is refused.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use sim::Spread;
use tempfile::TempDir;

use crate::machine::Stopwatch;

/// Flushes of one measurement: enough for a 99th percentile, short on slow disks.
pub(super) const FLUSHES: usize = 500;

const BLOCK: [u8; 4096] = [0x5a; 4096];

/// Kinds of file systems by their magic numbers. Source: statfs(2).
const KINDS: &[(u32, &str)] = &[
    (0xef53, "ext4"),
    (0x5846_5342, "xfs"),
    (0x9123_683e, "btrfs"),
    (0xf2f5_2010, "f2fs"),
    (0x2fc1_2fc1, "zfs"),
    (0x794c_7630, "overlay"),
    (0x6969, "nfs"),
    (TMPFS, "tmpfs"),
    (RAMFS, "ramfs"),
];

const TMPFS: u32 = 0x0102_1994;
const RAMFS: u32 = 0x8584_58f6;

/// A temporary folder on a disk; it goes with this value.
pub(super) struct Place {
    folder: TempDir,
    pub(super) file_system: String,
}

impl Place {
    /// Below `wanted`, else below the system's temporary folder, else, if that is in memory, below
    /// the current folder.
    pub(super) fn make(wanted: Option<&Path>) -> anyhow::Result<Self> {
        let candidates = match wanted {
            Some(folder) => vec![folder.to_owned()],
            None => vec![std::env::temp_dir(), PathBuf::from(".")],
        };
        for below in candidates {
            let shown = below.display();
            let magic = magic(&below).with_context(|| format!("the folder {shown}"))?;
            if !matches!(magic, TMPFS | RAMFS) {
                let folder = tempfile::Builder::new()
                    .prefix("koumen-bench-")
                    .tempdir_in(&below)
                    .with_context(|| format!("a folder in {shown}"))?;
                return Ok(Self {
                    folder,
                    file_system: kind(magic),
                });
            }
        }
        bail!("the folder is in memory, where a commit costs nothing; name one with --folder")
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Appends 4 KiB and waits until they are on the disk, [`FLUSHES`] times.
    pub(super) fn flush(&self) -> anyhow::Result<Spread> {
        let path = self.path().join("flush");
        let mut file = File::create(&path)?;
        let mut delays = Vec::with_capacity(FLUSHES);
        for _ in 0..FLUSHES {
            let from = Stopwatch.now();
            file.write_all(&BLOCK)?;
            file.sync_data()?;
            delays.push(Stopwatch.now().saturating_duration_since(from));
        }
        std::fs::remove_file(path)?;
        Ok(Spread::of(delays))
    }
}

fn magic(folder: &Path) -> anyhow::Result<u32> {
    let kind = rustix::fs::statfs(folder)?.f_type;
    // Some systems sign-extend the 32 bits.
    Ok(u32::try_from(kind & 0xffff_ffff)?)
}

fn kind(magic: u32) -> String {
    let known = KINDS.iter().find(|(known, _)| *known == magic);
    known.map_or_else(|| format!("{magic:#x}"), |(_, name)| (*name).to_owned())
}

/// Milliseconds with a fraction.
pub(super) fn ms(delay: Duration) -> f64 {
    (delay.as_secs_f64() * 1e6).round() / 1e3
}
