//! Reads the repository from the disk: what git tracks or would track, else every file.
//!
//! Without git (a source archive) the walk leaves out `target`, `data` and hidden `.git`.

use super::tree::{READ, Tree};
use crate::program;
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;

const LISTING: &[&str] = &[
    "ls-files",
    "-z",
    "--cached",
    "--others",
    "--exclude-standard",
];
const SKIPPED: &[&str] = &[".git", "target", "data", "node_modules"];

/// Loads the repository at `root`.
pub(crate) fn load(root: &Path) -> Result<Tree> {
    let paths = match find_listed(root) {
        Some(paths) => paths,
        None => walked(root)?,
    };
    let mut tree = Tree::default();
    for path in paths {
        let on_disk = root.join(&path);
        if on_disk.is_file() {
            let text = text_of(&on_disk)?;
            tree.insert(path, text);
        }
    }
    Ok(tree)
}

/// A file that git still lists may be gone from the disk; the caller looks.
fn find_listed(root: &Path) -> Option<Vec<String>> {
    if !root.join(".git").exists() {
        return None;
    }
    let output = program::find_answer(&mut program::command(root, "git", LISTING))?;
    Some(
        output
            .split('\0')
            .filter(|path| !path.is_empty())
            .map(str::to_owned)
            .collect(),
    )
}

fn walked(root: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        let on_disk = root.join(&folder);
        let entries = fs::read_dir(&on_disk)
            .with_context(|| format!("folder {} could not be read", on_disk.display()))?;
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if folder.is_empty() {
                name.clone()
            } else {
                format!("{folder}/{name}")
            };
            if !entry.file_type()?.is_dir() {
                found.push(path);
            } else if !SKIPPED.contains(&name.as_str()) {
                folders.push(path);
            }
        }
    }
    Ok(found)
}

/// Files of other kinds count as present but are not read.
fn text_of(file: &Path) -> Result<String> {
    let ending = file
        .extension()
        .and_then(|ending| ending.to_str())
        .unwrap_or_default();
    if !READ.contains(&ending) {
        return Ok(String::new());
    }
    fs::read_to_string(file).with_context(|| format!("{} could not be read", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;

    #[test]
    fn git_and_the_walk_both_find_this_file() {
        let own = "xtask/src/source/listing.rs".to_owned();

        assert!(walked(&workspace::root()).unwrap().contains(&own));
        assert!(load(&workspace::root()).unwrap().has(&own));
    }
}
