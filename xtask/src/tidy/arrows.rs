//! Which crate may use which: the table of `ARCHITECTURE.md`, compared with the manifests.
//!
//! Normal and build dependencies count, for every target; dev-dependencies are free.
//! A crate without a row here is a finding, so a new room is drawn before it is built.

use super::finding::Finding;
use crate::source::Tree;
use std::collections::{BTreeMap, BTreeSet};
use toml::{Table, Value};

/// One row of the table.
struct Room {
    /// A name, or a prefix that ends in `*`.
    name: &'static str,
    ours: Ours,
    others: Others,
}

enum Ours {
    All,
    Only(&'static [&'static str]),
}

enum Others {
    None,
    AllBut(&'static [&'static str]),
}

const ANY: Others = Others::AllBut(&[]);
const NO_SQL: Others = Others::AllBut(&["rusqlite"]);
const NO_WIRES: Others = Others::AllBut(&["axum", "hyper", "http", "rusqlite", "serde_json"]);

const ROOMS: &[Room] = &[
    Room {
        name: "engine",
        ours: Ours::Only(&[]),
        others: Others::None,
    },
    Room {
        name: "broker",
        ours: Ours::Only(&[]),
        others: ANY,
    },
    Room {
        name: "bus",
        ours: Ours::Only(&[]),
        others: ANY,
    },
    Room {
        name: "bus-external",
        ours: Ours::Only(&["bus"]),
        others: ANY,
    },
    Room {
        name: "relay",
        ours: Ours::Only(&[]),
        others: ANY,
    },
    Room {
        name: "app",
        ours: Ours::Only(&["engine"]),
        others: NO_WIRES,
    },
    Room {
        name: "things",
        ours: Ours::Only(&["engine"]),
        others: ANY,
    },
    Room {
        name: "storage",
        ours: Ours::Only(&["app", "things", "engine", "broker"]),
        others: ANY,
    },
    Room {
        name: "vendors",
        ours: Ours::Only(&["app", "engine"]),
        others: ANY,
    },
    Room {
        name: "dialect-*",
        ours: Ours::Only(&["app", "things", "engine", "bus"]),
        others: NO_SQL,
    },
    Room {
        name: "api",
        ours: Ours::Only(&["app", "things", "engine"]),
        others: NO_SQL,
    },
    Room {
        name: "sim",
        ours: Ours::Only(&[]),
        others: ANY,
    },
    Room {
        name: "server",
        ours: Ours::All,
        others: ANY,
    },
    Room {
        name: "testkit",
        ours: Ours::Only(&["engine", "app", "things"]),
        others: ANY,
    },
];

/// Only for tests, whatever a row says.
const DEV_ONLY: &str = "testkit";
const SECTIONS: &[&str] = &["dependencies", "build-dependencies"];

/// Finds dependencies that the table does not allow.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let renames = find_manifest(tree, "Cargo.toml", &mut findings)
        .and_then(|root| root.get("workspace")?.as_table().map(package_by_alias))
        .unwrap_or_default();
    let manifests: Vec<(String, Table)> = tree
        .crate_folders()
        .filter(|folder| folder.starts_with("crates/"))
        .map(|folder| format!("{folder}/Cargo.toml"))
        .filter_map(|path| Some((path.clone(), find_manifest(tree, &path, &mut findings)?)))
        .collect();
    let ours: BTreeSet<&str> = manifests
        .iter()
        .map(|(path, table)| name_of(path, table))
        .collect();
    for (path, manifest) in &manifests {
        let name = name_of(path, manifest);
        let Some(room) = ROOMS.iter().find(|room| room.fits(name)) else {
            findings.push(Finding::in_file(
                path,
                format!("`{name}` has no row in the table of arrows"),
            ));
            continue;
        };
        let used = used_packages(manifest, &renames);
        let wrong = used.iter().filter(|package| !room.allows(package, &ours));
        findings.extend(wrong.map(|package| {
            Finding::in_file(path, format!("`{name}` may not depend on `{package}`"))
        }));
    }
    findings
}

impl Room {
    fn fits(&self, name: &str) -> bool {
        match self.name.strip_suffix('*') {
            Some(prefix) => name.starts_with(prefix),
            None => name == self.name,
        }
    }

