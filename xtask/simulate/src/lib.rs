//! `cargo xtask simulate`: runs the pacer and common retry loops against a model of the server.
//!
//! Time is virtual and chance is seeded. Our decisions are made by the real code of `intercom-pace` and `intercom-retry`, which
//! the clients run.

mod chance;
mod client;
mod events;
pub mod fleet;
mod fluid;
mod plot;
mod policy;
mod record;
mod report;
mod scenario;
mod server;
mod world;

use std::path::Path;
use std::{env, fs};

use anyhow::{Result, bail, ensure};
use intercom_pace::Pacing;
use xtask::Workspace;

pub use self::plot::{Panel, growth};

use self::fluid::Curve;
use self::plot::Group;
use self::policy::Policy;
use self::record::{Figures, Record};
use self::report::Row;
use self::scenario::Scenario;
use self::server::Server;
use self::world::World;

/// Our policy with its default settings.
const OURS: Policy = Policy::Ours(Pacing::Steady);

/// The seed of the runs that are drawn.
const DRAWN: u64 = 1;

/// Runs what the arguments say.
///
/// # Errors
///
/// If a figure is worse than the report claims, or if a file cannot be written.
pub fn main() -> Result<()> {
    match env::args().nth(1).as_deref() {
        Some("quick") => check(),
        Some("parts") => fleet::print_parts(),
        Some("fleet") => {
            fleet::print(&env::args().nth(2).unwrap_or_default());
            Ok(())
        }
        Some(other) => bail!("expected `quick`, `fleet`, `parts` or nothing, got `{other}`"),
        None => run(&Workspace::open()?),
    }
}

/// Simulates everything and writes the report.
///
/// With `SIMULATE_ONLY` in the environment, it prints the figures of our policy for the scenarios whose names contain its
/// value, and writes nothing.
fn run(workspace: &Workspace) -> Result<()> {
    if let Ok(part) = env::var("SIMULATE_ONLY") {
        let mut scenarios = scenario::all();
        scenarios.retain(|scenario| scenario.name.contains(&part));
        for scenario in &scenarios {
            print(scenario, &mean(scenario, OURS));
        }
        return Ok(());
    }
    let docs = workspace.root().join("docs");
    let rows: Vec<Row> = scenario::all().into_iter().map(simulate).collect();
    fs::create_dir_all(docs.join("simulation"))?;
    let fleets = fleet::report(&docs.join("simulation"))?;
    fs::write(docs.join("SIMULATION.md"), report::page(&rows) + &fleets)?;
    draw(&docs.join("simulation"), &rows)
}

/// Simulates a few scenarios with our policy, and checks the figures that the report claims.
fn check() -> Result<()> {
    for scenario in scenario::quick() {
        let figures = mean(&scenario, OURS);
        print(&scenario, &figures);
        let others = scenario.processes > 1 || scenario.neighbour.is_some();
        let most = if others { 2.0 } else { 0.0 };
        ensure!(
            figures.refused <= most,
            "{}: {} % refused",
            scenario.name,
            figures.refused
        );
        ensure!(
            figures.goodput >= 98.0,
            "{}: goodput {} %",
            scenario.name,
            figures.goodput
        );
    }
    fleet::check()
}

fn simulate(scenario: Scenario) -> Row {
    let figures: Vec<_> = policy::ALL
        .iter()
        .map(|policy| mean(&scenario, *policy))
        .collect();
    let ours = policy::ALL
        .iter()
        .zip(&figures)
        .find(|(policy, _)| **policy == OURS);
    if let Some((_, ours)) = ours {
        print(&scenario, ours);
    }
    (scenario, figures)
}

fn print(scenario: &Scenario, figures: &Figures) {
    println!(
        "{} {:<40} refused {:>5} %, goodput {:>3} %, {:>4} s late, peak {:>3.0}, fairness {:.2}",
        scenario.group,
        scenario.name,
        report::short(figures.refused),
        report::short(figures.goodput),
        report::short(figures.late),
        figures.peak,
        figures.fairness
    );
}

/// The means over the seeds of a scenario.
fn mean(scenario: &Scenario, policy: Policy) -> Figures {
    let runs = (1..=scenario.seeds).map(|seed| World::run(scenario, policy, seed).figures);
    Figures::mean(&runs.collect::<Vec<_>>())
}

fn draw(folder: &Path, rows: &[Row]) -> Result<()> {
    let named = |name: &str| rows.iter().find(|(scenario, _)| scenario.name == name);
    if let Some((scenario, _)) = named("L=167 C=100") {
        let panels = [
            OURS,
            Policy::Bucket,
            Policy::WaitForReset(3),
            Policy::NodeSdk,
        ];
        let runs = panels.map(|policy| drawn(scenario, policy));
        let server = Server::new(
            &scenario.server,
            &scenario.limits,
            World::started(scenario, DRAWN),
        );
        let first = server.window_at(0.0);
        let turns: Vec<_> = (first + 1..first + 6)
            .map(|window| server.opens(window))
            .collect();
        plot::arrivals(&folder.join("arrivals.svg"), &runs, &turns)?;
    }
    if let Some((scenario, _)) = named("L=1667 C=5000") {
        let runs = policy::ALL.map(|policy| drawn(scenario, policy));
        let server = Server::new(
            &scenario.server,
            &scenario.limits,
            World::started(scenario, DRAWN),
        );
        let ideal = Curve::new(scenario, &server, |_| scenario.limit(0.0) as usize);
        plot::completion(&folder.join("completion.svg"), scenario, &runs, &ideal)?;
    }
    let groups = [
        (
            "wall clock 180 s fast",
            ["100 workers,", "clock 3 min fast"],
        ),
        ("L=1667 C=5000", ["5000 workers,", "limit 1667"]),
        ("L=167 C=100", ["100 workers,", "limit 167"]),
        (
            "10 processes, L=167 C=20",
            ["10 processes", "of 20 workers"],
        ),
        ("half, in one burst", ["a neighbour", "wants half"]),
        (
            "100 processes, L=1667 C=10",
            ["100 processes", "of 10 workers"],
        ),
    ];
    let groups = groups.into_iter().filter_map(|(name, label)| {
        let bars = policy::ALL.into_iter().zip(named(name)?.1.iter().copied());
        Some(Group {
            label,
            bars: bars.collect(),
        })
    });
    plot::refusals(&folder.join("refusals.svg"), &groups.collect::<Vec<_>>())
}

fn drawn(scenario: &Scenario, policy: Policy) -> (Policy, Record) {
    (policy, World::run(scenario, policy, DRAWN))
}
