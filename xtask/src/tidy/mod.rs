//! `cargo xtask tidy`: checks that no lint can make.
//!
//! Each part is a function from the project's files to findings. All findings are printed before the chore fails.

mod commits;
mod glossary;
mod links;
mod manifest;
mod prose;
mod readme;
mod source;
mod words;

use std::fmt;

use anyhow::{Context, Result, bail};
use xtask::Workspace;

use crate::files;

/// Something to fix, and where.
struct Finding {
    path: String,
    /// From 1; 0 for the file as a whole.
    line: usize,
    what: String,
}

impl Finding {
    fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            what: what.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.what),
            line => write!(f, "{}:{line}: {}", self.path, self.what),
        }
    }
}

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let files = files::all(workspace)?;
    let crates = files::published(&files);
    let mut findings = source::check(&files);
    findings.extend(words::check(&files, workspace.root()));
    findings.extend(manifest::check(&files, &crates));
    findings.extend(readme::check(&files, &crates));
    findings.extend(links::check(&files, &crates, workspace.root()));
    findings.extend(glossary::check(&files));
    findings.extend(commits::check(workspace));
    report(&findings)?;

    let metadata = workspace
        .cargo("metadata --locked --format-version 1")
        .ignore_stdout();
    metadata
        .run()
        .context("Cargo.lock is behind Cargo.toml; `cargo update --workspace` fixes it")?;
    println!("{} files are tidy", files.len());
    Ok(())
}

/// Prints the findings and fails if there are any.
fn report(findings: &[Finding]) -> Result<()> {
    for finding in findings {
        eprintln!("{finding}");
    }
    match findings.len() {
        0 => Ok(()),
        1 => bail!("1 thing to fix"),
        many => bail!("{many} things to fix"),
    }
}

/// Findings as text, for tests.
#[cfg(test)]
fn texts(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(ToString::to_string).collect()
}

/// A file for tests.
#[cfg(test)]
pub(crate) fn file(path: &str, text: &str) -> files::TextFile {
    files::TextFile {
        path: path.to_owned(),
        text: text.to_owned(),
    }
}
