//! A private Python environment below `target/tools/python`.
//!
//! Made once; pip is asked again only when a package or its version is not the wanted one.

use crate::program;
use crate::say;
use crate::workspace;
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Package and version; the tests' MQTT client that is neither ours nor in Rust.
const PACKAGES: &[(&str, &str)] = &[("paho-mqtt", "2.1.0")];

/// Makes the environment complete and hands back its folder.
pub(super) fn prepare() -> Result<PathBuf> {
    let folder = workspace::tools().join("python");
    if find_version(&folder, "pip").is_none() {
        say::step("making a Python environment for the tests");
        let venv = [
            "-m".as_ref(),
            "venv".as_ref(),
            "--clear".as_ref(),
            folder.as_os_str(),
        ];
        program::step(program::command(&workspace::root(), "python3", venv))?;
    }
    for (package, version) in PACKAGES {
        if find_version(&folder, package).as_deref() != Some(version) {
            let wanted = format!("{package}=={version}");
            let pip = [
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                &wanted,
            ];
            program::step(python(&folder, &pip))?;
        }
    }
    Ok(folder)
}

fn find_version(folder: &Path, package: &str) -> Option<String> {
    let question = format!("import importlib.metadata as m; print(m.version('{package}'))");
    program::find_answer(&mut python(folder, &["-c", &question]))
}

fn python(folder: &Path, arguments: &[&str]) -> Command {
    program::command(
        &workspace::root(),
        folder.join("bin").join("python"),
        arguments,
    )
}
