//! Words that mean nothing to other readers: paths of one machine, names of documents that the repository does not have.

use std::path::Path;

use super::Finding;
use crate::files::TextFile;

/// Paths of one machine. Tests may read recorded responses from beside the repository.
const PATHS: &[&str] = &["/home/", "/root/", "/tmp/", "/work/", "../shared"];

/// Documents that the project was made from, which its readers do not have.
const DOCUMENTS: &[&str] = &["BRIEF", "DESIGN", "the brief's"];

/// This file contains the words.
const OWN: &str = "xtask/src/tidy/words.rs";

pub(super) fn check(files: &[TextFile], root: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.path != OWN) {
        for (before, line) in file.text.lines().enumerate() {
            let found = words(&file.path, line).chain(absent_documents(line, &file.path, root));
            findings.extend(found.map(|what| Finding::new(&file.path, before + 1, what)));
        }
    }
    findings
}

fn words(path: &str, line: &str) -> impl Iterator<Item = String> {
    let paths = if path.contains("/tests/") { &[] } else { PATHS };
    paths
        .iter()
        .chain(DOCUMENTS)
        .filter(|word| line.contains(*word))
        .map(|word| format!("`{word}` means nothing to other readers"))
}

/// Names of documents, like `NAME.md` in capitals, that are neither at the root, nor in `docs`, nor beside the file.
fn absent_documents(line: &str, path: &str, root: &Path) -> impl Iterator<Item = String> {
    let beside = root
        .join(path)
        .parent()
        .map(Path::to_owned)
        .unwrap_or_default();
    let folders = [root.to_owned(), root.join("docs"), beside];
    let part_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let tokens = line
        .split(move |c| !part_of_name(c))
        .map(|token| token.trim_end_matches('.'));
    let documents = tokens.filter(|token| {
        token
            .strip_suffix(".md")
            .is_some_and(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase()))
    });
    documents
        .filter(move |document| !folders.iter().any(|folder| folder.join(document).is_file()))
        .map(|document| format!("{document} does not exist"))
        .collect::<Vec<_>>()
        .into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::{file, texts};

    fn found(path: &str, text: &str) -> Vec<String> {
        texts(&check(&[file(path, text)], Path::new("/nowhere")))
    }

    #[test]
    fn a_path_of_one_machine_is_found() {
        assert_eq!(
            found("docs/a.md", "fine\nsee /home/me/x\n"),
            ["docs/a.md:2: `/home/` means nothing to other readers"]
        );
    }

    #[test]
    fn tests_may_read_from_beside_the_repository() {
        assert!(found("crates/a/tests/it/main.rs", "../shared/vectors").is_empty());
    }

    #[test]
    fn a_missing_document_is_found() {
        assert_eq!(
            found("crates/a/src/lib.rs", "//! See NOTES.md."),
            ["crates/a/src/lib.rs:1: NOTES.md does not exist"]
        );
    }

    #[test]
    fn a_file_in_lower_case_is_not_a_document() {
        assert!(found("crates/a/src/lib.rs", "guide.md and x.MD").is_empty());
    }
}
