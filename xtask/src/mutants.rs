//! `cargo xtask mutants`: changes the code of the crates without I/O in small ways, one at a time, and runs the tests of the changed
//! crate. A change that no test notices is a missed mutant.
//!
//! A full run takes hours. `--shard 0/8` runs an eighth of it. The results of each commit are kept in the target folder, and
//! `--report` adds them up. `--changed COMMIT` runs only the mutants in lines that have changed since that commit.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use xtask::Workspace;

use crate::tool;

const CONFIG: &str = "xtask/mutants.toml";

const PACKAGES: &[&str] = &[
    "intercom-errors",
    "intercom-retry",
    "intercom-pace",
    "intercom-protocol",
];

/// How many cases a property test runs for each mutant: enough for most, and a run takes seconds.
const CASES: &str = "32";

/// What became of the mutants of a package.
#[derive(Debug, Default, PartialEq)]
struct Score {
    caught: usize,
    /// The tests did not end in time. That counts as noticed.
    hanging: usize,
    /// The change does not compile.
    unviable: usize,
    missed: Vec<String>,
}

pub(crate) fn run(workspace: &Workspace, arguments: &[&str]) -> Result<()> {
    let folder = results(workspace)?;
    match *arguments {
        [] => test(workspace, &folder.join("all"), &[])?,
        ["--shard", shard] => {
            let name = shard.replace('/', "-of-");
            test(workspace, &folder.join(name), &["--shard", shard])?;
        }
        ["--changed", commit] => {
            let diff = workspace.target().join("mutants").join("changed.diff");
            let changes = workspace.program("git", "diff").arg(commit).read()?;
            workspace.shell().write_file(&diff, changes)?;
            let diff = diff.to_string_lossy().into_owned();
            test(workspace, &folder.join("changed"), &["--in-diff", &diff])?;
        }
        ["--report"] => {}
        _ => bail!("expected `--shard K/N`, `--changed COMMIT`, `--report` or nothing"),
    }
    report(&folder)
}

/// The folder for the results of the commit that is checked out.
fn results(workspace: &Workspace) -> Result<PathBuf> {
    let changes = workspace.program("git", "status --porcelain").read()?;
    ensure!(
        changes.is_empty(),
        "there are uncommitted changes, and results are kept for each commit"
    );
    let commit = workspace
        .program("git", "rev-parse --short=12 HEAD")
        .read()?;
    Ok(workspace.target().join("mutants").join(commit))
}

/// Tests mutants, and leaves the results in a folder.
fn test(workspace: &Workspace, folder: &Path, which: &[&str]) -> Result<()> {
    if !tool::MUTANTS.is_installed(workspace) {
        println!("{}", tool::MUTANTS.install);
        let (_, arguments) = tool::MUTANTS
            .install
            .split_once(' ')
            .context("no arguments")?;
        workspace.cargo(arguments).run()?;
    }
    workspace.shell().create_dir(folder)?;
    let run = workspace.cargo("mutants --no-shuffle --all-features --config");
    let run = run.arg(CONFIG).arg("--output").arg(folder).args(which);
    let packages = PACKAGES.iter().flat_map(|package| ["--package", package]);
    // It fails if a mutant is missed; the report says which.
    let run = run
        .args(packages)
        .env("PROPTEST_CASES", CASES)
        .ignore_status();
    run.env("CARGO_INCREMENTAL", "1").run()?;
    Ok(())
}

/// Prints the score of each package, and the missed mutants.
fn report(folder: &Path) -> Result<()> {
    let mut scores = BTreeMap::new();
    for run in folder.read_dir().context("no results of this commit")? {
        let file = run?.path().join("mutants.out/outcomes.json");
        let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        count(&serde_json::from_str(&text)?, &mut scores);
    }
    println!("{:<18} caught  hanging  missed  unviable", "package");
    for (package, score) in &scores {
        let missed = score.missed.len();
        let Score {
            caught,
            hanging,
            unviable,
            ..
        } = score;
        println!("{package:<18} {caught:>6}  {hanging:>7}  {missed:>6}  {unviable:>8}");
    }
    let missed: Vec<_> = scores.values().flat_map(|score| &score.missed).collect();
    for name in &missed {
        println!("missed: {name}");
    }
    ensure!(missed.is_empty(), "{} mutants were missed", missed.len());
    Ok(())
}

/// Adds the outcomes of a run to the scores of the packages.
fn count(run: &Value, scores: &mut BTreeMap<String, Score>) {
    for outcome in run["outcomes"].as_array().into_iter().flatten() {
        let mutant = |field| outcome.pointer("/scenario/Mutant")?.get(field)?.as_str();
        let (Some(package), Some(name)) = (mutant("package"), mutant("name")) else {
            continue;
        };
        let score = scores.entry(package.to_owned()).or_default();
        match outcome["summary"].as_str() {
            Some("CaughtMutant") => score.caught += 1,
            Some("Timeout") => score.hanging += 1,
            Some("Unviable") => score.unviable += 1,
            _ => score.missed.push(name.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn outcomes_are_counted_for_each_package() {
        let outcome = |summary, package| {
            let mutant = json!({"package": package, "name": "src/lib.rs:1:1: replace f"});
            json!({"summary": summary, "scenario": {"Mutant": mutant}})
        };
        let run = json!({"outcomes": [
            {"summary": "Success", "scenario": "Baseline"},
            outcome("CaughtMutant", "a"),
            outcome("Unviable", "a"),
            outcome("MissedMutant", "b"),
            outcome("Timeout", "b"),
        ]});
        let mut scores = BTreeMap::new();
        count(&run, &mut scores);
        assert_eq!(scores.len(), 2);
        assert_eq!((scores["a"].caught, scores["a"].unviable), (1, 1));
        assert_eq!(scores["b"].hanging, 1);
        assert_eq!(scores["b"].missed, ["src/lib.rs:1:1: replace f"]);
    }
}
