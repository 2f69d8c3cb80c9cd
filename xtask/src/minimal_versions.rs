//! `cargo xtask minimal-versions`: compiles the published libraries with the oldest dependencies that the manifest allows.
//!
//! Cargo compiles with the newest versions otherwise, so a version in the manifest that is too old would not be noticed.

use std::fs;

use anyhow::{Context, Result};
use xshell::Cmd;
use xtask::Workspace;

use crate::tool;

/// The packages that no user depends on. The command is installed with its own lock file.
const EXCLUDED: [&str; 7] = [
    "intercom-cli",
    "intercom-wire",
    "xtask",
    "xtask-bench",
    "xtask-explore",
    "xtask-hostile",
    "xtask-simulate",
];

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    tool::NIGHTLY.require(workspace)?;
    // A workspace with the same files and a lock file of its own.
    let folder = workspace.target().join("minimal-versions");
    fs::create_dir_all(&folder)?;
    for file in ["Cargo.lock", "Cargo.toml"] {
        fs::copy(workspace.root().join(file), folder.join(file)).context(file)?;
    }
    for name in ["README.md", "crates", "docs", "xtask"] {
        let link = workspace
            .program("ln", "-sfn")
            .arg(workspace.root().join(name));
        link.arg(folder.join(name)).run()?;
    }
    let in_folder = |cargo: Cmd<'_>| {
        let cargo = cargo.arg("--manifest-path");
        cargo.arg(folder.join("Cargo.toml")).run()
    };
    let update = "run nightly cargo update --quiet -Z direct-minimal-versions";
    in_folder(workspace.program("rustup", update))
        .context("a dependency needs a newer version of another; raise that one in Cargo.toml")?;
    let excluded = EXCLUDED.map(|package| format!("--exclude={package}"));
    // The target folder is the usual one: clippy has already checked the dependencies whose versions are the same.
    let check = workspace.cargo("check --quiet --workspace --all-features --locked --target-dir");
    in_folder(check.arg(workspace.target()).args(excluded))
        .context("a version in Cargo.toml is too old; raise it")?;
    println!("the published libraries compile with the oldest versions that Cargo.toml allows");
    Ok(())
}
