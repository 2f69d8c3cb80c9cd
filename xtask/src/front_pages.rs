//! The READMEs of the library crates, generated from their front pages in `src/lib.rs`, so that crates.io shows them too.
//!
//! A README consists of the crate's front page, the features of the manifest and the project's table of crates. It leaves
//! out the parts that only rustdoc understands: hidden lines of examples and links to items.

use anyhow::{Context, Result, bail};
use xtask::Workspace;

use crate::files::{self, TextFile};

const NOTE: &str =
    "<!-- Written by `cargo xtask docs` from src/lib.rs and Cargo.toml; edit those instead. -->";
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

pub(crate) fn pages(workspace: &Workspace) -> Result<Vec<TextFile>> {
    let files = files::all(workspace)?;
    let siblings = siblings(files::text(&files, "README.md").context("README.md is missing")?)?;
    let mut pages = Vec::new();
    for name in files::published(&files) {
        let text = |path| files::text(&files, &format!("crates/{name}/{path}"));
        let (Some(source), Some(manifest)) = (text("src/lib.rs"), text("Cargo.toml")) else {
            continue;
        };
        let (front_page, features) = (front_page(source), features(manifest));
        pages.push(TextFile {
            path: format!("crates/{name}/README.md"),
            text: format!(
                "{NOTE}\n\n# {name}\n\n{front_page}{features}{siblings}\n\
                 All crates belong to one project, [intercom-crates]({REPOSITORY}).\n\
                 Licensed under MIT or Apache-2.0, at your option.\n"
            ),
        });
    }
    Ok(pages)
}

/// The front page of a crate's documentation, as plain Markdown.
fn front_page(source: &str) -> String {
    let doc: Vec<&str> = source
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect();
    let links: Vec<&str> = doc.iter().filter_map(|line| defined(line)).collect();
    let mut text = String::new();
    // Whether the current code block is Rust; `None` outside a block.
    let mut rust = None;
    for line in doc {
        text += &match (line.strip_prefix("```"), rust) {
            (Some("" | "rust" | "no_run" | "should_panic"), None) => {
                rust = Some(true);
                "```rust".to_owned()
            }
            (Some(_), _) => {
                rust = rust.is_none().then_some(false);
                line.to_owned()
            }
            (None, Some(true)) if is_hidden(line) => continue,
            (None, Some(_)) => line.to_owned(),
            (None, None) if line.starts_with('#') => {
                format!("#{}", without_item_links(line, &links))
            }
            (None, None) => without_item_links(line, &links),
        };
        text.push('\n');
    }
    text
}

/// Whether rustdoc compiles this line of an example but hides it.
fn is_hidden(line: &str) -> bool {
    let line = line.trim_start();
    line == "#" || line.starts_with("# ")
}

/// The label of a link definition to a page, like `[label]: https://...`.
fn defined(line: &str) -> Option<&str> {
    let (label, target) = line.strip_prefix('[')?.split_once("]: ")?;
    target.contains("://").then_some(label)
}

/// Replaces links to items with the items' names, and keeps links to pages.
fn without_item_links(line: &str, links: &[&str]) -> String {
    let mut parts = line.split('[');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let item = part.split_once(']').and_then(|(label, after)| {
            let target = after
                .strip_prefix('(')
                .and_then(|link| link.split_once(')'));
            let (is_item, after) = match target {
                Some((target, after)) => (!target.contains("://"), after),
                None => (label.starts_with('`') && !links.contains(&label), after),
            };
            is_item.then_some([label, after])
        });
        text.extend(item.unwrap_or(["[", part]));
    }
    text
}

/// The features of a manifest, each described by the comment above it. One whose name starts with `_` is internal.
fn features(manifest: &str) -> String {
    let section = manifest
        .lines()
        .skip_while(|line| *line != "[features]")
        .skip(1)
        .take_while(|line| !line.starts_with('['));
    let (mut about, mut list, mut on) = (Vec::new(), String::new(), Vec::new());
    for line in section {
        if let Some(comment) = line.strip_prefix("# ") {
            about.push(comment);
        } else if let Some(default) = line.strip_prefix("default = ") {
            on = default.split('"').skip(1).step_by(2).collect();
        } else if let Some((name, _)) = line.split_once(" = ").filter(|_| !about.is_empty()) {
            if !name.starts_with('_') {
                list += &format!("| `{name}` | {} |\n", about.join(" "));
            }
            about.clear();
        }
    }
    if list.is_empty() {
        return list;
    }
    let note = match on.as_slice() {
        [] => "No feature is on by default.".to_owned(),
        on => format!("On by default: `{}`.", on.join("`, `")),
    };
    format!("\n## Features\n\n| feature | adds |\n|---|---|\n{list}\n{note}\n")
}

/// The table of crates in the project's README.
fn siblings(readme: &str) -> Result<String> {
    let table: Vec<&str> = readme
        .lines()
        .skip_while(|line| *line != "## Which crate")
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'))
        .collect();
    if table.is_empty() {
        bail!("README.md has no table below `## Which crate`");
    }
    let table = table
        .join("\n")
        .replace("](crates/", "](https://crates.io/crates/");
    Ok(format!("\n## Which crate\n\n{table}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_lines_are_removed_and_attributes_kept() {
        let source = "//! ```\n//! # let a = 1;\n//! #\n//! #[derive(Debug)]\n//! struct B;\n//! ```\n\nmod c;\n";
        assert_eq!(
            front_page(source),
            "```rust\n#[derive(Debug)]\nstruct B;\n```\n"
        );
    }

    #[test]
    fn links_to_items_become_names_and_links_to_pages_are_kept() {
        let source = "//! # A\n//! [`B`], [`c`](B::c), [d](https://e), [`F`] and u8[0].\n//!\n//! [`F`]: https://f\n";
        assert_eq!(
            front_page(source),
            "## A\n`B`, `c`, [d](https://e), [`F`] and u8[0].\n\n[`F`]: https://f\n"
        );
    }

    #[test]
    fn comments_describe_the_features_below_them() {
        let manifest = "[features]\ndefault = [\"a\", \"b\"]\n# One.\na = []\n# Two,\n# in two lines.\nb = [\"x/b\"]\n# Three.\n_c = []\n\n[dependencies]\n";
        assert_eq!(
            features(manifest),
            "\n## Features\n\n| feature | adds |\n|---|---|\n| `a` | One. |\n| `b` | Two, in two lines. |\n\nOn by default: `a`, `b`.\n"
        );
        let none = features("[features]\n# One.\na = []\n");
        assert!(none.ends_with("| One. |\n\nNo feature is on by default.\n"));
        assert_eq!(features("[dependencies]\na = \"1\"\n"), "");
    }

    #[test]
    fn links_in_the_table_of_crates_lead_to_crates_io() {
        let readme = "# R\n\n## Which crate\n\n| crate |\n|---|\n| [`a`](crates/a) |\n\nMore.\n";
        assert_eq!(
            siblings(readme).unwrap(),
            "\n## Which crate\n\n| crate |\n|---|\n| [`a`](https://crates.io/crates/a) |\n"
        );
        assert!(siblings("# R\n").is_err());
    }
}
