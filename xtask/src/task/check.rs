//! `cargo xtask check`: what can be seen without running a test.
//!
//! cargo-deny is installed once into `target/tools`, where it troubles nobody.

use crate::program::{self, command};
use crate::say;
use crate::workspace::{root, tools};
use anyhow::{Result, bail};
use std::path::PathBuf;

/// Pinned, so that a new release cannot turn the same tree from green to red.
const DENY_VERSION: &str = "0.20.2";
const DENY_CHECKS: &[&str] = &["check", "bans", "licenses", "sources"];

/// There is one cryptographic provider, aws-lc-rs; a second would be chosen by accident.
const ABSENT: &str = "ring";

/// Runs every check in the order of its cost.
pub(super) fn run() -> Result<()> {
    cargo(&["fmt", "--all", "--check"])?;
    cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ])?;
    documents()?;
    dependencies()?;
    absent_package()?;
    say::step("check passed");
    Ok(())
}

fn cargo(arguments: &[&str]) -> Result<()> {
    program::step(command(&root(), "cargo", arguments))
}

fn documents() -> Result<()> {
    let arguments = [
        "doc",
        "--workspace",
        "--no-deps",
        "--document-private-items",
    ];
    let mut doc = command(&root(), "cargo", arguments);
    doc.env("RUSTDOCFLAGS", "-D warnings");
    program::step(doc)
}

fn dependencies() -> Result<()> {
    let deny = deny_program();
    if !has_deny() {
        say::step(&format!(
            "installing cargo-deny {DENY_VERSION}, which takes some minutes once"
        ));
        let words = [
            "install",
            "cargo-deny",
            "--locked",
            "--version",
            DENY_VERSION,
            "--root",
        ];
        let mut install = command(&root(), "cargo", words);
        install.arg(tools());
        program::step(install)?;
    }
    program::step(command(&root(), deny, DENY_CHECKS))
}

fn deny_program() -> PathBuf {
    tools().join("bin").join("cargo-deny")
}

fn has_deny() -> bool {
    let answer = program::find_answer(&mut command(&root(), deny_program(), ["--version"]));
    answer.is_some_and(|answer| answer.split_whitespace().last() == Some(DENY_VERSION))
}

/// cargo fails, or prints nothing, when no package depends on the one asked for.
fn absent_package() -> Result<()> {
    let mut tree = command(
        &root(),
        "cargo",
        ["tree", "--workspace", "--invert", ABSENT],
    );
    let shown = program::shown(&tree);
    say::step(&format!("{shown} (must find nothing)"));
    let output = program::output(&mut tree)?;
    let answer = String::from_utf8_lossy(&output.stdout);
    let fault = String::from_utf8_lossy(&output.stderr);
    let is_unknown = fault.contains("did not match any packages");
    if is_unknown || (output.status.success() && answer.trim().is_empty()) {
        return Ok(());
    }
    bail!("`{shown}` found `{ABSENT}`, which must not be used:\n{answer}{fault}");
}
