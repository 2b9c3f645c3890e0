//! Runs every rule over a tree.

use super::finding::Finding;
use super::{arrows, deviations, headers, layout, links, modules, names, paths, reminders, sizes};
use crate::source::Tree;

type Rule = fn(&Tree) -> Vec<Finding>;

const RULES: &[Rule] = &[
    arrows::check,
    modules::check,
    sizes::check,
    headers::check,
    names::check,
    layout::check,
    reminders::check,
    links::check,
    deviations::check,
    paths::check,
];

/// All findings, ordered by place.
pub(crate) fn judge(tree: &Tree) -> Vec<Finding> {
    let mut findings: Vec<Finding> = RULES.iter().flat_map(|rule| rule(tree)).collect();
    findings.sort();
    findings.dedup();
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source;
    use crate::workspace;

    #[test]
    fn the_workspace_is_tidy() {
        let tree = source::load(&workspace::root()).unwrap();

        let shown: Vec<String> = judge(&tree).iter().map(Finding::to_string).collect();

        assert!(
            shown.is_empty(),
            "{} findings:\n{}",
            shown.len(),
            shown.join("\n")
        );
    }

    #[test]
    fn findings_of_all_rules_come_in_order() {
        let tree = Tree::of(&[
            ("crates/b/src/lib.rs", "struct Info;"),
            ("crates/a/clippy.toml", ""),
        ]);

        let shown: Vec<String> = judge(&tree).iter().map(Finding::to_string).collect();

        assert_eq!(shown.len(), 3, "{shown:?}");
        assert!(shown[0].starts_with("crates/a/clippy.toml: "));
        assert!(shown[1].starts_with("crates/b/src/lib.rs: "));
        assert!(shown[2].starts_with("crates/b/src/lib.rs:1: "));
    }
}
