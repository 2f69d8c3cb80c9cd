//! What the chore runs and prints.

use std::fmt::Write as _;
use std::time::Instant;
use std::{env, fs, thread};

use anyhow::{Context, Result, bail, ensure};

use crate::calls::{self, ALONE, Calls, DEEP, WIDE};
use crate::fleet::{self, Fleet};
use crate::search::{Bounds, Counterexample, Found, Model, World, search};

/// How many states of each model a full run sees: ten million in all.
const STATES: usize = 2_500_000;

/// How many a quick run sees: a million in all.
const QUICK: usize = 250_000;

/// How many states are enough to find a seeded bug.
const BUG_STATES: usize = 200_000;

/// How many states a search for a seeded bug sees that does not lead them to their endings. Its counterexamples are shorter.
const SHORT: usize = 60_000;

/// Runs what the arguments say.
///
/// # Errors
///
/// If a rule does not hold, or if a seeded bug is not found.
pub fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [] => explore("", states()?).and_then(|()| bugs("", Some(SHORT), false)),
        ["quick"] => explore("", QUICK).and_then(|()| bugs("", None, false)),
        ["bugs"] => bugs("", Some(SHORT), true),
        ["bugs", part] => bugs(part, Some(SHORT), true),
        ["model", part] => explore(part, states()?),
        _ => bail!("expected `quick`, `bugs`, `bugs PART`, `model PART` or nothing"),
    }
}

/// How many states of each model a full run sees: `EXPLORE_STATES` in the environment, if it is set.
fn states() -> Result<usize> {
    match env::var("EXPLORE_STATES") {
        Ok(states) => states.parse().context("EXPLORE_STATES is not a number"),
        Err(_) => Ok(STATES),
    }
}

/// Searches so many states of each model whose name contains `part`.
fn explore(part: &str, states: usize) -> Result<()> {
    for scene in [&WIDE, &DEEP, &ALONE] {
        if scene.name.contains(part) {
            verify(scene.name, &Calls { scene, bug: None }, states)?;
        }
    }
    let fleet = "a fleet of 2";
    if fleet.contains(part) {
        verify(fleet, &Fleet::new(None), states)?;
    }
    Ok(())
}

/// Searches a model whose rules hold.
fn verify<M: Model>(name: &str, model: &M, states: usize) -> Result<()> {
    let began = now();
    let found = search(model, bounds(states, true));
    let seconds = began.elapsed().as_secs_f64();
    let all = if found.is_complete {
        ", all there are"
    } else {
        ""
    };
    println!(
        "{name}: {} states{all}, {} steps, depth {}, {seconds:.0} s, {} MB",
        found.states,
        found.steps,
        found.depth,
        memory(),
    );
    match &found.broken {
        None => Ok(()),
        Some(counterexample) => bail!("{}", Trace::of(model, counterexample).text),
    }
}

fn bounds(states: usize, has_endings: bool) -> Bounds {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    Bounds {
        states,
        threads,
        has_endings,
    }
}

/// The most memory that this process has used so far, in megabytes, where Linux says so.
fn memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = peak.and_then(|peak| peak.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() / 1000
}

/// Checks that every seeded bug is found whose description contains `part`: first without endings in so many states, because that gives shorter traces.
fn bugs(part: &str, short: Option<usize>, shows_traces: bool) -> Result<()> {
    let (mut all, mut missed) = (0, 0);
    for (bug, about) in calls::Bug::ALL
        .iter()
        .filter(|(_, about)| about.contains(part))
    {
        all += 1;
        let model = Calls {
            scene: bug.scene(),
            bug: Some(*bug),
        };
        missed += usize::from(!hunt(about, &model, short, shows_traces));
    }
    for (bug, about) in fleet::Bug::ALL
        .iter()
        .filter(|(_, about)| about.contains(part))
    {
        all += 1;
        let model = Fleet::new(Some(*bug));
        missed += usize::from(!hunt(about, &model, short, shows_traces));
    }
    ensure!(missed == 0, "{missed} seeded bugs were not found");
    println!("{all} of {all} seeded bugs were found");
    Ok(())
}

