//! What became of the mutants. Each run has a folder; the newest outcome of a mutant counts, and only while its file is the same.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use xtask::Workspace;

use super::Mutant;

/// The contents of each source file: its path, and git's hash of it.
const FILES: &str = "files.json";

/// The outcomes of all runs.
#[derive(Debug, Default)]
pub(super) struct Results {
    folder: PathBuf,
    runs: usize,
    /// The hash of each file as it is now.
    files: BTreeMap<String, String>,
    /// By the hash of the file and the name of the mutant.
    outcomes: BTreeMap<(String, String), String>,
}

impl Results {
    /// Reads the outcomes of the runs so far.
    pub(super) fn read(workspace: &Workspace) -> Result<Self> {
        let folder = workspace.target().join("mutants/runs");
        workspace.shell().create_dir(&folder)?;
        let mut results = Self {
            folder,
            files: files(workspace)?,
            ..Self::default()
        };
        loop {
            let run = results.run(results.runs);
            if !run.is_dir() {
                break Ok(results);
            }
            results.runs += 1;
            // Missing if the run ended before its first mutant.
            if let Ok(outcomes) = json(&run.join("mutants.out/outcomes.json")) {
                let files = serde_json::from_value(json(&run.join(FILES))?)?;
                results.add(&files, &outcomes);
            }
        }
    }

    fn run(&self, number: usize) -> PathBuf {
        self.folder.join(number.to_string())
    }

    /// Adds the outcomes of a run that saw these files.
    fn add(&mut self, files: &BTreeMap<String, String>, run: &Value) {
        for outcome in run["outcomes"].as_array().into_iter().flatten() {
            let mutant = |field| outcome.pointer("/scenario/Mutant")?.get(field)?.as_str();
            let file = mutant("file").and_then(|file| files.get(file));
            if let (Some(file), Some(name), Some(summary)) =
                (file, mutant("name"), outcome["summary"].as_str())
            {
                let key = (file.clone(), name.to_owned());
                self.outcomes.insert(key, summary.to_owned());
            }
        }
    }

    /// The summary of cargo-mutants, if the mutant was tested.
    pub(super) fn outcome(&self, mutant: &Mutant) -> Option<&str> {
        let file = self.files.get(&mutant.file)?;
        let key = (file.clone(), mutant.name.clone());
        self.outcomes.get(&key).map(String::as_str)
    }

    /// Whether a test or the compiler has noticed the mutant.
    pub(super) fn noticed(&self, mutant: &Mutant) -> bool {
        let outcome = self.outcome(mutant);
        matches!(outcome, Some("CaughtMutant" | "Timeout" | "Unviable"))
    }

    /// The folder for a new run, which leaves out the mutants with these names.
    pub(super) fn start(&self, workspace: &Workspace, leave_out: &[&str]) -> Result<PathBuf> {
        let folder = self.run(self.runs);
        let shell = workspace.shell();
        shell.write_file(folder.join(FILES), serde_json::to_string(&self.files)?)?;
        // `--iterate` reads it.
        let names = leave_out.iter().map(|name| format!("{name}\n"));
        shell.write_file(
            folder.join("mutants.out/previously_caught.txt"),
            names.collect::<String>(),
        )?;
        Ok(folder)
    }
}

/// The hash of each source file of the crates.
fn files(workspace: &Workspace) -> Result<BTreeMap<String, String>> {
    let names = workspace.program(
        "git",
        "ls-files --cached --others --exclude-standard crates/*/src/*.rs",
    );
    let names = names.read()?;
    let names: Vec<_> = names
        .lines()
        .filter(|name| workspace.root().join(name).is_file())
        .collect();
    ensure!(!names.is_empty(), "git lists no source files");
    let hashes = workspace.program("git", "hash-object --stdin-paths");
    let hashes = hashes.stdin(names.join("\n")).read()?;
    let names = names.into_iter().map(str::to_owned);
    Ok(names.zip(hashes.lines().map(str::to_owned)).collect())
}

fn json(file: &Path) -> Result<Value> {
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    serde_json::from_str(&text).with_context(|| file.display().to_string())
}

/// How many mutants ended in which way.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Score {
    mutants: usize,
    caught: usize,
    /// The tests did not end in time. That counts as noticed.
    hanging: usize,
    /// The change does not compile.
    unviable: usize,
    missed: usize,
    not_tested: usize,
}

impl Score {
    /// Counts a mutant, and returns whether it was missed.
    pub(super) fn add(&mut self, outcome: Option<&str>) -> bool {
        self.mutants += 1;
        let count = match outcome {
            Some("CaughtMutant") => &mut self.caught,
            Some("Timeout") => &mut self.hanging,
            Some("Unviable") => &mut self.unviable,
            Some(_) => &mut self.missed,
            None => &mut self.not_tested,
        };
        *count += 1;
        matches!(outcome, Some(outcome) if !matches!(outcome, "CaughtMutant" | "Timeout" | "Unviable"))
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            mutants,
            caught,
            hanging,
            unviable,
            missed,
            not_tested,
        } = self;
        write!(
            f,
            "{mutants:>7}  {caught:>6}  {hanging:>7}  {unviable:>8}  {missed:>6}  {not_tested:>10}"
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn mutant(name: &str) -> Mutant {
        Mutant {
            package: "a".to_owned(),
            file: "a.rs".to_owned(),
            name: name.to_owned(),
        }
    }

    fn run(summary: &str) -> Value {
        let mutant = json!({"package": "a", "file": "a.rs", "name": "a.rs:1:1: replace f"});
        json!({"outcomes": [
            {"summary": "Success", "scenario": "Baseline"},
            {"summary": summary, "scenario": {"Mutant": mutant}},
        ]})
    }

    fn files(hash: &str) -> BTreeMap<String, String> {
        [("a.rs".to_owned(), hash.to_owned())].into()
    }

    #[test]
    fn the_newest_outcome_counts_while_the_file_is_the_same() {
        let mut results = Results {
            files: files("new"),
            ..Results::default()
        };
        let mutant = mutant("a.rs:1:1: replace f");
        results.add(&files("old"), &run("CaughtMutant"));
        assert_eq!(results.outcome(&mutant), None);
        results.add(&files("new"), &run("MissedMutant"));
        assert!(!results.noticed(&mutant));
        results.add(&files("new"), &run("CaughtMutant"));
        assert!(results.noticed(&mutant));
        assert_eq!(results.outcomes.len(), 2);
    }

    #[test]
    fn each_mutant_counts_once() {
        let mut score = Score::default();
        assert!(!score.add(Some("CaughtMutant")));
        assert!(!score.add(Some("Unviable")));
        assert!(!score.add(Some("Timeout")));
        assert!(score.add(Some("MissedMutant")));
        assert!(!score.add(None));
        let one = Score {
            mutants: 5,
            caught: 1,
            hanging: 1,
            unviable: 1,
            missed: 1,
            not_tested: 1,
        };
        assert_eq!(score, one);
    }
}
