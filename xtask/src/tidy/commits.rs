//! Subjects of commits: short enough for a line of `git log`.

use anyhow::Result;
use xtask::Workspace;

use super::Finding;

/// The longest subject, in characters.
const LONGEST: usize = 72;

/// The first commit whose subject is checked is the one after the commit that added this file.
const SINCE: &str = "docs/GLOSSARY.md";

/// Checks the history; without git or a history, it says so and finds nothing.
pub(super) fn check(workspace: &Workspace) -> Vec<Finding> {
    match subjects(workspace) {
        Ok(subjects) => findings(&subjects),
        Err(error) => {
            println!("commit subjects were not checked: {error:#}");
            Vec::new()
        }
    }
}

/// A line for each commit: its short hash and its subject.
fn subjects(workspace: &Workspace) -> Result<String> {
    let added = workspace
        .program("git", "log --diff-filter=A --format=%H --")
        .arg(SINCE)
        .ignore_stderr()
        .read()?;
    let range = match added.lines().last() {
        Some(first) => format!("{first}..HEAD"),
        None => "HEAD".to_owned(),
    };
    let log = workspace.program("git", "log --no-merges");
    let log = log.arg("--format=%h %s").arg(range).ignore_stderr();
    Ok(log.read()?)
}

fn findings(subjects: &str) -> Vec<Finding> {
    let commits = subjects.lines().filter_map(|line| line.split_once(' '));
    commits
        .map(|(hash, subject)| (hash, subject.chars().count()))
        .filter(|(_, length)| *length > LONGEST)
        .map(|(hash, length)| {
            let what = format!("the subject has {length} characters, at most {LONGEST}");
            Finding::new(&format!("commit {hash}"), 0, what)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, findings};
    use crate::tidy::texts;

    #[test]
    fn a_long_subject_is_found() {
        let long = "ä".repeat(LONGEST + 1);
        let subjects = format!("abc1234 {}\ndef5678 {long}\n", "a".repeat(LONGEST));
        assert_eq!(
            texts(&findings(&subjects)),
            ["commit def5678: the subject has 73 characters, at most 72"]
        );
    }
}
