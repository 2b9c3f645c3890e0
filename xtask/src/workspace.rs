//! Where the workspace and its private tools are.
//!
//! Whatever xtask installs with cargo or pip lives below `target/tools`, so nothing of the user's
//! changes and `cargo clean` removes it.

use std::path::{Path, PathBuf};

/// The folder that holds the root manifest.
pub(crate) fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_path_buf()
}

/// The folder for programs that only this workspace uses.
pub(crate) fn tools() -> PathBuf {
    root().join("target").join("tools")
}
