//! `cargo xtask mutants`: changes the code of the crates without I/O in small ways, one at a time, and runs the tests of the changed
//! crate. A change that no test notices is a missed mutant.
//!
//! A full run takes hours, and can be interrupted. A result is kept in the target folder and holds until the code of the mutant's
//! file changes, so the next run tests only new and missed mutants. The end of a run and `--report` write the results into
//! `xtask/mutants.txt`, for other machines.

mod results;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use xshell::Cmd;
use xtask::Workspace;

use self::results::{Results, Score};
use crate::tool;

const CONFIG: &str = "xtask/mutants.toml";

const PACKAGES: &[&str] = &[
    "intercom-errors",
    "intercom-retry",
    "intercom-pace",
    "intercom-protocol",
];

/// The most mutants that `cargo xtask ci` tests, so that it takes minutes.
const MOST_IN_CI: usize = 40;

/// Below so many mutants, neither a second job, which builds the dependencies again, nor optimized dependencies are worth it.
const FEW: usize = 50;

/// Optimized dependencies take some minutes to build, and save half of the time of the longest tests.
const OPTIMIZED: &[&str] = &[
    "--cargo-arg=--config=profile.dev.package.'*'.opt-level=1",
    "--cargo-arg=--config=profile.dev.package.intercom-mock.opt-level=1",
];

/// Tests that take longer than all others: simulations. They run only for a mutant that the others miss.
#[rustfmt::skip]
const SLOW: &[&str] = &[
    "conformance::",
    "fleet::driver::",
    "fleet::silence::",
    "pacer::frugal::",
    "pacer::sharing::hundred_processes_see_less_than_five_percent_refused",
    "pacer::sharing::newcomer_gets_at_least_two_fifths_within_thirty_windows",
    "pacer::sharing::ten_processes_see_less_than_two_percent_refused",
    "pacer::windows::quota_without_headers_is_found_at_any_start_time",
    "walks::days::a_split_search_goes_on_after_every_item_in_another_process",
    "walks::days::no_contact_is_missed_or_comes_twice_at_the_end_of_a_day",
    "walks::loops::total_that_grows_or_that_counts_up_to_a_limit_ends_nothing",
    "walks::million::",
    "walks::random::",
];

/// Property tests run the same cases each time, and do not look for a smaller case that fails.
const PROPTEST: &[(&str, &str)] = &[
    ("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "1"),
    ("PROPTEST_MAX_SHRINK_ITERS", "0"),
    ("PROPTEST_RNG_SEED", "1"),
];

/// Compiling takes most of the time of a mutant.
const QUICK_BUILDS: &[(&str, &str)] = &[
    ("CARGO_INCREMENTAL", "1"),
    ("CARGO_PROFILE_DEV_DEBUG", "false"),
];

/// A mutant, as cargo-mutants lists it.
#[derive(Debug)]
struct Mutant {
    package: String,
    file: String,
    /// Identifies the code of the file.
    code: String,
    /// The file, line, column and change.
    name: String,
}

/// `cargo xtask mutants`, with its arguments.
pub(crate) fn run(workspace: &Workspace, arguments: &[&str]) -> Result<()> {
    tool::MUTANTS.require(workspace)?;
    let packages = match *arguments {
        ["--report"] => PACKAGES,
        ["--changed"] => return check(workspace),
        ["--changed", commit] => {
            let diff = diff(workspace, commit)?;
            let which = ["--in-diff", &diff];
            for package in PACKAGES {
                test(workspace, package, &which)?;
            }
            return report(workspace, &list(workspace, PACKAGES, &which)?);
        }
        [option, ..] if option.starts_with('-') => {
            bail!("expected `--changed`, `--changed COMMIT`, `--report` or names of packages")
        }
        [] => PACKAGES,
        _ => arguments,
    };
    for package in packages {
        ensure!(PACKAGES.contains(package), "{package} is not tested");
        if arguments != ["--report"] {
            test(workspace, package, &[])?;
        }
    }
    let all = list(workspace, PACKAGES, &[])?;
    known(workspace)?.write(workspace, &all)?;
    let own = all.into_iter();
    let own = own.filter(|mutant| packages.contains(&mutant.package.as_str()));
    report(workspace, &own.collect::<Vec<_>>())
}

/// Tests the mutants in lines that this branch changes, or the last commit if this is the main branch. Of many, it tests a sample.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let Some(commit) = parent(workspace) else {
        println!("skipped: there is no earlier commit to compare with");
        return Ok(());
    };
    let diff = diff(workspace, &commit)?;
    let which = ["--in-diff", &diff];
    let all = list(workspace, PACKAGES, &which)?.len();
    let shard = format!("0/{}", all.div_ceil(MOST_IN_CI).max(1));
    let which = [
        &which[..],
        &["--sharding", "round-robin", "--shard", &shard],
    ]
    .concat();
    for package in PACKAGES {
        test(workspace, package, &which)?;
    }
    let sample = list(workspace, PACKAGES, &which)?;
    println!(
        "{} of {all} mutants in lines changed since {commit}",
        sample.len()
    );
    report(workspace, &sample)
}

/// The commit where this branch left the main branch, or the one before the last.
fn parent(workspace: &Workspace) -> Option<String> {
    let commit = |arguments| {
        let git = workspace.program("git", arguments).ignore_stderr();
        git.read().ok()
    };
    let head = commit("rev-parse HEAD")?;
    let fork = commit("merge-base origin/main HEAD").filter(|fork| *fork != head);
    fork.or_else(|| commit("rev-parse --verify HEAD~1"))
}

