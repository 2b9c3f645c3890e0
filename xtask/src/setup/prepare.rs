//! The whole set-up, in order: system programs, then Python, then Node.

use super::{apt, need, node, python};
use crate::say;
use anyhow::{Result, bail};
use std::path::PathBuf;

/// What the set-up made for the tests.
pub(crate) struct Prepared {
    /// The folder of the virtual environment; its interpreter is `bin/python`.
    pub(crate) python: PathBuf,
    /// The folder of the Node packages; they are in `node_modules`.
    pub(crate) node: PathBuf,
}

/// Makes sure that everything the tests need is there.
pub(crate) fn prepare() -> Result<Prepared> {
    say::step("looking for the programs that the tests need");
    let missing = need::missing();
    if !missing.is_empty() {
        apt::install(&missing)?;
    }
    if let Some(need) = need::missing().first() {
        bail!(
            "{} is still missing although {} is installed",
            need.name,
            need.package
        );
    }
    Ok(Prepared {
        python: python::prepare()?,
        node: node::prepare()?,
    })
}
