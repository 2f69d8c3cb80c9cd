//! `cargo xtask docs`: generates the reference of errors from the table of codes, the manual page and the crates' READMEs.
//!
//! It writes `docs/errors/README.md`, a page for each category, `docs/errors/catalog.json` for programs in other languages,
//! the page of [`man`], and those of [`front_pages`]. `cargo xtask ci` fails if a file differs from its generated text.

use anyhow::{Result, bail, ensure};
use intercom_errors::{Action, CATALOG, Category, Entry};
use intercom_protocol::REPLAY_TABLE;
use serde_json::{Value, json};
use xshell::Shell;
use xtask::Workspace;

use crate::files::TextFile;
use crate::{front_pages, man};

const FOLDER: &str = "docs/errors";
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
    let is_stale = |path: &String| pages.iter().all(|page| page.path != *path);
    Ok(paths.filter(is_stale).collect())
}

fn pages(workspace: &Workspace) -> Result<Vec<TextFile>> {
    let page = |name: &str, text| TextFile {
        path: format!("{FOLDER}/{name}"),
        text,
    };
    let mut pages = vec![
        page("README.md", index()),
        page("catalog.json", format!("{:#}\n", catalog())),
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

fn index() -> String {
    let mut text = format!(
        "{NOTE}# Errors\n\nWhat Intercom's error codes mean. The code decides first, then the message, then the status; unknown \
         codes fall back\nto the status. `intercom explain CODE` shows the same on a terminal; programs can read \
         [catalog.json](catalog.json).\n\n| category | meaning | codes |\n|---|---|---|\n"
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
            "fixes": action.fixes().iter().map(|fix| json!({
                "fix": fix.as_str(),
                "template": fix.template(),
            })).collect::<Vec<_>>(),
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
