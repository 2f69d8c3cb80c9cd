//! `cargo xtask docs`: generates the reference of errors from the table of codes, the manual page and the crates' READMEs.
//!
//! It writes `docs/errors/README.md`, a page for each category, the [`catalog`] for programs in other languages, the page of [`man`],
//! and those of [`front_pages`]. `cargo xtask ci` fails if a file differs from its generated text.

mod algorithm;
mod catalog;

use anyhow::{Result, bail, ensure};
use intercom_errors::{CATALOG, Category, Entry};
use xshell::Shell;
use xtask::Workspace;

use crate::files::TextFile;
use crate::{front_pages, man};

const FOLDER: &str = "docs/errors";

/// Files in the folder that are written by hand.
const BY_HAND: &[&str] = &["catalog.schema.json", "classify.py"];

const NOTE: &str = "<!-- Written by `cargo xtask docs`; edit the table of codes instead. -->\n\n";

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let shell = workspace.shell();
    let pages = pages(workspace)?;
    for stale in stale(shell, &pages)? {
        shell.remove_path(stale)?;
    }
    for page in &pages {
        shell.write_file(&page.path, &page.text)?;
    }
    println!("{} pages written", pages.len());
    Ok(())
}

pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let shell = workspace.shell();
    let pages = pages(workspace)?;
    for TextFile { path, text } in &pages {
        let current = shell.read_file(path).unwrap_or_default();
        ensure!(current == *text, "{path} differs from its generated text");
    }
    if let Some(stale) = stale(shell, &pages)?.first() {
        bail!("`cargo xtask docs` no longer writes {stale}");
    }
    Ok(())
}

/// Files in the folder of errors that are no longer generated.
fn stale(shell: &Shell, pages: &[TextFile]) -> Result<Vec<String>> {
    let files = shell.read_dir(FOLDER)?.into_iter();
    let paths = files.filter_map(|file| Some(format!("{FOLDER}/{}", file.file_name()?.to_str()?)));
    let is_by_hand = |path: &str| {
        BY_HAND
            .iter()
            .any(|name| path == format!("{FOLDER}/{name}"))
    };
    let is_stale = |path: &String| pages.iter().all(|page| page.path != *path) && !is_by_hand(path);
    Ok(paths.filter(is_stale).collect())
}

fn pages(workspace: &Workspace) -> Result<Vec<TextFile>> {
    let page = |name: &str, text| TextFile {
        path: format!("{FOLDER}/{name}"),
        text,
    };
    let mut pages = vec![
        page("README.md", index()),
        page("catalog.json", format!("{:#}\n", catalog::catalog())),
    ];
    for &category in Category::ALL {
        pages.push(page(&format!("{category}.md"), category_page(category)));
    }
    pages.push(man::page()?);
    pages.extend(front_pages::pages(workspace)?);
    Ok(pages)
}

fn entries(category: Category) -> impl Iterator<Item = &'static Entry> {
    CATALOG
        .iter()
        .filter(move |entry| entry.category() == category)
}

/// The files for classifiers in other languages.
const FILES: &str = "\
For programs in other languages:

- [catalog.json](catalog.json) has every table of the classifier: codes, messages, statuses, requests, senders, known cases and
  replay. Its member `order` says how to use them. The data has a version of its own.
- [catalog.schema.json](catalog.schema.json) is its JSON Schema, which says what a change of the version means.
- [classify.py](classify.py) is a reference classifier that reads nothing but the catalog. It agrees with the library on the
  vectors and on random responses: `cargo xtask classify` compares them.
- [The vectors](../../crates/intercom-errors/vectors/README.md) are responses with the expected explanation of each.
";

fn index() -> String {
    let mut text = format!(
        "{NOTE}# Errors\n\nWhat Intercom's error codes mean. The meaning of a response comes from its message if the catalog has it, else from a\n\
         code that is known, else from the status. `intercom explain CODE` shows the same on a terminal.\n\n{FILES}\n| category | meaning | codes |\n|---|---|---|\n"
    );
    for &category in Category::ALL {
        let (meaning, codes) = (category.meaning(), entries(category).count());
        text += &format!("| [{category}]({category}.md) | {meaning} | {codes} |\n");
    }
    text += "\n| code | status | category | sent again | what to do |\n|---|---|---|---|---|\n";
    for entry in CATALOG {
        let (code, category, statuses) = (entry.code(), entry.category(), statuses(entry));
        let (resend, action) = (entry.resend(), entry.action());
        text += &format!(
            "| [`{code}`]({category}.md#{code}) | {statuses} | {category} | {resend} | {action} |\n"
        );
    }
    text
}

fn category_page(category: Category) -> String {
    let meaning = category.meaning();
    let mut text = format!("{NOTE}# {category}\n\n{meaning}\n\n[All errors](README.md)\n");
    if entries(category).next().is_none() {
        text += "\nNo code has this category. It follows from the status and the message, or from a missing response.\n";
    }
    for entry in entries(category) {
        text += &format!(
            "\n## {}\n\n{}\n\n| status | sent again | what to do | known from |\n|---|---|---|---|\n| {} | {} | {} | {} |\n",
            entry.code(),
            entry.meaning(),
            statuses(entry),
            entry.resend(),
            entry.action(),
            entry.provenance(),
        );
        for (title, lines) in [("Causes", entry.causes()), ("Fixes", entry.fixes())] {
            text += &format!("\n{title}:\n\n- {}\n", lines.join("\n- "));
        }
    }
    text
}

fn statuses(entry: &Entry) -> String {
    let all: Vec<String> = entry.statuses().iter().map(u16::to_string).collect();
    match all.as_slice() {
        [] => "not seen".to_owned(),
        all => all.join(", "),
    }
}
