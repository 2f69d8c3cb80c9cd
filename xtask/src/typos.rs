//! `cargo xtask typos`: spelling, by `.typos.toml`.

use anyhow::Result;

use crate::tool::Tool;
use crate::workspace::Workspace;

const TOOL: Tool = Tool {
    name: "typos",
    probe: ("typos", "--version"),
    install: "pip install typos` or `cargo install --locked typos-cli",
};

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    TOOL.require(workspace)?;
    workspace.program("typos", "").run()?;
    Ok(())
}
