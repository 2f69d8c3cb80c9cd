//! `cargo xtask deny`: licences, sources and banned crates, by `.deny.toml`.

use anyhow::Result;

use crate::tool::Tool;
use crate::workspace::Workspace;

const TOOL: Tool = Tool {
    name: "cargo-deny",
    probe: ("cargo", "deny --version"),
    install: "cargo install --locked cargo-deny",
};

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    TOOL.require(workspace)?;
    workspace
        .cargo("deny --locked check bans licenses sources")
        .run()?;
    Ok(())
}
