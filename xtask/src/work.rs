//! The work of a chore or a check.

use std::env;

use anyhow::{Context, Result};
use xtask::Workspace;

use crate::tool::Tool;

/// Work that succeeds or stops the chore.
pub(crate) enum Work {
    /// Cargo with these arguments; rustdoc's warnings are errors.
    Cargo(&'static str),
    /// A function of this program.
    Chore(fn(&Workspace) -> Result<()>),
    /// A function of this program that takes the arguments after the name of the chore.
    Arguments(fn(&Workspace, &[&str]) -> Result<()>),
    /// A function that needs tools. Without them, it is skipped with a line that names the missing one.
    IfInstalled(&'static [Tool], fn(&Workspace) -> Result<()>),
    /// A tool that may be missing, with these arguments.
    Tool(Tool, &'static str),
}

/// How long a chore may take: a variable of the environment, if it is set.
pub(crate) fn seconds(variable: &str, default: u32) -> Result<u32> {
    match env::var(variable) {
        Ok(seconds) => seconds
            .parse()
            .with_context(|| format!("{variable} is not a number")),
        Err(_) => Ok(default),
    }
}

impl Work {
    pub(crate) fn run(&self, workspace: &Workspace) -> Result<()> {
        match self {
            Self::Cargo(arguments) => {
                let cargo = workspace.cargo(arguments);
                cargo.env("RUSTDOCFLAGS", "-D warnings").run()?;
            }
            Self::Chore(chore) => chore(workspace)?,
            Self::Arguments(chore) => {
                let arguments: Vec<_> = env::args().skip(2).collect();
                let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
                chore(workspace, &arguments)?;
            }
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
