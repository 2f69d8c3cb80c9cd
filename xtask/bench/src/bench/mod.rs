//! `cargo xtask bench`: measures decisions, responses and calls in instructions, allocations and time.
//!
//! The benches print times and allocations themselves. Valgrind's callgrind counts the instructions, as the difference between a
//! long and a short run of the same program, so that the start of the program does not count.

mod callgrind;
mod contacts;
mod divan;
mod report;

use std::path::PathBuf;

use anyhow::{Context, Result};
use intercom_mock::MockServer;
use serde_json::Value;
use xtask::Workspace;

use self::callgrind::Callgrind;
use self::divan::Row;

/// A bench of a crate, named by the arguments with which cargo builds it.
struct Bench {
    arguments: &'static str,
    /// Groups whose rounds include preparations that must not be counted.
    prepared: &'static [&'static str],
}

const ANSWERS: Bench = Bench {
    arguments: "-p intercom-errors --bench responses",
    prepared: &[],
};
const DECIDE: Bench = Bench {
    arguments: "-p intercom-retry --bench decide",
    prepared: &["session"],
};
const PACE: Bench = Bench {
    arguments: "-p intercom-pace --bench pacer",
    prepared: &["pacer"],
};
const FLEET: Bench = Bench {
    arguments: "-p intercom-fleet --features blocking --bench gate",
    prepared: &[],
};
const BLOCKING: Bench = Bench {
    arguments: "-p intercom-blocking --bench calls",
    prepared: &["call", "step"],
};
const ASYNC: Bench = Bench {
    arguments: "-p intercom-async --features hyper --bench calls",
    prepared: &["call"],
};

/// The paths that are called: a short response, and a page of a list.
const PATHS: [&str; 2] = ["/me", "/contacts?per_page=50"];

/// A row of a bench, and the instructions of a round if they could be counted.
struct Measured {
    row: Row,
    instructions: Vec<Option<u64>>,
}

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let callgrind = Callgrind::find(workspace);
    if callgrind.is_none() {
        eprintln!(
            "valgrind is missing, so no instructions are counted; install it with `apt-get install valgrind`"
        );
    }
    let callgrind = callgrind.as_ref();
    let page = report::page(&report::Figures {
        answers: rounds(workspace, callgrind, &ANSWERS)?,
        decide: rounds(workspace, callgrind, &DECIDE)?,
        pace: rounds(workspace, callgrind, &PACE)?,
        fleet: rounds(workspace, callgrind, &FLEET)?,
        blocking: calls(workspace, callgrind, &BLOCKING)?,
        r#async: calls(workspace, callgrind, &ASYNC)?,
        compiler: workspace.program("rustc", "--version").read()?,
        valgrind: callgrind.map(|callgrind| callgrind.version.clone()),
    });
    workspace.shell().write_file("docs/BENCHMARKS.md", page)?;
    Ok(())
}

/// Runs a bench and counts the instructions of its rounds.
fn rounds(
    workspace: &Workspace,
    callgrind: Option<&Callgrind<'_>>,
    bench: &Bench,
) -> Result<Vec<Measured>> {
    let program = build(workspace, bench)?;
    measured(workspace, &program, |row| {
        let counted = match (callgrind, row.path.first()) {
            (Some(callgrind), Some(group)) if !bench.prepared.contains(&group.as_str()) => {
                Some(callgrind.round(&program, row)?)
            }
            _ => None,
        };
        Ok(vec![counted])
    })
}

/// Runs a bench that makes calls, and counts their instructions against a mock in this process.
fn calls(
    workspace: &Workspace,
    callgrind: Option<&Callgrind<'_>>,
    bench: &Bench,
) -> Result<Vec<Measured>> {
    let program = build(workspace, bench)?;
    let mock = MockServer::start()?;
    contacts::add_page_to(&mock);
    measured(workspace, &program, |row| {
        let (Some(callgrind), [group, who]) = (callgrind, row.path.as_slice()) else {
            return Ok(Vec::new());
        };
        if group != "call" {
            return Ok(Vec::new());
        }
        PATHS
            .iter()
            .map(|path| callgrind.call(&program, who, &mock, path).map(Some))
            .collect()
    })
}

fn measured(
    workspace: &Workspace,
    program: &str,
    count: impl Fn(&Row) -> Result<Vec<Option<u64>>>,
) -> Result<Vec<Measured>> {
    println!("{program}");
    let text = workspace
        .program(program, "--bench --sort location")
        .read()?;
    divan::rows(&text)
        .into_iter()
        .map(|row| {
            println!("  {}", row.path.join(" / "));
            let instructions = count(&row)?;
            Ok(Measured { row, instructions })
        })
        .collect()
}

/// Builds a bench and returns the path of its program.
fn build(workspace: &Workspace, bench: &Bench) -> Result<String> {
    let messages = workspace
        .cargo("bench --quiet --no-run --locked --message-format json")
        .args(bench.arguments.split_whitespace())
        .read()?;
    let program = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|message| Some(PathBuf::from(message.get("executable")?.as_str()?)))
        .next_back()
        .with_context(|| format!("cargo reported no program for `{}`", bench.arguments))?;
    Ok(program.display().to_string())
}
