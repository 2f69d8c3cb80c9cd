//! The work of a chore or a check.

use anyhow::Result;
use xtask::Workspace;

use crate::tool::Tool;

/// Work that succeeds or stops the chore.
pub(crate) enum Work {
    /// Cargo with these arguments; rustdoc's warnings are errors.
    Cargo(&'static str),
    /// A function of this program.
    Chore(fn(&Workspace) -> Result<()>),
    /// A function that needs tools. Without them, it is skipped with a line that names the missing one.
    IfInstalled(&'static [Tool], fn(&Workspace) -> Result<()>),
    /// A tool that may be missing, with these arguments.
    Tool(Tool, &'static str),
}

impl Work {
    pub(crate) fn run(&self, workspace: &Workspace) -> Result<()> {
        match self {
            Self::Cargo(arguments) => {
                let cargo = workspace.cargo(arguments);
                cargo.env("RUSTDOCFLAGS", "-D warnings").run()?;
            }
            Self::Chore(chore) => chore(workspace)?,
            Self::IfInstalled(tools, chore) => {
                match tools.iter().find(|tool| !tool.is_installed(workspace)) {
                    Some(missing) => println!("skipped: {} is not installed", missing.name),
                    None => chore(workspace)?,
                }
            }
            Self::Tool(tool, arguments) => {
                tool.require(workspace)?;
                workspace.program(tool.program, arguments).run()?;
            }
        }
        Ok(())
    }
}
