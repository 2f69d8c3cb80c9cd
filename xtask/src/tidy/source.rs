//! Source files: not too long, opened by a doc, no test switched off.

use super::Finding;
use crate::files::TextFile;

/// Past this a file holds more than one noun.
const MOST_LINES: usize = 600;

/// What switches a test off, in code and in a doc.
const IGNORES: &[&str] = &["#[ignore", "```ignore", "```rust,ignore"];

pub(super) fn check(files: &[TextFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.path.ends_with(".rs")) {
        if is_source(&file.path) {
            findings.extend(shape(file));
        }
        findings.extend(ignores(file));
    }
    findings
}

fn is_source(path: &str) -> bool {
    let parts: Vec<_> = path.split('/').collect();
    matches!(
        parts.as_slice(),
        ["crates" | "xtask", _, "src", ..] | ["xtask", "src", ..]
    )
}

fn shape(file: &TextFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    let lines = file.text.lines().count();
    if lines > MOST_LINES {
        findings.push(Finding::new(
            &file.path,
            0,
            format!("{lines} lines, at most {MOST_LINES}: split it by noun"),
        ));
    }
    if !file.text.starts_with("//!") {
        findings.push(Finding::new(
            &file.path,
            1,
            "does not open with a module doc (`//!`)",
        ));
    }
    findings
}

fn ignores(file: &TextFile) -> Vec<Finding> {
    let switched_off = |line: &str| {
        let line = line
            .trim_start()
            .trim_start_matches(['/', '!'])
            .trim_start();
        IGNORES.iter().any(|ignore| line.starts_with(ignore))
    };
    let lines = file
        .text
        .lines()
        .enumerate()
        .filter(|(_, line)| switched_off(line));
    lines
        .map(|(before, _)| {
            Finding::new(
                &file.path,
                before + 1,
                "a test is switched off: mend it or delete it",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::{file, texts};

    #[test]
    fn a_file_without_a_doc_is_found() {
        let findings = check(&[
            file("crates/a/src/lib.rs", "mod b;\n"),
            file("crates/a/src/b.rs", "//! B.\n"),
        ]);
        assert_eq!(
            texts(&findings),
            ["crates/a/src/lib.rs:1: does not open with a module doc (`//!`)"]
        );
    }

    #[test]
    fn a_long_file_is_found_in_src_and_left_alone_in_tests() {
        let long = format!("//! Long.\n{}", "\n".repeat(MOST_LINES));
        let findings = check(&[
            file("crates/a/src/lib.rs", &long),
            file("crates/a/tests/it/main.rs", &long),
        ]);
        assert_eq!(
            texts(&findings),
            ["crates/a/src/lib.rs: 601 lines, at most 600: split it by noun"]
        );
    }

    #[test]
    fn an_ignored_test_and_an_ignored_doctest_are_found() {
        let text = "//! ```ignore\n//! ```\n\n#[test]\n#[ignore = \"slow\"]\nfn a() {}\n";
        let found: Vec<_> = check(&[file("crates/a/tests/it/main.rs", text)])
            .iter()
            .map(|found| found.line)
            .collect();
        assert_eq!(found, [1, 5]);
    }
}
