//! Source files: each is short, begins with a module doc, and disables no test.

use super::Finding;
use crate::files::TextFile;

/// A longer file holds more than one noun.
const MOST_LINES: usize = 600;

/// What disables a test, in code and in a doc.
const IGNORES: &[&str] = &["#[ignore", "```ignore", "```rust,ignore"];

pub(super) fn check(files: &[TextFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for TextFile { path, text } in files.iter().filter(|file| file.path.ends_with(".rs")) {
        let lines = text.lines().count();
        let is_source = path.contains("/src/");
        if is_source && lines > MOST_LINES {
            let what = format!("{lines} lines, at most {MOST_LINES}: split it by noun");
            findings.push(Finding::new(path, 0, what));
        }
        if is_source && !text.starts_with("//!") {
            findings.push(Finding::new(
                path,
                1,
                "does not begin with a module doc (`//!`)",
            ));
        }
        let ignored = (1..).zip(text.lines()).filter(|(_, line)| is_ignored(line));
        let what = "a test is disabled: fix it or delete it";
        findings.extend(ignored.map(|(line, _)| Finding::new(path, line, what)));
    }
    findings
}

fn is_ignored(line: &str) -> bool {
    let line = line.trim_start();
    let line = line.trim_start_matches(['/', '!']).trim_start();
    IGNORES.iter().any(|ignore| line.starts_with(ignore))
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
            ["crates/a/src/lib.rs:1: does not begin with a module doc (`//!`)"]
        );
    }

    #[test]
    fn a_long_file_is_found_in_src_and_ignored_in_tests() {
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
