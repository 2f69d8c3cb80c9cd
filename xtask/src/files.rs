//! The project's text files.

use anyhow::Result;
use xtask::Workspace;

/// Names and paths of folders without files that a person writes.
const SKIPPED: &[&str] = &[".git", "docs/api", "fuzz-target", "node_modules", "target"];

/// Extensions of the files that the checks read. Files in `.ci` have no extension.
const READ: &[&str] = &["md", "rs", "sh", "toml", "txt", "yaml", "yml"];

/// A text file: its path from the root, with `/` between folders, and its text.
#[derive(Debug)]
pub(crate) struct TextFile {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Every text file of the project, folder by folder.
pub(crate) fn all(workspace: &Workspace) -> Result<Vec<TextFile>> {
    let mut files = Vec::new();
    collect(workspace, "", &mut files)?;
    Ok(files)
}

fn collect(workspace: &Workspace, folder: &str, files: &mut Vec<TextFile>) -> Result<()> {
    for entry in workspace.shell().read_dir(folder)? {
        let name = entry.file_name().unwrap_or_default().to_string_lossy();
        let path = format!("{folder}{name}");
        if entry.is_dir() {
            if !SKIPPED.contains(&&*name) && !SKIPPED.contains(&path.as_str()) {
                collect(workspace, &format!("{path}/"), files)?;
            }
        } else if folder == ".ci/" || READ.contains(&name.rsplit('.').next().unwrap_or_default()) {
            let text = workspace.shell().read_file(&path)?;
            files.push(TextFile { path, text });
        }
    }
    Ok(())
}

/// The text of the file with this path.
pub(crate) fn text<'a>(files: &'a [TextFile], path: &str) -> Option<&'a str> {
    let file = files.iter().find(|file| file.path == path)?;
    Some(&file.text)
}

/// The names of the published crates, which are also the names of their folders in `crates`.
pub(crate) fn published(files: &[TextFile]) -> Vec<&str> {
    files
        .iter()
        .filter(|file| !file.text.contains("\npublish = false\n"))
        .filter_map(|file| {
            file.path
                .strip_prefix("crates/")?
                .strip_suffix("/Cargo.toml")
        })
        .filter(|name| !name.contains('/'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::file;

    #[test]
    fn fuzz_targets_and_private_crates_are_not_published() {
        let files = [
            file("crates/a/Cargo.toml", "[package]\n"),
            file("crates/a/fuzz/Cargo.toml", "[package]\n"),
            file("crates/b/Cargo.toml", "[package]\npublish = false\n"),
        ];
        assert_eq!(published(&files), ["a"]);
    }
}
