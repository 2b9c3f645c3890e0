//! The machine that is measured, in words. Source: proc(5).

use std::fs::read_to_string;

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

fn memory_kb() -> Option<u64> {
    let text = read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("MemTotal:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
