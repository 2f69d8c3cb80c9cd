//! Fleets: many processes that share one quota through a ledger, simulated with the real `Member` and `Ledger`.

mod figures;
mod process;
mod redis;
mod report;
mod scenario;
mod world;

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use intercom_pace::fleet::Part;

use self::figures::Figures;
pub use self::redis::Seen;
use self::report::{Row, Worth};
pub use self::scenario::Scenario;
use self::scenario::{LARGE, LATE_START, PARTS, SMALL};
use self::world::World;
use crate::plot::{self, Line};

/// Returns the named scenario.
#[must_use]
pub fn named(name: &str, processes: usize) -> Option<Scenario> {
    let all = [scenario::steady(), scenario::faulty()].concat();
    let mut fits = all.into_iter().filter(|it| it.name == name);
    fits.find(|it| it.processes() == processes)
}

/// Runs a scenario once, and shows `witness` what happens to the ledger.
pub fn follow(scenario: &Scenario, seed: u64, witness: &mut dyn FnMut(Seen<'_>)) {
    World::run(scenario, seed, witness);
}

/// Runs a scenario with all its seeds, and with others if `SIMULATE_SEEDS` says so (`101-105`).
fn run(scenario: &Scenario) -> Figures {
    let seeds = std::env::var("SIMULATE_SEEDS").ok();
    let seeds = seeds.as_deref().and_then(|seeds| {
        let (from, to) = seeds.split_once('-')?;
        Some(from.parse().ok()?..=to.parse().ok()?)
    });
    let seeds = seeds.unwrap_or(1..=scenario.seeds);
    let runs: Vec<_> = seeds
        .map(|seed| World::run(scenario, seed, &mut |_| {}))
        .collect();
    Figures::together(&runs)
}

/// A scenario with its figures, without a ledger and with one.
fn row(scenario: Scenario) -> Row {
    let row = (
        scenario.clone(),
        run(&scenario.uncoordinated()),
        run(&scenario),
    );
    print_row(&row);
    row
}

/// Prints the figures of the scenarios whose names contain `part`.
pub(super) fn print(part: &str) {
    let all = [scenario::steady(), scenario::faulty()].concat();
    let named = all.into_iter().filter(|it| it.name.contains(part));
    named.for_each(|scenario| drop(row(scenario)));
}

/// Prints what each part of the algorithm is worth.
pub(super) fn print_parts() -> Result<()> {
    for part in &PARTS {
        println!("{}", part.1);
        worth(part)?;
    }
    Ok(())
}

fn print_row((scenario, alone, fleet): &Row) {
    println!("{} ({} processes)", scenario.name, scenario.processes());
    for (kind, it) in [("alone", alone), ("fleet", fleet)] {
        println!(
            "  {kind}: refused {:.3} % / {}, used {:.1} (worst {:.1}), Jain {:.3}, trips {:.4}, peak {}, longest wait {:.1} s \
             (outside {:.1} s), single calls {:.3} and {:.2} s, neighbour {:.1} %",
            it.refused_percent,
            it.refused_later,
            it.used,
            it.worst,
            it.fairness,
            it.trips_each,
            it.peak,
            it.longest_wait,
            it.longest_outside,
            it.rare_median,
            it.rare_99,
            it.neighbour_refused,
        );
    }
}

/// Simulates all scenarios, draws the plot into `folder`, and returns the part of the report about fleets.
pub(super) fn report(folder: &Path) -> Result<String> {
    let steady: Vec<_> = scenario::steady().into_iter().map(row).collect();
    draw(folder, &steady)?;
    let faulty: Vec<_> = scenario::faulty().into_iter().map(row).collect();
    let parts = PARTS.iter().map(worth).collect::<Result<Vec<_>>>()?;
    Ok(report::page(&steady, &faulty, &parts))
}

/// What a part of the algorithm is worth: the figures with it and without it.
fn worth(&(part, name, scenario, processes): &(Part, &'static str, &str, usize)) -> Result<Worth> {
    let all = named(scenario, processes).with_context(|| format!("no scenario {scenario}"))?;
    let (with, without) = (run(&all), run(&all.without(part)));
    print_row(&(all.clone(), without.clone(), with.clone()));
    Ok((name, all, with, without))
}

/// Draws refusals and trips over the number of processes.
fn draw(folder: &Path, rows: &[Row]) -> Result<()> {
    let line = |name: &str, limit: u32, figure: &dyn Fn(&Row) -> f64| Line {
        name: format!("{name}, L={limit}"),
        points: rows
            .iter()
            .filter(|(it, ..)| it.is_busy() && it.limit() == limit)
            .map(|row| (row.0.processes() as f64, figure(row)))
            .collect(),
    };
    let alone = |row: &Row| row.1.refused_percent;
    let fleet = |row: &Row| row.2.refused_percent;
    let trips = |row: &Row| row.2.trips_each;
    plot::fleet(
        &folder.join("fleet.svg"),
        &[
            line("alone", SMALL, &alone),
            line("alone", LARGE, &alone),
            line("fleet", SMALL, &fleet),
            line("fleet", LARGE, &fleet),
        ],
        &[line("fleet", SMALL, &trips), line("fleet", LARGE, &trips)],
    )
}

/// Simulates a few fleets, and checks the figures that the report claims.
pub(super) fn check() -> Result<()> {
    for (name, processes, refused, used) in [
        ("10 busy, L=1667", 10, 0.0, 99.5),
        ("100 busy, L=167", 100, 0.0, 99.5),
        ("FLUSHALL, three times", 20, 0.0, 99.0),
        ("Redis stopped for 5 s, three times", 20, 0.0, 99.0),
    ] {
        let scenario = named(name, processes).with_context(|| format!("no scenario {name}"))?;
        let figures = World::run(&scenario, 1, &mut |_| {});
        let (seen, got) = (figures.refused_later, figures.used);
        ensure!(
            seen <= refused,
            "{name}: {seen} refused after the first minute"
        );
        ensure!(got >= used, "{name}: {got} % used");
        println!("fleet: {name}: {seen} refused after the first minute, {got:.1} % used");
    }
    let start = named(LATE_START, 20).context("no start")?;
    let refused = World::run(&start, 1, &mut |_| {}).refused_percent;
    ensure!(refused == 0.0, "{LATE_START}: {refused} % refused");
    Ok(())
}
