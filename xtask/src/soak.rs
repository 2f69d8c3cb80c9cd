//! `cargo xtask soak`: starts the long run.

use anyhow::Result;
use xtask::Workspace;

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let soak = workspace.cargo("run --quiet -p xtask-hostile -- soak");
    // With an arena for each of its many threads, glibc takes memory from the system for minutes, although the program frees it.
    soak.env("MALLOC_ARENA_MAX", "1").run()?;
    Ok(())
}
