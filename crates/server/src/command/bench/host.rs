//! The machine that is measured, in words. Source: proc(5), getrlimit(2).

use std::fs::read_to_string;

use anyhow::Context;
use rustix::process::{Resource, getrlimit, setrlimit};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Host {
    pub(super) cores: usize,
    pub(super) memory_mb: u64,
    pub(super) kernel: String,
}

impl Host {
    /// What cannot be read is left empty: it decides nothing.
    pub(super) fn look() -> Self {
        let kernel = read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        Self {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_mb: memory_kb().unwrap_or_default() / 1024,
            kernel: kernel.trim().to_owned(),
        }
    }
}

/// Raises this process's soft limit on open files to the hard one; what that is now. Children get
/// the same.
pub(super) fn raise_files() -> anyhow::Result<u64> {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).context("the limit on open files")?;
    Ok(limit.maximum.unwrap_or(u64::MAX))
}

fn memory_kb() -> Option<u64> {
    let text = read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("MemTotal:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
