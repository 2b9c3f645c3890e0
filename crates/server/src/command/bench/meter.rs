//! What a process and the machine have used so far. Source: proc(5).

use std::fs::read_to_string;

use anyhow::Context;

/// Ticks per second in which the kernel shows processor time; 100 on every Linux in use.
const TICKS_PER_S: f64 = 100.0;

/// One reading; two make a difference.
#[derive(Clone, Copy)]
pub(super) struct Usage {
    /// Processor seconds, user and system, of all threads.
    pub(super) cpu_s: f64,
    /// Bytes handed to the disk.
    pub(super) written: f64,
}

/// Of the whole machine.
#[derive(Clone, Copy)]
pub(super) struct Busy {
    idle: f64,
    total: f64,
}

/// What a process holds in memory now, in MB (10^6 bytes).
pub(super) fn resident_mb(process: u32) -> anyhow::Result<f64> {
    let path = format!("/proc/{process}/status");
    let status = read_to_string(&path).context(path)?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    Ok(kib.context("the process's memory")? * 1024.0 / 1e6)
}

impl Usage {
    pub(super) fn of(process: u32) -> anyhow::Result<Self> {
        let read = |name: &str| {
            let path = format!("/proc/{process}/{name}");
            read_to_string(&path).context(path)
        };
        let ticks = ticks(&read("stat")?).context("the process's stat")?;
        let written = written(&read("io")?).context("the process's io")?;
        Ok(Self {
            cpu_s: ticks / TICKS_PER_S,
            written,
        })
    }

    pub(super) fn since(self, before: Self) -> Self {
        Self {
            cpu_s: self.cpu_s - before.cpu_s,
            written: self.written - before.written,
        }
    }
}

impl Busy {
    pub(super) fn look() -> anyhow::Result<Self> {
        let text = read_to_string("/proc/stat")?;
        let line = text.lines().next().unwrap_or_default();
        let ticks = line.split_whitespace().skip(1).map(str::parse::<f64>);
        let ticks: Vec<f64> = ticks.collect::<Result<_, _>>().context("/proc/stat")?;
        // idle and iowait: nobody could use the core.
        let idle = ticks.iter().skip(3).take(2).sum();
        Ok(Self {
            idle,
            total: ticks.iter().take(8).sum(),
        })
    }

    /// The share of all cores in use since then, 0 to 1.
    pub(super) fn share_since(self, before: Self) -> f64 {
        1.0 - (self.idle - before.idle) / (self.total - before.total).max(1.0)
    }
}

/// `utime` and `stime`, fields 14 and 15; the name before them may hold spaces.
fn ticks(stat: &str) -> Option<f64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

fn written(io: &str) -> Option<f64> {
    let line = io
        .lines()
        .find_map(|line| line.strip_prefix("write_bytes:"))?;
    line.trim().parse().ok()
}
