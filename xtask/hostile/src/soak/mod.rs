//! A long run: cells of the matrix and calls of long-lived clients, in rounds. After each round, nothing is under way, and a sample is
//! taken of what the process holds.

mod clients;
mod report;
mod sample;

use std::time::Duration;
use std::{env, fs, thread};

use anyhow::{Context as _, Result, anyhow};
use xtask::Workspace;

use self::clients::Clients;
use self::sample::Sample;
use crate::cell::Cell;
use crate::matrix::{self, now};
use crate::transports::TRANSPORTS;

pub use self::report::Soaked;

/// How many cells a round has. Most of them wait, so that a round takes one or two seconds.
const ROUND: usize = 96;

/// How long the run takes, in minutes, unless `SOAK_MINUTES` says otherwise.
const MINUTES: f64 = 30.0;

/// Carries out rounds for `SOAK_MINUTES`, and writes `soak/samples.csv` and `soak/plot.svg` into the folder where cargo builds.
///
/// # Errors
///
/// If a server or a client cannot be made, the process cannot be observed, or a file cannot be written.
pub fn soak() -> Result<Soaked> {
    let limit = limit()?;
    let cells = cells();
    let clients = Clients::new().map_err(|error| anyhow!("no clients: {error}"))?;
    let began = now();
    let mut soaked = Soaked::default();
    for round in cells.chunks(ROUND).cycle() {
        let (report, calls) = thread::scope(|scope| {
            let calls = scope.spawn(|| clients.round());
            (matrix::run(round), calls.join())
        });
        soaked.calls += calls.map_err(|_| anyhow!("a paced client panicked"))?;
        soaked.cells += report.cells();
        if report.wrong() > 0 {
            soaked.wrong += report.wrong();
            eprint!("{report}");
        }
        let elapsed = began.elapsed();
        let sample =
            Sample::take(elapsed, clients.tasks()).context("cannot observe the process")?;
        soaked.samples.push(sample);
        if elapsed >= limit {
            break;
        }
    }
    let folder = Workspace::open()?.target().join("soak");
    fs::create_dir_all(&folder)?;
    soaked.write(&folder)?;
    println!("samples and plot: {}", folder.display());
    Ok(soaked)
}

fn limit() -> Result<Duration> {
    let minutes = match env::var("SOAK_MINUTES") {
        Ok(minutes) => minutes.parse().ok(),
        Err(_) => Some(MINUTES),
    };
    minutes
        .and_then(|minutes| Duration::try_from_secs_f64(minutes * 60.0).ok())
        .context("SOAK_MINUTES is not a number of minutes")
}

/// All cells, mixed, so that every round has faults of all families on all transports.
fn cells() -> Vec<Cell> {
    let mut cells: Vec<_> = (1_u64..).zip(Cell::all(&TRANSPORTS)).collect();
    cells.sort_by_key(|(number, _)| number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    cells.into_iter().map(|(_, cell)| cell).collect()
}
