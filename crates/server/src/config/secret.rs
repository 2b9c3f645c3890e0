//! Secrets, which may lie in files of their own.

use std::path::PathBuf;

use anyhow::{Context, bail, ensure};

/// A secret from wherever it was put, `name` or `name_file`; none if there is none.
pub(super) fn secret(
    name: &str,
    text: &Option<String>,
    file: &Option<PathBuf>,
) -> anyhow::Result<Option<String>> {
    let found = match (text, file) {
        (Some(text), None) => text.clone(),
        (None, Some(path)) => std::fs::read_to_string(path)
            .with_context(|| format!("{name}_file: {}", path.display()))?,
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => bail!("set {name} or {name}_file, not both"),
    };
    let found = found.trim();
    ensure!(!found.is_empty(), "{name}: is empty");
    Ok(Some(found.to_owned()))
}