    fn allows(&self, package: &str, all_ours: &BTreeSet<&str>) -> bool {
        if package == DEV_ONLY {
            return false;
        }
        if all_ours.contains(package) || ROOMS.iter().any(|room| room.fits(package)) {
            return match self.ours {
                Ours::All => true,
                Ours::Only(allowed) => allowed.contains(&package),
            };
        }
        match self.others {
            Others::None => false,
            Others::AllBut(forbidden) => !forbidden.contains(&package),
        }
    }
}

fn find_manifest(tree: &Tree, path: &str, findings: &mut Vec<Finding>) -> Option<Table> {
    match tree.find_text(path)?.parse::<Table>() {
        Ok(table) => Some(table),
        Err(fault) => {
            findings.push(Finding::in_file(
                path,
                format!("is no TOML: {}", fault.message()),
            ));
            None
        }
    }
}

/// The package name, or the folder's where the manifest names none.
fn name_of<'a>(path: &'a str, manifest: &'a Table) -> &'a str {
    let given = manifest
        .get("package")
        .and_then(|package| package.get("name")?.as_str());
    given.or_else(|| path.split('/').nth(1)).unwrap_or(path)
}

/// The real names of the packages a crate uses at run or build time.
fn used_packages(manifest: &Table, renames: &BTreeMap<String, String>) -> BTreeSet<String> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let per_target = targets
        .into_iter()
        .flat_map(Table::values)
        .filter_map(Value::as_table);
    std::iter::once(manifest)
        .chain(per_target)
        .flat_map(package_by_alias)
        .map(|(alias, package)| renames.get(&alias).cloned().unwrap_or(package))
        .collect()
}

fn package_by_alias(table: &Table) -> BTreeMap<String, String> {
    let sections = SECTIONS
        .iter()
        .filter_map(|section| table.get(*section)?.as_table());
    let named = sections.flatten().map(|(alias, value)| {
        let package = value
            .get("package")
            .and_then(Value::as_str)
            .unwrap_or(alias);
        (alias.clone(), package.to_owned())
    });
    named.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::finding::assert_findings;

    #[track_caller]
    fn check_manifest(name: &str, text: &str, expected: &[&str]) {
        let root = "[workspace.dependencies]\nstore = { package = \"storage\", path = \"x\" }\n";
        let path = format!("crates/{name}/Cargo.toml");
        let tree = Tree::of(&[("Cargo.toml", root), (&path, text)]);

        assert_findings(&check(&tree), expected);
    }

    #[test]
    fn an_allowed_arrow_is_silent() {
        check_manifest(
            "app",
            "[dependencies]\nengine.workspace = true\ntokio = \"1\"",
            &[],
        );
        check_manifest(
            "server",
            "[dependencies]\nsim = {}\ndialect-x = {}\n[dev-dependencies]\ntestkit = {}",
            &[],
        );
    }

    #[test]
    fn a_forbidden_arrow_is_found() {
        let found = "crates/dialect-a/Cargo.toml: `dialect-a` may not depend on `dialect-b`";
        check_manifest("dialect-a", "[dependencies]\ndialect-b = {}", &[found]);
        let found = "crates/api/Cargo.toml: `api` may not depend on `rusqlite`";
        check_manifest(
            "api",
            "[target.'cfg(unix)'.dependencies]\nrusqlite = \"1\"",
            &[found],
        );
        let found = "crates/engine/Cargo.toml: `engine` may not depend on `serde`";
        check_manifest("engine", "[build-dependencies]\nserde = \"1\"", &[found]);
        let found = "crates/server/Cargo.toml: `server` may not depend on `testkit`";
        check_manifest("server", "[dependencies]\ntestkit = {}", &[found]);
    }

    #[test]
    fn another_name_hides_nothing() {
        let found = "crates/app/Cargo.toml: `app` may not depend on `storage`";
        check_manifest("app", "[dependencies]\nstore.workspace = true", &[found]);
        check_manifest(
            "app",
            "[dependencies]\nkept = { package = \"storage\" }",
            &[found],
        );
    }

    #[test]
    fn a_room_that_is_not_drawn_is_found() {
        let found = "crates/attic/Cargo.toml: `attic` has no row in the table of arrows";
        check_manifest("attic", "", &[found]);
    }

    #[test]
    fn a_broken_manifest_is_found() {
        let findings = check(&Tree::of(&[("crates/bus/Cargo.toml", "[")]));

        assert!(
            findings[0]
                .to_string()
                .starts_with("crates/bus/Cargo.toml: is no TOML: ")
        );
    }
}
