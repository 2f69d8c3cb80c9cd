//! Words that mean nothing to a reader elsewhere: paths of one machine, papers that are not here.

use std::path::Path;

use super::Finding;
use crate::files::TextFile;

/// A path of somebody's machine; tests may read recorded answers from beside the repository.
const PATHS: &[&str] = &["/home/", "/root/", "/tmp/", "/work/", "../shared"];

/// Papers the project was made from, which its readers do not have.
const PAPERS: &[&str] = &["BRIEF", "DESIGN", "the brief's"];

/// This file spells them out.
const OWN: &str = "xtask/src/tidy/words.rs";

pub(super) fn check(files: &[TextFile], root: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.path != OWN) {
        for (before, line) in file.text.lines().enumerate() {
            let found = words(&file.path, line).chain(absent_papers(line, &file.path, root));
            findings.extend(found.map(|what| Finding::new(&file.path, before + 1, what)));
        }
    }
    findings
}

fn words(path: &str, line: &str) -> impl Iterator<Item = String> {
    let paths = if path.contains("/tests/") { &[] } else { PATHS };
    paths
        .iter()
        .chain(PAPERS)
        .filter(|word| line.contains(*word))
        .map(|word| format!("`{word}` means nothing elsewhere"))
}

/// `NAME.md`, in capitals as such papers are, that is neither at the root, nor in `docs`, nor beside the file.
fn absent_papers(line: &str, path: &str, root: &Path) -> impl Iterator<Item = String> {
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
    let papers = tokens.filter(|token| {
        token
            .strip_suffix(".md")
            .is_some_and(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase()))
    });
    papers
        .filter(move |paper| !folders.iter().any(|folder| folder.join(paper).is_file()))
        .map(|paper| format!("there is no {paper} here"))
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
            ["docs/a.md:2: `/home/` means nothing elsewhere"]
        );
    }

    #[test]
    fn tests_may_read_from_beside_the_repository() {
        assert!(found("crates/a/tests/it/main.rs", "../shared/vectors").is_empty());
    }

    #[test]
    fn a_paper_that_is_not_here_is_found() {
        assert_eq!(
            found("crates/a/src/lib.rs", "//! See NOTES.md."),
            ["crates/a/src/lib.rs:1: there is no NOTES.md here"]
        );
    }

    #[test]
    fn a_file_in_lower_case_is_no_paper() {
        assert!(found("crates/a/src/lib.rs", "guide.md and x.MD").is_empty());
    }
}
