//! Links of the Markdown files: a link into the repository must lead to a file and a heading that exist.

use std::fs;
use std::path::Path;

use super::Finding;
use crate::files::TextFile;

/// Where a file of the repository is on the web.
const WEB: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/");

pub(super) fn check(files: &[TextFile], crates: &[&str], root: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.path.ends_with(".md")) {
        let packaged = crates
            .iter()
            .any(|name| file.path == format!("crates/{name}/README.md"));
        for (line, target) in links(&file.text) {
            let found = relative(target).filter(|_| packaged);
            if let Some(what) = found.or_else(|| broken(file, target, root)) {
                findings.push(Finding::new(&file.path, line, what));
            }
        }
    }
    findings
}

/// The problem with a relative target in the README of a package, which is also shown outside the repository.
fn relative(target: &str) -> Option<String> {
    let found = !target.contains("://") && !target.starts_with('#');
    found.then(|| format!("link to `{target}` breaks on crates.io; write {WEB}..."))
}

/// The lines (from 1) and targets of `[text](target)` and `[label]: target` outside code.
fn links(text: &str) -> Vec<(usize, &str)> {
    let mut links = Vec::new();
    for (number, line) in prose(text) {
        let inline = line
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split([')', ' ']).next());
        links.extend(inline.map(|target| (number, target)));
        if let Some((_, target)) = line.split_once("]: ").filter(|_| line.starts_with('[')) {
            links.extend(target.split(' ').next().map(|target| (number, target)));
        }
    }
    links
}

/// The lines outside fenced blocks, with their numbers.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    (1..).zip(text.lines()).filter(move |(_, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    })
}

/// The problem with a target, if it points into the repository.
fn broken(file: &TextFile, target: &str, root: &Path) -> Option<String> {
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let linked = match path.strip_prefix(WEB) {
        Some(path) => root.join(path),
        None if target.contains("://") || target.starts_with("mailto:") => return None,
        None => root.join(&file.path).parent()?.join(path),
    };
    if !linked.exists() {
        return Some(format!("broken link to `{target}`"));
    }
    let text = match path {
        "" => file.text.clone(),
        path if path.ends_with(".md") => fs::read_to_string(linked).ok()?,
        _ => return None,
    };
    let found = anchor.is_empty() || anchors(&text).any(|heading| heading == anchor);
    (!found).then(|| format!("broken link to `{target}`: no such heading"))
}

/// The anchors that GitHub makes of the headings.
fn anchors(text: &str) -> impl Iterator<Item = String> {
    prose(text)
        .filter(|(_, line)| line.starts_with('#'))
        .map(|(_, line)| {
            let heading = line
                .trim_start_matches('#')
                .trim()
                .to_lowercase()
                .replace(' ', "-");
            heading
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
                .collect()
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::{file, texts};

    /// The findings for a README in xtask's own folder, which has a `Cargo.toml`.
    fn found(text: &str) -> Vec<String> {
        found_in("README.md", text)
    }

    fn found_in(path: &str, text: &str) -> Vec<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        texts(&check(&[file(path, text)], &["a"], root))
    }

    #[test]
    fn a_link_to_an_existing_file_is_accepted() {
        assert!(
            found("[a](Cargo.toml), [b](src/main.rs) and [c](https://example.com/x)\n").is_empty()
        );
    }

    #[test]
    fn a_broken_link_is_found() {
        assert_eq!(
            found("\n[a](Cargo.toml) [b](nope.md)\n"),
            ["README.md:2: broken link to `nope.md`"]
        );
    }

    #[test]
    fn a_broken_reference_is_found() {
        assert_eq!(
            found("[a]: nope.md\n"),
            ["README.md:1: broken link to `nope.md`"]
        );
    }

    #[test]
    fn an_anchor_without_a_heading_is_found() {
        assert_eq!(
            found("# One, two\n[a](#one-two) [b](#three)\n"),
            ["README.md:2: broken link to `#three`: no such heading"]
        );
    }

    #[test]
    fn a_link_to_the_repository_on_the_web_must_lead_to_a_file() {
        assert!(found(&format!("[a]({WEB}Cargo.toml)\n")).is_empty());
        assert_eq!(
            found(&format!("[a]({WEB}nope.md#b)\n")),
            [format!("README.md:1: broken link to `{WEB}nope.md#b`")]
        );
    }

    #[test]
    fn a_relative_link_in_the_readme_of_a_package_is_found() {
        assert_eq!(
            found_in("crates/a/README.md", "[a](../../Cargo.toml)\n"),
            [format!(
                "crates/a/README.md:1: link to `../../Cargo.toml` breaks on crates.io; write {WEB}..."
            )]
        );
    }

    #[test]
    fn links_in_code_are_ignored() {
        assert!(found("```text\n[a](nope.md)\n```\n").is_empty());
    }
}
