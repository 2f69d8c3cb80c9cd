//! What the chore prints.

use std::env;
use std::fmt::Write as _;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

use crate::calls::{Bug, Calls, DEEP, WHOLE, WIDE};
use crate::search::{Bounds, Counterexample, Found, Model, World, search};

/// How many states a full run sees.
const STATES: usize = 10_000_000;

/// How many states a quick run sees.
const QUICK: usize = 1_000_000;

/// How many states are enough to find a seeded bug.
const BUG_STATES: usize = 300_000;

/// Runs what the arguments say.
///
/// # Errors
///
/// If a rule does not hold, or if a seeded bug is not found.
pub fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [] => explore(STATES).and_then(|()| bugs()),
        ["quick"] => explore(QUICK).and_then(|()| bugs()),
        ["bugs"] => bugs(),
        ["states", states] => explore(states.parse().context("the number of states")?),
        _ => bail!("expected `quick`, `bugs`, `states N` or nothing"),
    }
}

fn bounds(states: usize) -> Bounds {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    Bounds { states, threads }
}

fn explore(states: usize) -> Result<()> {
    for scene in [&WHOLE, &DEEP, &WIDE] {
        let model = Calls { scene, bug: None };
        let found = run(scene.name, &model, bounds(states));
        verdict(&model, &found)?;
    }
    Ok(())
}

fn run<M: Model>(name: &str, model: &M, bounds: Bounds) -> Found<M::Step> {
    let began = now();
    let found = search(model, bounds);
    let seconds = began.elapsed().as_secs_f64();
    let all = if found.is_complete {
        ", all there are"
    } else {
        ""
    };
    println!(
        "{name}: {} states{all}, {} steps, depth {}, {seconds:.1} s, {} MB",
        found.states,
        found.steps,
        found.depth,
        memory(),
    );
    found
}

/// The most memory that this process has used so far, in megabytes.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = peak.and_then(|peak| peak.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() / 1000
}

fn verdict<M: Model>(model: &M, found: &Found<M::Step>) -> Result<()> {
    match &found.broken {
        None => Ok(()),
        Some(counterexample) => bail!("{}", show(model, counterexample)),
    }
}

/// Checks that every seeded bug is found.
fn bugs() -> Result<()> {
    let mut missed = 0;
    for (bug, about) in Bug::ALL {
        let model = Calls {
            scene: &WIDE,
            bug: Some(*bug),
        };
        let found = search(&model, bounds(BUG_STATES));
        match &found.broken {
            Some(counterexample) => {
                let (steps, rule) = (counterexample.path.len(), counterexample.broken.rule);
                println!("{about}: {rule}, {steps} steps, {} states", found.states);
                if env::var_os("EXPLORE_TRACES").is_some() {
                    println!("{}", show(&model, counterexample));
                }
            }
            None => {
                missed += 1;
                println!(
                    "{about}: NOT FOUND in {} states, depth {}",
                    found.states, found.depth
                );
            }
        }
    }
    ensure!(missed == 0, "{missed} seeded bugs were not found");
    Ok(())
}

/// The counterexample: a line for each step, the rule, and a row of the scenario table.
fn show<M: Model>(model: &M, counterexample: &Counterexample<M::Step>) -> String {
    let mut world = model.start(true);
    for step in &counterexample.path {
        // The last step shows the fault again.
        let _ = world.take(*step);
    }
    let steps = world.log().len();
    if let Some(ending) = counterexample.ending {
        let _ = world.end(ending);
    }
    let mut text = String::from("a rule does not hold\n");
    for (number, line) in world.log().iter().enumerate() {
        if number == steps {
            text.push_str("           -- from here on, the driver is prompt and the server fair\n");
        }
        let _ = writeln!(text, "{:>3}. {line}", number + 1);
    }
    let broken = &counterexample.broken;
    let _ = writeln!(text, "rule: {}\n why: {}", broken.rule, broken.why);
    let _ = writeln!(text, " row: {}", world.row());
    text
}

#[expect(clippy::disallowed_methods, reason = "a search measures itself")]
fn now() -> Instant {
    Instant::now()
}
