//! `cargo xtask api`: compares the public API of each library with its snapshot in `docs/api`, and the crates of others in it
//! with the table in `docs/VERSIONS.md`.
//!
//! A snapshot has one item on each line, with all features. It leaves out automatic and blanket implementations, and the
//! methods of implemented traits.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use xtask::Workspace;

use crate::files::{self, TextFile};
use crate::tool;

const VERSIONS: &str = "docs/VERSIONS.md";

/// The languages' own crates.
const STD: &[&str] = &["alloc", "core", "std"];

/// Crates that need no re-export, because users name them in their own manifest: for derive macros, and for a runtime.
const NAMED_BY_USERS: &[&str] = &["serde_core", "tokio"];

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let snapshots = snapshots(workspace)?;
    let mut differences = Vec::new();
    for TextFile { path, text } in &snapshots {
        let saved = workspace.shell().read_file(path).unwrap_or_default();
        differences.extend(changes(&saved, text).map(|line| format!("{path}: {line}")));
    }
    ensure!(
        differences.is_empty(),
        "{}\n`cargo xtask api --write` writes the snapshots",
        differences.join("\n")
    );
    let table = table(&snapshots);
    ensure!(
        workspace.shell().read_file(VERSIONS)?.contains(&table),
        "the table of crates in {VERSIONS} must be\n{table}"
    );
    let hidden = hidden(&snapshots);
    ensure!(
        hidden.is_empty(),
        "a public signature names a crate without a re-export; add\n{}",
        hidden.join("\n")
    );
    println!("{} public APIs are as in docs/api", snapshots.len());
    Ok(())
}

/// `cargo xtask api --write`: writes the snapshots.
pub(crate) fn write(workspace: &Workspace) -> Result<()> {
    for TextFile { path, text } in snapshots(workspace)? {
        workspace.shell().write_file(&path, text)?;
        println!("{path} written");
    }
    Ok(())
}

fn snapshots(workspace: &Workspace) -> Result<Vec<TextFile>> {
    tool::NIGHTLY.require(workspace)?;
    tool::PUBLIC_API.require(workspace)?;
    let files = files::all(workspace)?;
    let is_library =
        |name: &&str| files::text(&files, &format!("crates/{name}/src/lib.rs")).is_some();
    let names = files::published(&files).into_iter().filter(is_library);
    names
        .map(|name| {
            let list =
                workspace.program("rustup", "run nightly cargo public-api -ss --all-features");
            let list = list.args(["-p", name, "--target-dir"]);
            let list = list.arg(workspace.target().join("api"));
            Ok(TextFile {
                path: format!("docs/api/{name}.txt"),
                text: readable(
                    &list
                        .ignore_stderr()
                        .read()
                        .with_context(|| format!("listing the API of {name}"))?,
                ),
            })
        })
        .collect()
}

/// The listing without headings of `impl` blocks, without methods of implemented traits, and without repeated lines.
fn readable(listing: &str) -> String {
    let (mut seen, mut text, mut implementing) = (BTreeSet::new(), String::new(), None);
    for line in listing.lines() {
        if line.starts_with("impl") {
            let of = line.rsplit_once(" for ").map(|(_, of)| of);
            implementing = of.map(|of| format!("{}::", of.split(" where ").next().unwrap_or(of)));
            if of.is_none() || line.contains("core::marker::StructuralPartialEq") {
                continue;
            }
        } else if line.contains("fn ") && implementing.as_ref().is_some_and(|of| line.contains(of))
        {
            continue;
        }
        if seen.insert(line) {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

/// The lines that were removed and added.
fn changes(saved: &str, current: &str) -> impl Iterator<Item = String> {
    let [before, after] = [saved, current].map(|text| text.lines().collect::<BTreeSet<_>>());
    let removed = before.difference(&after).map(|line| format!("- {line}"));
    let added = after.difference(&before).map(|line| format!("+ {line}"));
    removed.chain(added).collect::<Vec<_>>().into_iter()
}

/// The crates of others in a snapshot.
fn others(snapshot: &str) -> BTreeSet<&str> {
    let paths = snapshot.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
    let crates = paths.filter_map(|path| Some(path.split_once("::")?.0));
    crates
        .filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase()))
        .filter(|name| !name.starts_with("intercom_") && !STD.contains(name))
        .collect()
}

/// The name of the library that a snapshot belongs to.
fn library(snapshot: &TextFile) -> &str {
    let name = snapshot.path.strip_prefix("docs/api/");
    name.and_then(|name| name.strip_suffix(".txt"))
        .unwrap_or_default()
}

/// The rows of the table in `docs/VERSIONS.md`.
fn table(snapshots: &[TextFile]) -> String {
    let mut rows = BTreeMap::<_, Vec<_>>::new();
    for snapshot in snapshots {
        for other in others(&snapshot.text) {
            // Its traits are re-exported by serde.
            let other = if other == "serde_core" {
                "serde"
            } else {
                other
            };
            let row = rows.entry(other).or_default();
            row.push(format!("`{}`", library(snapshot)));
        }
    }
    let rows = rows
        .into_iter()
        .map(|(other, shown_by)| format!("| `{other}` | {} |\n", shown_by.join(", ")));
    format!("|---|---|\n{}\n", rows.collect::<String>())
}

/// The re-exports that are missing.
fn hidden(snapshots: &[TextFile]) -> Vec<String> {
    let reexports = snapshots.iter().flat_map(|snapshot| {
        let library = library(snapshot).replace('-', "_");
        let others = others(&snapshot.text).into_iter();
        let reexports = others
            .filter(|other| !NAMED_BY_USERS.contains(other))
            .map(move |other| format!("pub use {library}::{other}"));
        reexports.filter(|reexport| !snapshot.text.lines().any(|line| line == reexport))
    });
    reexports.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::file;

    #[test]
    fn a_snapshot_has_neither_impl_blocks_nor_methods_of_traits() {
        let listing = "pub struct a::B<T>\nimpl<T> a::B<T>\npub fn a::B<T>::new() -> Self\n\
            impl<T> core::clone::Clone for a::B<T> where T: core::clone::Clone\n\
            pub fn a::B<T>::clone(&self) -> Self\npub fn a::free()\n";
        assert_eq!(
            readable(listing),
            "pub struct a::B<T>\npub fn a::B<T>::new() -> Self\n\
             impl<T> core::clone::Clone for a::B<T> where T: core::clone::Clone\npub fn a::free()\n"
        );
    }

    #[test]
    fn removed_and_added_lines_are_found() {
        let found: Vec<_> = changes("pub a\npub b\n", "pub b\npub c\n").collect();
        assert_eq!(found, ["- pub a", "+ pub c"]);
    }

    #[test]
    fn a_crate_in_a_signature_is_in_the_table_and_must_be_re_exported() {
        let text = "pub fn intercom_a::b<T: http_body::Body>(core::option::Option<T::Data>) -> serde_core::X\n";
        let snapshots = [file("docs/api/intercom-a.txt", text)];
        assert_eq!(
            table(&snapshots),
            "|---|---|\n| `http_body` | `intercom-a` |\n| `serde` | `intercom-a` |\n\n"
        );
        assert_eq!(hidden(&snapshots), ["pub use intercom_a::http_body"]);
        let text = format!("{text}pub use intercom_a::http_body\n");
        assert!(hidden(&[file("docs/api/intercom-a.txt", &text)]).is_empty());
    }
}
