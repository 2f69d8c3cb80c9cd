//! What became of the mutants. Each run has a folder; the newest outcome of a mutant counts, while the code of its file is the same.
//! The outcomes of other machines are in a file of the repository: one line for each source file, one letter for each mutant.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;
use xtask::Workspace;

use super::Mutant;

/// The outcomes in the repository.
pub(super) const RECORD: &str = "xtask/mutants.txt";

const OPENING: &str = "\
# Written by `cargo xtask mutants`. For each file its code, as a hash, and its mutants in their order: caught, hanging, unviable,
# missed, - not tested. Remove a line to test the file again.
";

/// The summaries of cargo-mutants, and a letter for each.
const LETTERS: [(&str, char); 4] = [
    ("CaughtMutant", 'c'),
    ("Timeout", 'h'),
    ("Unviable", 'u'),
    ("MissedMutant", 'm'),
];

/// What identifies the code of each file.
const FILES: &str = "files.json";

/// The outcomes of all runs.
#[derive(Debug, Default)]
pub(super) struct Results {
    folder: PathBuf,
    runs: usize,
    /// By the code of the file and the name of the mutant.
    outcomes: BTreeMap<(String, String), String>,
}

impl Results {
    /// Reads the outcomes of the runs so far.
    pub(super) fn read(workspace: &Workspace) -> Result<Self> {
        let folder = workspace.target().join("mutants/runs");
        workspace.shell().create_dir(&folder)?;
        let mut results = Self {
            folder,
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

    /// Adds the outcomes of the repository, for all mutants there are.
    pub(super) fn recall(&mut self, workspace: &Workspace, all: &[Mutant]) -> Result<()> {
        if workspace.shell().path_exists(RECORD) {
            self.read_record(&workspace.shell().read_file(RECORD)?, all);
        }
        Ok(())
    }

    fn read_record(&mut self, record: &str, all: &[Mutant]) {
        for line in record.lines() {
            let mut words = line.split_whitespace();
            let (Some(file), Some(code), Some(letters)) =
                (words.next(), words.next(), words.next())
            else {
                continue;
            };
            let own = all.iter().filter(|it| it.file == file && it.code == code);
            if own.clone().count() != letters.chars().count() {
                continue;
            }
            for (mutant, letter) in own.zip(letters.chars()) {
                if let Some((summary, _)) = LETTERS.iter().find(|(_, known)| *known == letter) {
                    let outcome = self.outcomes.entry(key(mutant));
                    outcome.or_insert_with(|| (*summary).to_owned());
                }
            }
        }
    }

    /// Writes the outcomes of all mutants into the repository.
    pub(super) fn write(&self, workspace: &Workspace, all: &[Mutant]) -> Result<()> {
        workspace.shell().write_file(RECORD, self.record(all))?;
        Ok(())
    }

    fn record(&self, all: &[Mutant]) -> String {
        let mut lines: BTreeMap<(&str, &str), String> = BTreeMap::new();
        for mutant in all {
            let outcome = self.outcome(mutant);
            let known = LETTERS
                .iter()
                .find(|(summary, _)| Some(*summary) == outcome);
            let letters = lines.entry((&mutant.file, &mutant.code)).or_default();
            letters.push(known.map_or('-', |(_, letter)| *letter));
        }
        lines.retain(|_, letters| letters.contains(|letter| letter != '-'));
        let lines = lines
            .iter()
            .map(|((file, code), letters)| format!("{file} {code} {letters}\n"));
        OPENING.to_owned() + &lines.collect::<String>()
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
        self.outcomes.get(&key(mutant)).map(String::as_str)
    }

    /// Whether a test or the compiler has noticed the mutant.
    pub(super) fn noticed(&self, mutant: &Mutant) -> bool {
        let outcome = self.outcome(mutant);
        matches!(outcome, Some("CaughtMutant" | "Timeout" | "Unviable"))
    }

    /// The folder for a new run, which tests some mutants but leaves out those with these names.
    pub(super) fn start(
        &self,
        workspace: &Workspace,
        mutants: &[Mutant],
        leave_out: &[&str],
    ) -> Result<PathBuf> {
        let folder = self.run(self.runs);
        let shell = workspace.shell();
        let files = mutants.iter().map(|mutant| (&mutant.file, &mutant.code));
        let files = files.collect::<BTreeMap<_, _>>();
        shell.write_file(folder.join(FILES), serde_json::to_string(&files)?)?;
        // `--iterate` reads it.
        let names = leave_out.iter().map(|name| format!("{name}\n"));
        shell.write_file(
            folder.join("mutants.out/previously_caught.txt"),
            names.collect::<String>(),
        )?;
        Ok(folder)
    }
}

fn key(mutant: &Mutant) -> (String, String) {
    (mutant.code.clone(), mutant.name.clone())
}

/// Identifies the code of a file, which ends where its tests begin.
pub(super) fn fingerprint(text: &str) -> String {
    let code = text.split("\n#[cfg(test)]\nmod tests").next();
    let bytes = code.unwrap_or(text).bytes();
    // FNV-1a.
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
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

    fn run(summary: &str) -> Value {
        let mutant = json!({"package": "a", "file": "a.rs", "name": "a.rs:1:1: replace f"});
        json!({"outcomes": [
            {"summary": "Success", "scenario": "Baseline"},
            {"summary": summary, "scenario": {"Mutant": mutant}},
        ]})
    }

    fn files(code: &str) -> BTreeMap<String, String> {
        [("a.rs".to_owned(), code.to_owned())].into()
    }

    #[test]
    fn the_newest_outcome_counts_while_the_file_is_the_same() {
        let mut results = Results::default();
        let mutant = Mutant {
            package: "a".to_owned(),
            file: "a.rs".to_owned(),
            code: "new".to_owned(),
            name: "a.rs:1:1: replace f".to_owned(),
        };
        results.add(&files("old"), &run("CaughtMutant"));
        assert_eq!(results.outcome(&mutant), None);
        results.add(&files("new"), &run("MissedMutant"));
        assert!(!results.noticed(&mutant));
        results.add(&files("new"), &run("CaughtMutant"));
        assert!(results.noticed(&mutant));
        assert_eq!(results.outcomes.len(), 2);
    }

    #[test]
    fn outcomes_are_recorded_by_their_order_until_the_code_changes() {
        let mutants = |code: &str| {
            ["a.rs:1:1: replace f", "a.rs:2:1: replace g"].map(|name| Mutant {
                package: "a".to_owned(),
                file: "a.rs".to_owned(),
                code: code.to_owned(),
                name: name.to_owned(),
            })
        };
        let mut results = Results::default();
        results.add(&files("code"), &run("CaughtMutant"));
        let record = results.record(&mutants("code"));
        assert_eq!(record.lines().last(), Some("a.rs code c-"));
        let mut recalled = Results::default();
        recalled.read_record(&record, &mutants("code"));
        assert_eq!(
            mutants("code").map(|it| recalled.noticed(&it)),
            [true, false]
        );
        let mut other = Results::default();
        other.read_record(&record, &mutants("changed"));
        assert!(other.outcomes.is_empty());
        // An outcome of this machine is newer.
        results.read_record("a.rs code mm", &mutants("code"));
        assert_eq!(
            mutants("code").map(|it| results.noticed(&it)),
            [true, false]
        );
    }

    #[test]
    fn a_changed_test_leaves_the_code_the_same() {
        let file = |code, test| format!("{code}\n\n#[cfg(test)]\nmod tests {{{test}}}\n");
        let before = fingerprint(&file("fn f() {}", ""));
        assert_eq!(fingerprint(&file("fn f() {}", " use super::*; ")), before);
        assert_ne!(fingerprint(&file("fn g() {}", "")), before);
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
