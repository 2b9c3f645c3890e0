//! Files of the data folder that only the server's user may read.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;

/// Writes a file whole or not at all, and not before it is on disk.
pub(super) fn write_private(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let shown = || path.display().to_string();
    // Under another name until it is whole: a start that is killed here leaves no half a file.
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".new");
    let options = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished);
    let mut file = options.with_context(shown)?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&unfinished, path))
        .with_context(shown)?;
    // The name of a new file is safe only once its folder is.
    let folder = path.parent().context("a file lies in a folder")?;
    File::open(folder)?.sync_all().with_context(shown)
}
