//! The workspace as the chores see it: its root, its members, its text files and its cargo.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use xshell::{Cmd, Shell};

/// Folders that hold nothing of ours.
const SKIPPED: &[&str] = &[".git", "fuzz-target", "node_modules", "target"];

/// Kinds of file the checks read.
const READ: &[&str] = &["md", "rs", "sh", "toml", "yaml", "yml"];

pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
    shell: Shell,
}

/// A file of ours: its path from the root, with `/` between folders, and its text.
pub(crate) struct TextFile {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Workspace {
    /// Finds the workspace this program was built from, and goes to its root.
    pub(crate) fn open() -> Result<Self> {
        let own = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = own
            .parent()
            .context("xtask has no folder above it")?
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

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where cargo builds.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// A program run at the root, with arguments parted by spaces; it does not echo itself.
    pub(crate) fn program(&self, program: &str, arguments: &str) -> Cmd<'_> {
        self.shell
            .cmd(program)
            .args(arguments.split_whitespace())
            .quiet()
    }

    /// Cargo, without the variables the cargo that started this program set about xtask: build
    /// scripts such as ring's watch them, and would run again after each chore.
    pub(crate) fn cargo(&self, arguments: &str) -> Cmd<'_> {
        let about_xtask = |name: &str| {
            name.starts_with("CARGO_MANIFEST_")
                || name.starts_with("CARGO_PKG_")
                || name.starts_with("CARGO_BIN_")
        };
        env::vars()
            .filter(|(name, _)| about_xtask(name))
            .fold(self.program("cargo", arguments), |cargo, (name, _)| {
                cargo.env_remove(name)
            })
    }

    /// The names of the folders in `crates`, in order.
    pub(crate) fn crates(&self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for folder in self.shell.read_dir("crates")? {
            if folder.join("Cargo.toml").is_file() {
                names.extend(
                    folder
                        .file_name()
                        .map(|name| name.to_string_lossy().into_owned()),
                );
            }
        }
        names.sort();
        Ok(names)
    }

    /// Every text file of the project, in order of their paths.
    pub(crate) fn files(&self) -> Result<Vec<TextFile>> {
        let mut files = Vec::new();
        self.collect(&self.root, &mut files)?;
        files.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(files)
    }

    fn collect(&self, folder: &Path, files: &mut Vec<TextFile>) -> Result<()> {
        for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if path.is_dir() {
                if !SKIPPED.contains(&name.as_str()) {
                    self.collect(&path, files)?;
                }
            } else if is_read(&path) {
                let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
                files.push(TextFile {
                    path: self.relative(&path),
                    text,
                });
            }
        }
        Ok(())
    }

    fn relative(&self, path: &Path) -> String {
        let path = path.strip_prefix(&self.root).unwrap_or(path);
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
        parts.join("/")
    }
}

fn is_read(path: &Path) -> bool {
    let in_ci = path
        .parent()
        .and_then(Path::file_name)
        .is_some_and(|folder| folder == ".ci");
    in_ci
        || path
            .extension()
            .is_some_and(|kind| READ.iter().any(|read| kind == *read))
}
