//! `cargo xtask test`: the set-up, then plain `cargo test` over the whole workspace.

use crate::program;
use crate::say;
use crate::setup;
use crate::workspace;
use anyhow::Result;

/// Tells the tests the folder of the Python environment; its interpreter is `bin/python`.
const PYTHON: &str = "KOUMEN_TEST_PYTHON";

/// Tells the tests the folder of the Node packages, which are in `node_modules`.
const NODE: &str = "KOUMEN_TEST_NODE";

/// Runs every test, handing `extra` to cargo.
pub(super) fn run(extra: &[String]) -> Result<()> {
    let prepared = setup::prepare()?;
    let mut test = program::command(&workspace::root(), "cargo", ["test", "--workspace"]);
    test.args(extra);
    test.env(PYTHON, prepared.python).env(NODE, prepared.node);
    program::step(test)?;
    say::step("test passed");
    Ok(())
}
