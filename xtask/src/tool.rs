//! Tools that are no part of Rust: a chore that needs one says so instead of passing unrun.

use anyhow::{Result, bail};

use crate::workspace::Workspace;

/// A program from elsewhere.
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    /// Program and arguments that succeed where the tool is installed.
    pub(crate) probe: (&'static str, &'static str),
    pub(crate) install: &'static str,
}

impl Tool {
    /// Fails with how to install the tool when it is missing.
    pub(crate) fn require(&self, workspace: &Workspace) -> Result<()> {
        let (program, arguments) = self.probe;
        let found = workspace
            .program(program, arguments)
            .ignore_stderr()
            .ignore_stdout();
        if found.run().is_err() {
            bail!(
                "{} is missing, so nothing was checked; install it with `{}`",
                self.name,
                self.install
            );
        }
        Ok(())
    }
}