/// Writes the changes since a commit to a file, and returns its path.
fn diff(workspace: &Workspace, commit: &str) -> Result<String> {
    let changes = workspace
        .program("git", "diff --no-ext-diff --src-prefix=a/ --dst-prefix=b/")
        .arg(commit);
    let file = workspace.target().join("mutants/changed.diff");
    workspace
        .shell()
        .write_file(&file, changes.read()? + "\n")?;
    Ok(file.to_string_lossy().into_owned())
}

/// The mutants of these packages.
fn list(workspace: &Workspace, packages: &[&str], which: &[&str]) -> Result<Vec<Mutant>> {
    let list = cargo_mutants(workspace, packages).args(["--list", "--json"]);
    // Of an empty diff, it prints nothing.
    let text = list.args(which).ignore_stderr().read()?;
    let mutants: Vec<Value> = match text.trim() {
        "" => Vec::new(),
        text => serde_json::from_str(text)?,
    };
    let mut codes: BTreeMap<String, String> = BTreeMap::new();
    let mut listed = Vec::new();
    for mutant in &mutants {
        let field = |name| mutant.get(name)?.as_str().map(str::to_owned);
        let fields = field("package").zip(field("file")).zip(field("name"));
        let ((package, file), name) = fields.context("the list has another form")?;
        let code = match codes.entry(file.clone()) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(new) => {
                let text = workspace.shell().read_file(&file)?;
                new.insert(results::fingerprint(&text)).clone()
            }
        };
        listed.push(Mutant {
            package,
            file,
            code,
            name,
        });
    }
    Ok(listed)
}

/// Tests the mutants of a package that have no result yet, and those that were missed: first with the quick tests.
fn test(workspace: &Workspace, package: &str, which: &[&str]) -> Result<()> {
    let slow = SLOW.iter().flat_map(|test| ["--skip", test]);
    let quick: Vec<_> = slow.collect();
    run_once(workspace, package, which, "16", &quick)?;
    run_once(workspace, package, which, "64", &[])
}

/// Tests the mutants of a package that no test has noticed yet, with some cases for each property.
fn run_once(
    workspace: &Workspace,
    package: &str,
    which: &[&str],
    cases: &str,
    leave_out: &[&str],
) -> Result<()> {
    let results = known(workspace)?;
    let mutants = list(workspace, &[package], which)?;
    let noticed = mutants.iter().filter(|mutant| results.noticed(mutant));
    let noticed: Vec<_> = noticed.map(|mutant| mutant.name.as_str()).collect();
    if noticed.len() == mutants.len() {
        return Ok(());
    }
    let folder = results.start(workspace, &mutants, &noticed)?;
    let run = cargo_mutants(workspace, &[package]).args(["--iterate", "--output"]);
    let run = run.arg(&folder).args(which);
    let run = if mutants.len() - noticed.len() < FEW {
        run.args(["--jobs", "1"])
    } else {
        run.args(["--jobs", "2"]).args(OPTIMIZED)
    };
    // The last ones are for the test binaries.
    let run = run
        .args(["--", "--", "--skip", "example::"])
        .args(leave_out);
    let variables = PROPTEST.iter().chain(QUICK_BUILDS).copied();
    let run = run.envs(variables).env("PROPTEST_CASES", cases);
    // It fails if a mutant is missed; the report says which.
    let run = run.ignore_status();
    run.env("RUSTFLAGS", linker(workspace)).run()?;
    ensure!(
        finished(&folder),
        "the tests of {package} fail without a mutant"
    );
    Ok(())
}

/// Whether a run has tested mutants. It tests none if the tests fail anyway.
fn finished(folder: &Path) -> bool {
    let outcomes = folder.join("mutants.out/outcomes.json");
    std::fs::read_to_string(outcomes).is_ok_and(|text| text.contains("\"Mutant\""))
}

/// The fastest linker that is installed.
fn linker(workspace: &Workspace) -> &'static str {
    let mold = workspace.program("mold", "--version");
    if mold.ignore_stdout().ignore_stderr().run().is_ok() {
        "-C link-arg=-fuse-ld=mold"
    } else {
        ""
    }
}

fn cargo_mutants<'a>(workspace: &'a Workspace, packages: &[&str]) -> Cmd<'a> {
    let packages = packages.iter().flat_map(|package| ["--package", package]);
    let run = workspace.cargo("mutants --no-shuffle --all-features --colors never --config");
    run.arg(CONFIG).args(packages)
}

/// All outcomes, of this machine and of the repository.
fn known(workspace: &Workspace) -> Result<Results> {
    let mut results = Results::read(workspace)?;
    results.recall(workspace, &list(workspace, PACKAGES, &[])?)?;
    Ok(results)
}

/// Prints the score of each package, and the missed mutants.
fn report(workspace: &Workspace, mutants: &[Mutant]) -> Result<()> {
    let results = known(workspace)?;
    println!("package            mutants  caught  hanging  unviable  missed  not tested");
    let mut missed = Vec::new();
    for package in PACKAGES {
        let mut score = Score::default();
        let own = mutants.iter().filter(|mutant| mutant.package == *package);
        for mutant in own {
            if score.add(results.outcome(mutant)) {
                missed.push(mutant.name.as_str());
            }
        }
        if score != Score::default() {
            println!("{package:<18} {score}");
        }
    }
    for name in &missed {
        println!("missed: {name}");
    }
    ensure!(missed.is_empty(), "{} mutants were missed", missed.len());
    Ok(())
}
