//! The README echoes the manifests: the oldest compiler and the crates there are.

use super::{Finding, manifest};
use crate::files::TextFile;

/// Words a compiler's version follows.
const COMPILER: &[&str] = &["MSRV", "Rust", "rust-version", "rustc"];

pub(super) fn check(files: &[TextFile], crates: &[&str]) -> Vec<Finding> {
    let Some(readme) = files.iter().find(|file| file.path == "README.md") else {
        return vec![Finding::new("README.md", 0, "is missing")];
    };
    let mut findings = Vec::new();
    if let Some(declared) = manifest::declared_rust_version(files) {
        findings.extend(compiler(readme, declared));
    }
    findings.extend(table(readme, crates));
    findings.extend(doctested(readme, files));
    findings
}

/// Every compiler the README names is the one declared.
fn compiler(readme: &TextFile, declared: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (before, line) in readme.text.lines().enumerate() {
        let versions = COMPILER
            .iter()
            .flat_map(|word| line.split(word).skip(1).filter_map(version));
        for version in versions.filter(|version| *version != declared) {
            let what = format!("says Rust {version}, but Cargo.toml says {declared}");
            findings.push(Finding::new(&readme.path, before + 1, what));
        }
    }
    findings
}

/// `1.NN` at the head of a text, after punctuation and the word "is".
fn version(text: &str) -> Option<&str> {
    let text = text.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    let text = text
        .strip_prefix("is ")
        .unwrap_or(text)
        .trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    let digits = text
        .strip_prefix("1.")?
        .chars()
        .take_while(char::is_ascii_digit)
        .count();
    if digits == 0 {
        None
    } else {
        text.get(..digits + 2)
    }
}

/// The crates named in the first column of the README's tables are the crates there are.
fn table(readme: &TextFile, crates: &[&str]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut listed = Vec::new();
    for (before, line) in readme.text.lines().enumerate() {
        let first = line
            .strip_prefix('|')
            .and_then(|row| row.split('|').next())
            .unwrap_or_default();
        let words = first.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        for name in words.filter(|word| word.starts_with("intercom-")) {
            listed.push(name);
            if !crates.contains(&name) {
                findings.push(Finding::new(
                    &readme.path,
                    before + 1,
                    format!("there is no crate {name}"),
                ));
            }
        }
    }
    let absent = crates.iter().filter(|name| !listed.contains(name));
    findings
        .extend(absent.map(|name| Finding::new(&readme.path, 0, format!("no table lists {name}"))));
    findings
}

/// Rust in the README is tested, because some crate takes the README as a doc.
fn doctested(readme: &TextFile, files: &[TextFile]) -> Option<Finding> {
    let rust = readme
        .text
        .lines()
        .position(|line| line.starts_with("```rust"))?;
    let taken = files.iter().any(|file| {
        file.path.starts_with("crates/")
            && file.path.ends_with(".rs")
            && file.text.contains("/README.md\")")
    });
    let what = "is not tested: let a crate say `#[cfg(doctest)] #[doc = include_str!(\"../../../README.md\")]`";
    (!taken).then(|| Finding::new(&readme.path, rust + 1, what))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::{file, texts};

    fn found(readme: &str) -> Vec<String> {
        let root = file("Cargo.toml", "rust-version = \"1.85\"\n");
        let readme = format!(
            "| crate | does |\n|---|---|\n| [`intercom-a`](crates/intercom-a) | b |\n{readme}"
        );
        texts(&check(&[root, file("README.md", &readme)], &["intercom-a"]))
    }

    #[test]
    fn the_declared_compiler_may_be_named_in_any_way() {
        assert!(found("Rust 1.85 or newer; MSRV-1.85-blue; the MSRV is **1.85**; Rust 2024; for Rust programs").is_empty());
    }

    #[test]
    fn another_compiler_is_found() {
        assert_eq!(
            found("Needs Rust **1.80**."),
            ["README.md:4: says Rust 1.80, but Cargo.toml says 1.85"]
        );
    }

    #[test]
    fn a_crate_that_is_not_there_is_found() {
        assert_eq!(
            found("| `intercom-b` | c |"),
            ["README.md:4: there is no crate intercom-b"]
        );
    }

    #[test]
    fn a_crate_no_table_lists_is_found() {
        let files = [file("README.md", "intercom-a\n")];
        assert_eq!(
            texts(&check(&files, &["intercom-a"])),
            ["README.md: no table lists intercom-a"]
        );
    }

    #[test]
    fn rust_that_no_crate_tests_is_found() {
        assert_eq!(found("```rust\n```").len(), 1);
    }
}
