//! Where certain files may be.
//!
//! Clippy reads the nearest `clippy.toml` only, so a second one would silently drop the rules of
//! the first. A module that has a folder lives in it as `mod.rs`.

use super::finding::Finding;
use crate::source::Tree;

const CLIPPY: &[&str] = &["clippy.toml", ".clippy.toml"];

/// Finds files in the wrong place.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let clippy = tree.paths().filter(|path| {
        *path != CLIPPY[0] && CLIPPY.contains(&path.rsplit('/').next().unwrap_or(path))
    });
    let clippy = clippy.map(|path| Finding::in_file(path, "switches the root's clippy.toml off"));
    let beside = tree.rust().filter_map(|(path, _)| {
        let folder = path.strip_suffix(".rs")?;
        let has_modules = tree
            .below(&format!("{folder}/"))
            .any(|(path, _)| path.ends_with(".rs"));
        has_modules.then(|| Finding::in_file(path, format!("belongs to {folder}/mod.rs")))
    });
    clippy.chain(beside).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::finding::assert_findings;

    #[test]
    fn a_second_clippy_file_is_found() {
        let tree = Tree::of(&[
            ("clippy.toml", ""),
            (".clippy.toml", ""),
            ("a/clippy.toml", ""),
        ]);

        let found = [".clippy.toml", "a/clippy.toml"];
        let found = found.map(|path| format!("{path}: switches the root's clippy.toml off"));
        assert_findings(&check(&tree), &[&found[0], &found[1]]);
    }

    #[test]
    fn a_module_beside_its_folder_is_found() {
        let tree = Tree::of(&[
            ("crates/a/src/b.rs", ""),
            ("crates/a/src/b/c.rs", ""),
            ("crates/a/src/d.rs", ""),
            ("crates/a/src/d/sample.json", ""),
        ]);

        assert_findings(
            &check(&tree),
            &["crates/a/src/b.rs: belongs to crates/a/src/b/mod.rs"],
        );
    }
}
