//! The files of the repository in memory, keyed by path with `/` between folders.
//!
//! A rule never touches the disk, so a test hands it a made-up tree.

use std::collections::BTreeMap;

/// Every file by its path; only files with one of `READ` have their text.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    text_by_path: BTreeMap<String, String>,
}

/// Endings of the files whose text some rule reads.
pub(super) const READ: &[&str] = &["rs", "toml", "md", "sh"];

impl Tree {
    pub(super) fn insert(&mut self, path: String, text: String) {
        self.text_by_path.insert(path, text);
    }

    /// Makes a tree from (path, text) pairs.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let mut tree = Self::default();
        for (path, text) in files {
            tree.insert((*path).to_owned(), (*text).to_owned());
        }
        tree
    }

    /// All paths, in order.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.text_by_path.keys().map(String::as_str)
    }

    /// The text of one file, if there is such a file.
    pub(crate) fn find_text(&self, path: &str) -> Option<&str> {
        self.text_by_path.get(path).map(String::as_str)
    }

    /// Whether `path` is a file or a folder; the empty path is the root.
    pub(crate) fn has(&self, path: &str) -> bool {
        path.is_empty() || self.text_by_path.contains_key(path) || self.has_folder(path)
    }

    /// Whether some file lies below the folder `path`.
    pub(crate) fn has_folder(&self, path: &str) -> bool {
        self.below(&format!("{path}/")).next().is_some()
    }

    /// The files whose path starts with `prefix`, as (path, text).
    pub(crate) fn below(&self, prefix: &str) -> impl Iterator<Item = (&str, &str)> {
        self.text_by_path
            .range(prefix.to_owned()..)
            .take_while(move |(path, _)| path.starts_with(prefix))
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The files that end in one of `endings`, as (path, text).
    pub(crate) fn ending_in(&self, endings: &[&str]) -> impl Iterator<Item = (&str, &str)> {
        self.below("").filter(move |(path, _)| {
            path.rsplit_once('.')
                .is_some_and(|(_, ending)| endings.contains(&ending))
        })
    }

    /// The Rust files of our crates and of xtask.
    pub(crate) fn rust(&self) -> impl Iterator<Item = (&str, &str)> {
        self.ending_in(&["rs"])
            .filter(|(path, _)| path.starts_with("crates/") || path.starts_with("xtask/"))
    }

    /// The folder of each crate of ours and of xtask, without a slash at the end.
    pub(crate) fn crate_folders(&self) -> impl Iterator<Item = &str> {
        self.paths()
            .filter_map(|path| path.strip_suffix("/Cargo.toml"))
            .filter(|folder| {
                *folder == "xtask"
                    || folder
                        .strip_prefix("crates/")
                        .is_some_and(|name| !name.contains('/'))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_exist_through_their_files() {
        let tree = Tree::of(&[("docs/a/b.md", ""), ("docs-old/c.md", "")]);

        assert!(tree.has("docs") && tree.has("docs/a") && tree.has(""));
        assert!(!tree.has("doc") && !tree.has("docs/b.md"));
    }

    #[test]
    fn crates_are_found_by_their_manifests() {
        let tree = Tree::of(&[
            ("Cargo.toml", ""),
            ("crates/app/Cargo.toml", ""),
            ("crates/app/tests/sample/Cargo.toml", ""),
            ("xtask/Cargo.toml", ""),
        ]);

        assert_eq!(
            tree.crate_folders().collect::<Vec<_>>(),
            ["crates/app", "xtask"]
        );
    }
}
