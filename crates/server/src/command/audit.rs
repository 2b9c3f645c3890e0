//! `koumen audit`: whether the record of the doors is whole, and the record itself.
//!
//! Both read the data folder, also beside a running server, and change nothing.

use std::path::Path;

use anyhow::Context;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use storage::{Audit as Chains, AuditRow, AuditSpan, ChainHead};

use crate::command::Settings;
use crate::machine::{SystemRandom, audit_key};
use crate::say;

const EXAMPLES: &str = "Examples:
  koumen audit verify
  koumen audit export --door lobby --from 1760000000000 > lobby.jsonl";

/// Stands for all doors together.
const ALL: &str = "*";

#[derive(Subcommand)]
pub(super) enum Audit {
    /// Check every row of every door; fails and names the first that was changed or is missing.
    #[command(after_help = EXAMPLES)]
    Verify(Verify),
    /// Print the rows as lines of JSON, then where each chain ends.
    #[command(after_help = EXAMPLES)]
    Export(Export),
}

#[derive(Args)]
pub(super) struct Verify {
    #[command(flatten)]
    settings: Settings,
}

#[derive(Args)]
pub(super) struct Export {
    /// Of this door alone.
    #[arg(long)]
    door: Option<String>,
    /// At this moment or later, in milliseconds since the epoch.
    #[arg(long, value_name = "MS")]
    from: Option<i64>,
    /// Before this moment, in milliseconds since the epoch.
    #[arg(long, value_name = "MS")]
    to: Option<i64>,
    #[command(flatten)]
    settings: Settings,
}

impl Audit {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Verify(verify) => verify.run(),
            Self::Export(export) => export.run(),
        }
    }
}

impl Verify {
    fn run(self) -> anyhow::Result<()> {
        let folder = self.settings.load()?.data;
        let chains = open(&folder)?;
        let key = audit_key(&SystemRandom::open(&folder)?);
        let report = chains.check(&key)?;
        let is_whole = report.faults.is_empty();
        let word = if is_whole { "whole" } else { "not whole" };
        say::line(&format!("{word}: {} rows", report.rows));
        for fault in &report.faults {
            say::line(&fault.to_string());
        }
        for head in report.heads.iter().filter(|head| head.door != ALL) {
            let (door, count, mac) = (&head.door, head.count, hex(&head.mac));
            say::line(&format!("door {door}: {count} rows, ends {mac}"));
        }
        anyhow::ensure!(is_whole, "the audit was tampered with");
        Ok(())
    }
}

impl Export {
    fn run(self) -> anyhow::Result<()> {
        let chains = open(&self.settings.load()?.data)?;
        let span = AuditSpan {
            door: self.door.clone(),
            from_ms: self.from,
            to_ms: self.to,
        };
        chains.each(&span, |row| {
            say::line(&row_line(row).to_string());
            Ok(())
        })?;
        let is_asked = |head: &ChainHead| self.door.as_ref().is_none_or(|door| *door == head.door);
        for head in chains.heads()?.iter().filter(|head| is_asked(head)) {
            let end = json!({"count": head.count, "mac": hex(&head.mac)});
            say::line(&json!({"door": head.door, "head": end}).to_string());
        }
        Ok(())
    }
}

fn open(folder: &Path) -> anyhow::Result<Chains> {
    Chains::open(folder).with_context(|| folder.display().to_string())
}

/// The body stands as it is signed, and beside that as JSON for those who only read.
fn row_line(row: &AuditRow) -> Value {
    json!({
        "door": row.door,
        "seq": row.seq,
        "at_ms": row.at_ms,
        "body": serde_json::from_str::<Value>(&row.body).unwrap_or_default(),
        "signed": row.body,
        "previous": hex(&row.previous),
        "mac": hex(&row.mac),
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
