//! `cargo xtask tidy`: prints every broken house rule.

use crate::say;
use crate::source;
use crate::tidy;
use crate::workspace;
use anyhow::{Result, bail};

/// Judges the workspace and fails if there is anything to say.
pub(super) fn run() -> Result<()> {
    let findings = tidy::judge(&source::load(&workspace::root())?);
    for finding in &findings {
        say::line(&finding.to_string());
    }
    match findings.len() {
        0 => say::step("tidy"),
        count => bail!("{count} findings"),
    }
    Ok(())
}
