//! A private folder of Node packages below `target/tools/node`.
//!
//! Made once; npm is asked again only when a package or its version is not the wanted one.

use crate::program;
use crate::workspace;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// Package and version; the tests' MQTT client of the browsers.
const PACKAGES: &[(&str, &str)] = &[("mqtt", "5.16.0")];

/// Makes the folder complete and hands it back; `node_modules` is in it.
pub(super) fn prepare() -> Result<PathBuf> {
    let folder = workspace::tools().join("node");
    for (package, version) in PACKAGES {
        if find_version(&folder, package).as_deref() != Some(version) {
            install(&folder, &format!("{package}@{version}"))?;
        }
    }
    Ok(folder)
}

/// Scripts of packages do not run.
fn install(folder: &Path, wanted: &str) -> Result<()> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let words = [
        "install",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--save-exact",
        "--prefix",
    ];
    let mut npm = program::command(&workspace::root(), "npm", words);
    npm.arg(folder).arg(wanted);
    program::step(npm)
}

fn find_version(folder: &Path, package: &str) -> Option<String> {
    let question = format!("console.log(require('{package}/package.json').version)");
    let mut node = program::command(&workspace::root(), "node", ["-e", &question]);
    node.env("NODE_PATH", folder.join("node_modules"));
    program::find_answer(&mut node)
}
