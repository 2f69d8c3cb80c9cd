//! The READMEs of the library crates, written from their front pages: `src/lib.rs` is edited, and crates.io shows it.
//!
//! A README has what its crate's documentation begins with, less what only rustdoc reads (hidden lines of examples,
//! links to items), then the features of the manifest and the project's table of crates.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use xtask::Workspace;

use crate::files;

const NOTE: &str =
    "<!-- Written by `cargo xtask docs` from src/lib.rs and Cargo.toml; edit those instead. -->";

/// A README: where it stands, from the root, and its text.
struct Page {
    path: String,
    text: String,
}

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let pages = pages(workspace)?;
    for page in &pages {
        fs::write(workspace.root().join(&page.path), &page.text)
            .with_context(|| page.path.clone())?;
    }
    println!("crates: {} READMEs", pages.len());
    Ok(())
}

pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    for page in pages(workspace)? {
        let path = workspace.root().join(&page.path);
        if fs::read_to_string(path).unwrap_or_default() != page.text {
            bail!("{} is not what the crate's src/lib.rs says", page.path);
        }
    }
    Ok(())
}

fn pages(workspace: &Workspace) -> Result<Vec<Page>> {
    let read = |path: String| {
        let path: PathBuf = workspace.root().join(path);
        fs::read_to_string(&path).with_context(|| path.display().to_string())
    };
    let readme = read("README.md".to_owned())?;
    let root = read("Cargo.toml".to_owned())?;
    let repository = value(&root, "repository").context("Cargo.toml names no repository")?;
    let mut pages = Vec::new();
    for name in files::published(&files::all(workspace)?) {
        let folder = format!("crates/{name}");
        if !workspace.root().join(&folder).join("src/lib.rs").is_file() {
            continue;
        }
        let mut text = format!("{NOTE}\n\n# {name}\n\n");
        text += &front_page(&read(format!("{folder}/src/lib.rs"))?);
        text += &features(&read(format!("{folder}/Cargo.toml"))?);
        text += &siblings(&readme)?;
        write!(
            text,
            "\nAll of them are one project, [intercom-rs]({repository}), which says more.\n\
             Licensed under MIT or Apache-2.0, at your option.\n"
        )?;
        pages.push(Page {
            path: format!("{folder}/README.md"),
            text,
        });
    }
    Ok(pages)
}

/// What a crate's documentation begins with, as Markdown for readers without rustdoc.
fn front_page(source: &str) -> String {
    let doc: Vec<&str> = source
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect();
    let links: Vec<&str> = doc.iter().filter_map(|line| defined(line)).collect();
    let mut text = String::new();
    let mut fence = Fence::Outside;
    for line in doc {
        let language = line.strip_prefix("```");
        let (next, line) = match (fence, language) {
            (Fence::Outside, Some("" | "rust" | "no_run" | "should_panic")) => {
                (Fence::Rust, "```rust".to_owned())
            }
            (Fence::Outside, Some(_)) => (Fence::Other, line.to_owned()),
            (_, Some(_)) => (Fence::Outside, line.to_owned()),
            (Fence::Rust, None) if is_hidden(line) => continue,
            (Fence::Outside, None) if line.starts_with('#') => {
                (fence, format!("#{}", without_item_links(line, &links)))
            }
            (Fence::Outside, None) => (fence, without_item_links(line, &links)),
            (_, None) => (fence, line.to_owned()),
        };
        fence = next;
        text.push_str(&line);
        text.push('\n');
    }
    text
}

#[derive(Clone, Copy)]
enum Fence {
    Outside,
    Other,
    Rust,
}

/// Whether rustdoc compiles this line of an example without showing it.
fn is_hidden(line: &str) -> bool {
    let line = line.trim_start();
    line == "#" || line.starts_with("# ")
}

/// The label that a line defines as a link to a page, as in `[label]: https://...`.
fn defined(line: &str) -> Option<&str> {
    let (label, target) = line.strip_prefix('[')?.split_once("]: ")?;
    target.contains("://").then_some(label)
}

