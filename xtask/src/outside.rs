//! A crate outside of the workspace, which a chore writes and compiles.
//!
//! In the workspace, tests and other members enable features. Outside, only the features in the manifest are enabled.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use xtask::Workspace;

/// A crate with one source file, in the target folder.
pub(crate) struct Outside<'w> {
    workspace: &'w Workspace,
    folder: PathBuf,
}

impl<'w> Outside<'w> {
    /// Writes the crate. `manifest` follows the package in its manifest; `CRATES` in it stands for the folder of our crates.
    ///
    /// The crate uses the lock file of the workspace, so that nothing is fetched.
    pub(crate) fn write(
        workspace: &'w Workspace,
        name: &str,
        file: &str,
        source: &str,
        manifest: &str,
    ) -> Result<Self> {
        let folder = workspace.target().join(name);
        let crates = workspace.root().join("crates");
        let manifest = manifest.replace("CRATES", &crates.display().to_string());
        let package = format!(
            "[package]\nname = {name:?}\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n[workspace]\n\n{manifest}"
        );
        let write = || -> Result<()> {
            fs::create_dir_all(folder.join("src"))?;
            fs::write(folder.join("src").join(file), source)?;
            fs::write(folder.join("Cargo.toml"), package)?;
            fs::copy(
                workspace.root().join("Cargo.lock"),
                folder.join("Cargo.lock"),
            )?;
            Ok(())
        };
        write().with_context(|| format!("writing {}", folder.display()))?;
        Ok(Self { workspace, folder })
    }

    /// Compiles the crate; the error is the output of cargo.
    pub(crate) fn check(&self, features: &str) -> Result<()> {
        let output = self
            .workspace
            .cargo(&format!("check --quiet {features}"))
            .arg("--manifest-path")
            .arg(self.folder.join("Cargo.toml"))
            .arg("--target-dir")
            .arg(self.folder.join("target"))
            .ignore_status()
            .output()?;
        ensure!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(())
    }
}
