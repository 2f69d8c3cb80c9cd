//! `cargo xtask hack`: clippy over every combination of features.

use anyhow::Result;

use crate::tool::Tool;
use crate::workspace::Workspace;

const TOOL: Tool = Tool {
    name: "cargo-hack",
    probe: ("cargo", "hack --version"),
    install: "cargo install --locked cargo-hack",
};

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    TOOL.require(workspace)?;
    workspace
        .cargo("hack clippy --workspace --exclude xtask --feature-powerset --locked -- -D warnings")
        .run()?;
    Ok(())
}
