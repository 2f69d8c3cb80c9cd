//! `cargo xtask interleavings`: tests the queue that threads and tasks share in every order, with loom.

use anyhow::Result;
use xtask::Workspace;

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    // The flag changes every dependency, so they are built apart from the others.
    let target = workspace.target().join("loom");
    let tests = "test --quiet --locked -p intercom-pace --lib interleavings";
    let tests = workspace.cargo(tests).env("RUSTFLAGS", "--cfg loom");
    tests.env("CARGO_TARGET_DIR", target).run()?;
    Ok(())
}
