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
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use xshell::Cmd;
use xtask::Workspace;

use self::results::{Results, Score};
use crate::{tool, work};

const CONFIG: &str = "xtask/mutants.toml";

const PACKAGES: &[&str] = &[
    "intercom-errors",
    "intercom-retry",
    "intercom-pace",
    "intercom-protocol",
];

/// The most mutants that `--changed` tests.
const MOST_CHANGED: usize = 40;

/// How long `--changed` tests mutants, in seconds. `MUTANTS_SECONDS` overrides it.
const SECONDS: u32 = 600;

/// Below so many mutants, neither a second job, which builds the dependencies again, nor optimized code is worth it.
const FEW: usize = 50;

/// Optimized dependencies take some minutes to build, and save half of the time of the longest tests.
const OPTIMIZED: &[&str] = &[
    "--cargo-arg=--config=profile.dev.package.'*'.opt-level=1",
    "--cargo-arg=--config=profile.dev.package.intercom-mock.opt-level=1",
];

/// Packages whose tests take longer than their compilation, so that they are optimized as well.
const SLOWER_TO_TEST: &[&str] = &["intercom-pace"];

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
    let packages = match *arguments {
        ["--report"] => PACKAGES,
        ["--changed"] => return test_changed(workspace),
        [option, ..] if option.starts_with('-') => {
            bail!("expected `--changed`, `--report` or names of packages")
        }
        [] => PACKAGES,
        _ => arguments,
    };
    tool::MUTANTS.provide(workspace)?;
    for package in packages {
        ensure!(PACKAGES.contains(package), "{package} is not tested");
        if arguments != ["--report"] {
            test(workspace, package, None, None)?;
        }
    }
    let all = list(workspace, PACKAGES, &[])?;
    known(workspace)?.write(workspace, &all)?;
    let own = all.into_iter();
    let own = own.filter(|mutant| packages.contains(&mutant.package.as_str()));
    report(workspace, &own.collect::<Vec<_>>())
}

/// Tests the mutants in lines that were changed since the results were recorded: of many a sample, and for a limited time.
fn test_changed(workspace: &Workspace) -> Result<()> {
    let seconds = work::seconds("MUTANTS_SECONDS", SECONDS)?;
    let end = now() + Duration::from_secs(seconds.into());
    let Some(record) = recorded(workspace) else {
        println!("skipped: git does not know when the results were recorded");
        return Ok(());
    };
    let folders = PACKAGES.iter().map(|name| format!("crates/{name}/src"));
    let changes = workspace
        .program("git", "diff --no-ext-diff --src-prefix=a/ --dst-prefix=b/")
        .args([&record, "--"])
        .args(folders);
    let changes = changes.read()?;
    if changes.is_empty() {
        println!("no code was changed since the results were recorded in {record}");
        return Ok(());
    }
    tool::MUTANTS.provide(workspace)?;
    let diff = workspace.target().join("mutants/changed.diff");
    workspace.shell().write_file(&diff, changes + "\n")?;
    let all = list(workspace, PACKAGES, &["--in-diff", &diff.to_string_lossy()])?;
    let changed = all.len();
    let step = changed.div_ceil(MOST_CHANGED).max(1);
    let sample: Vec<_> = all.into_iter().step_by(step).collect();
    println!(
        "{} of {changed} mutants in lines changed since {record}",
        sample.len()
    );
    for package in PACKAGES {
        test(workspace, package, Some(&sample), Some(end))?;
    }
    let reported = report(workspace, &sample);
    if now() >= end {
        println!("the time is over: what was missed may be noticed by slower tests");
        return Ok(());
    }
    reported
}

/// The commit that recorded the results. A clone without the whole history does not know it.
fn recorded(workspace: &Workspace) -> Option<String> {
    let git = |arguments| workspace.program("git", arguments).ignore_stderr();
    let shallow = git("rev-parse --is-shallow-repository").read().ok()?;
    let log = git("log -1 --format=%h --").arg(results::RECORD);
    let commit = log.read().ok().filter(|commit| !commit.is_empty());
    commit.filter(|_| shallow == "false")
}

#[expect(
    clippy::disallowed_methods,
    reason = "limits how long mutants are tested"
)]
fn now() -> Instant {
    Instant::now()
}

/// The mutants of these packages.
fn list(workspace: &Workspace, packages: &[&str], which: &[&str]) -> Result<Vec<Mutant>> {
    let list = mutants_of(workspace.cargo(""), packages).args(["--list", "--json"]);
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

/// Tests the mutants of a package, or those of a sample, that have no result yet, and those that were missed: first with the quick
/// tests.
fn test(
    workspace: &Workspace,
    package: &str,
    sample: Option<&[Mutant]>,
    end: Option<Instant>,
) -> Result<()> {
    let slow = SLOW.iter().flat_map(|test| ["--skip", test]);
    let quick: Vec<_> = slow.collect();
    run_once(workspace, package, sample, end, "16", &quick)?;
    run_once(workspace, package, sample, end, "64", &[])
}

/// Tests the mutants of a package that no test has noticed yet, with some cases for each property.
fn run_once(
    workspace: &Workspace,
    package: &str,
    sample: Option<&[Mutant]>,
    end: Option<Instant>,
    cases: &str,
    leave_out: &[&str],
) -> Result<()> {
    let results = known(workspace)?;
    let mutants = list(workspace, &[package], &[])?;
    let is_wanted = |mutant: &Mutant| {
        sample.is_none_or(|sample| sample.iter().any(|other| other.name == mutant.name))
    };
    let unwanted = |mutant: &&Mutant| results.noticed(mutant) || !is_wanted(mutant);
    let unwanted = mutants.iter().filter(unwanted);
    let unwanted: Vec<_> = unwanted.map(|mutant| mutant.name.as_str()).collect();
    let wanted = mutants.len() - unwanted.len();
    let limit = end.map(|end| end.saturating_duration_since(now()).as_secs());
    if wanted == 0 || limit == Some(0) {
        return Ok(());
    }
    let folder = results.start(workspace, &mutants, &unwanted)?;
    let run = match limit {
        // It ends after the end, so that the end has passed if it was interrupted.
        Some(limit) => workspace
            .program("timeout", "--foreground --signal=INT")
            .args([format!("{}", limit + 1), "cargo".to_owned()]),
        None => workspace.cargo(""),
    };
    let run = mutants_of(run, &[package]).args(["--iterate", "--output"]);
    let run = run.arg(&folder);
    let run = if wanted < FEW {
        run.args(["--jobs", "1"])
    } else {
        let own = SLOWER_TO_TEST.contains(&package);
        let own =
            own.then(|| format!("--cargo-arg=--config=profile.dev.package.{package}.opt-level=1"));
        run.args(["--jobs", "2"]).args(OPTIMIZED).args(own)
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
    let is_over = end.is_some_and(|end| end <= now());
    ensure!(
        is_over || finished(&folder),
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

/// Adds the arguments with which cargo lists or tests the mutants of these packages.
fn mutants_of<'a>(cargo: Cmd<'a>, packages: &[&str]) -> Cmd<'a> {
    let packages = packages.iter().flat_map(|package| ["--package", package]);
    let options = [
        "--no-shuffle",
        "--all-features",
        "--colors",
        "never",
        "--config",
        CONFIG,
    ];
    cargo.arg("mutants").args(options).args(packages)
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
