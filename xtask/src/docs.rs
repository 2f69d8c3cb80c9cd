//! `cargo xtask docs`: the reference of errors, written from the table of codes, and the crates' READMEs.
//!
//! Generated: `docs/errors/README.md`, a page for each category, and `docs/errors/catalog.json` for programs in other
//! languages; what [`front_pages`] writes. `cargo xtask ci` fails when they differ from what this would write.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result, bail};
use intercom_errors::{Action, CATALOG, Category, Entry};
use intercom_protocol::REPLAY_TABLE;
use serde_json::{Value, json};
use xtask::Workspace;

use crate::front_pages;

const FOLDER: &str = "docs/errors";
const NOTE: &str = "<!-- Written by `cargo xtask docs`; edit the table of codes instead. -->\n\n";

/// A file to be written: its name in the folder, and its text.
struct Page {
    name: String,
    text: String,
}

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let folder = workspace.root().join(FOLDER);
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    for stale in stale_names(workspace)? {
        fs::remove_file(folder.join(stale))?;
    }
    for page in pages()? {
        fs::write(folder.join(&page.name), page.text).with_context(|| page.name.clone())?;
    }
    println!(
        "{FOLDER}: {} codes in {} pages",
        CATALOG.len(),
        pages()?.len()
    );
    front_pages::run(workspace)
}

pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    for page in pages()? {
        let path = workspace.root().join(FOLDER).join(&page.name);
        if fs::read_to_string(path).unwrap_or_default() != page.text {
            bail!("{FOLDER}/{} is not what the table of codes says", page.name);
        }
    }
    match stale_names(workspace)?.first() {
        Some(name) => bail!("{FOLDER}/{name} is not written by `cargo xtask docs` any more"),
        None => front_pages::check(workspace),
    }
}

/// Files in the folder that no page is written to.
fn stale_names(workspace: &Workspace) -> Result<Vec<String>> {
    let Ok(entries) = fs::read_dir(workspace.root().join(FOLDER)) else {
        return Ok(Vec::new());
    };
    let names: Vec<String> = pages()?.into_iter().map(|page| page.name).collect();
    let found = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let found: Vec<String> = found.collect::<Result<_>>()?;
    Ok(found
        .into_iter()
        .filter(|name| !names.contains(name))
        .collect())
}

fn pages() -> Result<Vec<Page>> {
    let mut pages = vec![
        Page {
            name: "README.md".to_owned(),
            text: index()?,
        },
        Page {
            name: "catalog.json".to_owned(),
            text: format!("{:#}\n", catalog()),
        },
    ];
    for &category in Category::ALL {
        pages.push(Page {
            name: file_name(category),
            text: category_page(category)?,
        });
    }
    Ok(pages)
}

fn entries(category: Category) -> impl Iterator<Item = &'static Entry> {
    CATALOG
        .iter()
        .filter(move |entry| entry.category() == category)
}

fn file_name(category: Category) -> String {
    format!("{}.md", category.as_str())
}

fn index() -> Result<String> {
    let mut text = format!(
        "{NOTE}# Errors\n\nWhat Intercom's error codes mean. The code decides first, then the message, then the status; unknown \
         codes fall back\nto the status. `intercom explain CODE` says the same on a terminal, [catalog.json](catalog.json) to \
         programs.\n\n| category | meaning | codes |\n|---|---|---|\n"
    );
    for &category in Category::ALL {
        let name = category.as_str();
        writeln!(
            text,
            "| [{name}]({name}.md) | {} | {} |",
            category.meaning(),
            entries(category).count()
        )?;
    }
    text.push_str(
        "\n| code | status | category | sent again | what to do |\n|---|---|---|---|---|\n",
    );
    for entry in CATALOG {
        let (code, category) = (entry.code(), entry.category().as_str());
        writeln!(
            text,
            "| [`{code}`]({category}.md#{code}) | {} | {category} | {} | {} |",
            statuses(entry),
            entry.resend().as_str(),
            entry.action().as_str(),
        )?;
    }
    Ok(text)
}

fn category_page(category: Category) -> Result<String> {
    let mut text = format!(
        "{NOTE}# {}\n\n{}\n\n[All errors](README.md)\n",
        category.as_str(),
        category.meaning()
    );
    if entries(category).next().is_none() {
        text.push_str(
            "\nNo code stands for this; status and message do, or there was no answer at all.\n",
        );
    }
    for entry in entries(category) {
        write!(
            text,
            "\n## {}\n\n{}\n\n| status | sent again | what to do | known from |\n|---|---|---|---|\n| {} | {} | {} | {} |\n",
            entry.code(),
            entry.meaning(),
            statuses(entry),
            entry.resend().as_str(),
            entry.action().as_str(),
            entry.provenance().as_str(),
        )?;
        list(&mut text, "Causes", entry.causes())?;
        list(&mut text, "What mends it", entry.fixes())?;
    }
    Ok(text)
}

fn list(text: &mut String, title: &str, lines: &[&str]) -> Result<()> {
    write!(text, "\n{title}:\n\n")?;
    for line in lines {
        writeln!(text, "- {line}")?;
    }
    Ok(())
}

fn statuses(entry: &Entry) -> String {
    let all: Vec<String> = entry.statuses().iter().map(u16::to_string).collect();
    if all.is_empty() {
        "not seen".to_owned()
    } else {
        all.join(", ")
    }
}

fn catalog() -> Value {
    json!({
        "codes": CATALOG.iter().map(code).collect::<Vec<_>>(),
        "categories": Category::ALL.iter().map(|&category| json!({
            "category": category.as_str(),
            "meaning": category.meaning(),
        })).collect::<Vec<_>>(),
        "actions": Action::ALL.iter().map(|&action| json!({
            "action": action.as_str(),
            "meaning": action.meaning(),
            "causes": action.causes(),
            "fixes": action.fixes(),
        })).collect::<Vec<_>>(),
        "replay": REPLAY_TABLE.iter().map(|row| json!({
            "method": row.method,
            "path": row.path,
            "replay": row.replay.as_str(),
            "key": row.key,
            "source": row.source,
        })).collect::<Vec<_>>(),
    })
}

fn code(entry: &Entry) -> Value {
    json!({
        "code": entry.code().as_str(),
        "statuses": entry.statuses(),
        "category": entry.category().as_str(),
        "resend": entry.resend().as_str(),
        "action": entry.action().as_str(),
        "meaning": entry.meaning(),
        "causes": entry.causes(),
        "fixes": entry.fixes(),
        "provenance": entry.provenance().as_str(),
    })
}
