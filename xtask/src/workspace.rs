//! The workspace of the chores: its root, its target folder, and programs that run at the root.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use xshell::{Cmd, Shell};

/// The workspace that the running chore belongs to.
#[derive(Debug)]
pub struct Workspace {
    root: PathBuf,
    target: PathBuf,
    shell: Shell,
}

impl Workspace {
    /// Finds the workspace that this program was built from.
    ///
    /// # Errors
    ///
    /// Fails if no folder above the program's manifest has a lock file.
    pub fn open() -> Result<Self> {
        let own = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = own
            .ancestors()
            .find(|folder| folder.join("Cargo.lock").is_file())
            .context("no folder above the chore has a Cargo.lock")?
            .to_owned();
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => env::current_dir()?.join(folder),
            None => root.join("target"),
        };
        let shell = Shell::new()?;
        shell.change_dir(&root);
        Ok(Self {
            root,
            target,
            shell,
        })
    }

    /// The folder of the workspace's manifest.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder where cargo builds.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// A shell whose paths start at the root.
    pub fn shell(&self) -> &Shell {
        &self.shell
    }

    /// A program that runs at the root, with arguments separated by spaces.
    ///
    /// It does not echo its command line. It does not receive the variables that cargo has set about the chore's own package,
    /// because build scripts like ring's watch them and would run again after each chore.
    pub fn program(&self, program: &str, arguments: &str) -> Cmd<'_> {
        let about_package = ["CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_BIN_"];
        let command = self.shell.cmd(program).args(arguments.split_whitespace());
        env::vars()
            .filter(|(name, _)| about_package.iter().any(|start| name.starts_with(start)))
            .fold(command.quiet(), |command, (name, _)| {
                command.env_remove(name)
            })
    }

    /// Cargo, run at the root.
    pub fn cargo(&self, arguments: &str) -> Cmd<'_> {
        self.program("cargo", arguments)
    }
}