/// Searches for a seeded bug. Returns whether it was found.
fn hunt<M: Model>(about: &str, model: &M, short: Option<usize>, shows_trace: bool) -> bool {
    let first = short.map(|states| search(model, bounds(states, false)));
    let found = match first.filter(|found| found.broken.is_some()) {
        Some(found) => found,
        None => search(model, bounds(BUG_STATES, true)),
    };
    let Found {
        states,
        broken: Some(counterexample),
        ..
    } = &found
    else {
        println!("{about}: NOT FOUND in {} states", found.states);
        return false;
    };
    let trace = Trace::of(model, counterexample);
    let rule = counterexample.broken.rule;
    println!(
        "{about}: \"{rule}\" broken after {} of {} steps, {states} states",
        trace.steps, trace.all
    );
    if shows_trace {
        println!("{}", trace.text);
    }
    true
}

/// A counterexample to read.
struct Trace {
    /// How many steps the search has chosen.
    steps: usize,
    /// How many steps there are with those of the ending, and those that lead to the start of the model.
    all: usize,
    /// A line for each step, the rule, and a row of the scenario table.
    text: String,
}

impl Trace {
    fn of<M: Model>(model: &M, counterexample: &Counterexample<M::Step>) -> Self {
        let mut world = model.start(true);
        let before = world.log().len();
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
                text.push_str("     from here on, the driver is prompt and the server fair:\n");
            }
            let _ = writeln!(text, "{:>3}. {line}", number + 1);
        }
        let broken = &counterexample.broken;
        let _ = writeln!(text, "rule: {}\n why: {}", broken.rule, broken.why);
        if let Some(row) = world.row() {
            let _ = writeln!(text, " row: {row}");
        }
        Self {
            steps: steps - before,
            all: world.log().len(),
            text,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a search measures itself")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Enough states for the first few steps. A debug build is slow.
    const FEW: usize = 300;

    #[test]
    fn the_first_states_of_every_model_break_no_rule() {
        explore("", FEW).unwrap();
    }

    #[test]
    fn the_result_does_not_depend_on_the_number_of_threads() {
        let model = Calls {
            scene: &DEEP,
            bug: None,
        };
        let states = [1, 3].map(|threads| {
            let bounds = Bounds {
                threads,
                ..bounds(FEW, false)
            };
            let found = search(&model, bounds);
            (found.states, found.steps, found.depth)
        });
        assert_eq!(states[0], states[1]);
    }

    #[test]
    fn a_counterexample_is_a_trace_and_a_row_of_the_scenario_table() {
        let model = Calls {
            scene: &WIDE,
            bug: Some(calls::Bug::CutIsComplete),
        };
        let found = search(&model, bounds(2000, false));
        let trace = Trace::of(&model, &found.broken.unwrap());
        assert_eq!((trace.steps, trace.all), (4, 4));
        let expected = [
            "a rule does not hold",
            "  1.      0 ms  POST starts",
            "  2.      0 ms  POST asks the gate; admitted",
            "  3.      0 ms  POST sends",
            "  4.      0 ms  POST receives Cut; ends: ",
            "rule: an error says whether the write may be applied",
            " why: POST reports false after [Cut]",
            " row: Scenario::new(\"found by the search\", post(), [ok().truncate_after(3)], \"\"),",
        ];
        for (line, expected) in trace.text.lines().zip(expected) {
            assert!(line.starts_with(expected), "{line}");
        }
    }

    #[test]
    fn a_seeded_bug_of_the_fleet_is_found() {
        let model = Fleet::new(Some(fleet::Bug::SettlesNothing));
        let found = search(&model, bounds(2000, false));
        assert!(found.broken.is_some());
    }
}