/// Links to items become the items' names; links to pages stay.
fn without_item_links(line: &str, links: &[&str]) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, label, after)) = bracketed(rest) {
        text.push_str(before);
        let target = after
            .strip_prefix('(')
            .and_then(|target| target.split_once(')'));
        rest = match target {
            Some((target, after)) if target.contains("://") => {
                text.extend(["[", label, "](", target, ")"]);
                after
            }
            Some((_, after)) => {
                text.push_str(label);
                after
            }
            None if label.starts_with('`') && !links.contains(&label) => {
                text.push_str(label);
                after
            }
            None => {
                text.extend(["[", label, "]"]);
                after
            }
        };
    }
    text + rest
}

/// What stands before the first brackets, in them, and behind.
fn bracketed(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('[')?;
    let (label, after) = rest.split_once(']')?;
    Some((before, label, after))
}

/// The features of a manifest, each told by the comment above it.
fn features(manifest: &str) -> String {
    let section = manifest
        .lines()
        .skip_while(|line| *line != "[features]")
        .skip(1)
        .take_while(|line| !line.starts_with('['));
    let (mut told, mut list) = (Vec::new(), String::new());
    for line in section {
        if let Some(comment) = line.strip_prefix("# ") {
            told.push(comment);
        } else if let Some((name, _)) = line.split_once(" = ").filter(|_| !told.is_empty()) {
            list += &format!("| `{name}` | {} |\n", told.join(" "));
            told.clear();
        }
    }
    let on = value(manifest, "default").filter(|on| !on.is_empty());
    let note = match on {
        None => "None is on by default.".to_owned(),
        Some(_) => format!("On by default: {}.", defaults(manifest)),
    };
    format!("\n## Features\n\n| feature | brings |\n|---|---|\n{list}\n{note}\n")
}

/// The default features, as a list in words.
fn defaults(manifest: &str) -> String {
    let line = manifest
        .lines()
        .find(|line| line.starts_with("default = "))
        .unwrap_or_default();
    let names: Vec<String> = line
        .split('"')
        .skip(1)
        .step_by(2)
        .map(|name| format!("`{name}`"))
        .collect();
    names.join(", ")
}

/// The table of crates as the project's README has it.
fn siblings(readme: &str) -> Result<String> {
    let table: Vec<String> = readme
        .lines()
        .skip_while(|line| *line != "## Which crate")
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.replace("](crates/", "](https://crates.io/crates/"))
        .collect();
    if table.is_empty() {
        bail!("README.md has no table below `## Which crate`");
    }
    Ok(format!("\n## Which crate\n\n{}\n", table.join("\n")))
}

/// The first quoted value of a key.
fn value<'a>(manifest: &'a str, key: &str) -> Option<&'a str> {
    let start = format!("{key} = ");
    let line = manifest.lines().find(|line| line.starts_with(&start))?;
    line.split('"').nth(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_lines_go_and_attributes_stay() {
        let source = "//! ```\n//! # let a = 1;\n//! #\n//! #[derive(Debug)]\n//! struct B;\n//! ```\n\nmod c;\n";
        assert_eq!(
            front_page(source),
            "```rust\n#[derive(Debug)]\nstruct B;\n```\n"
        );
    }

    #[test]
    fn links_to_items_become_names_and_links_to_pages_stay() {
        let source = "//! # A\n//! [`B`], [`c`](B::c), [d](https://e), [`F`] and u8[0].\n//!\n//! [`F`]: https://f\n";
        assert_eq!(
            front_page(source),
            "## A\n`B`, `c`, [d](https://e), [`F`] and u8[0].\n\n[`F`]: https://f\n"
        );
    }

    #[test]
    fn features_are_told_by_their_comments() {
        let manifest = "[features]\ndefault = [\"a\", \"b\"]\n# One.\na = []\n# Two,\n# in two lines.\nb = [\"x/b\"]\n\n[dependencies]\n";
        assert_eq!(
            features(manifest),
            "\n## Features\n\n| feature | brings |\n|---|---|\n| `a` | One. |\n| `b` | Two, in two lines. |\n\nOn by default: `a`, `b`.\n"
        );
        assert!(features("[features]\ndefault = []\n").ends_with("\nNone is on by default.\n"));
    }

    #[test]
    fn siblings_are_found_on_crates_io() {
        let readme = "# R\n\n## Which crate\n\n| crate |\n|---|\n| [`a`](crates/a) |\n\nMore.\n";
        assert_eq!(
            siblings(readme).unwrap(),
            "\n## Which crate\n\n| crate |\n|---|\n| [`a`](https://crates.io/crates/a) |\n"
        );
        assert!(siblings("# R\n").is_err());
    }
}
