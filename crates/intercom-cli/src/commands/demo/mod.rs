//! `intercom demo`: sends a request into each kind of error with both clients, against a mock server.

mod play;
mod scenarios;
mod table;

use std::io;
use std::thread::{self, ScopedJoinHandle};

use serde::Serialize;

use crate::args::Kind;
use crate::error::{Exit, Failure};
use crate::output::Output;
use play::{Played, play};
use scenarios::{SCENARIOS, Scenario};

/// How one scenario went with one client.
#[derive(Serialize)]
struct Run {
    name: &'static str,
    client: &'static str,
    status: Option<u16>,
    code: Option<String>,
    category: Option<&'static str>,
    resend: Option<&'static str>,
    action: Option<&'static str>,
    attempts: usize,
    waited_ms: u64,
    outcome: String,
    /// The line that a program would print.
    #[serde(skip)]
    line: String,
    /// How the result differs from the expected one.
    #[serde(skip)]
    wrong: Option<String>,
}

/// One scenario with the blocking client and with the async one.
type Pair = [Run; 2];

#[derive(Serialize)]
struct Report<'r> {
    ok: bool,
    scenarios: Vec<&'r Run>,
}

pub(crate) fn run(output: &mut Output) -> Result<Exit, Failure> {
    if !output.is_json() {
        output.page(&table::head())?;
        output.flush()?;
    }
    let pairs = run_all(|pair| {
        if !output.is_json() {
            output.page(&table::row(pair))?;
            output.flush()?;
        }
        Ok(())
    })?;
    let runs: Vec<&Run> = pairs.iter().flatten().collect();
    let wrong: Vec<String> = runs.iter().filter_map(|run| run.complaint()).collect();
    let ok = wrong.is_empty();
    if output.is_json() {
        output.document(&Report {
            ok,
            scenarios: runs,
        })?;
    } else {
        output.page(&table::summary(runs.len(), &wrong))?;
    }
    if ok {
        return Ok(Exit::Done);
    }
    output.flush()?;
    output.note(&format!("unexpected results: {}", wrong.join("; ")));
    Ok(Exit::Refused)
}

/// Runs all scenarios at once, each with its own server, so that their waits overlap. Reports them in order, each as soon
/// as it has ended.
fn run_all(mut ended: impl FnMut(&Pair) -> Result<(), Failure>) -> Result<Vec<Pair>, Failure> {
    thread::scope(|scope| {
        let start = |scenario: &'static Scenario| {
            [Kind::Blocking, Kind::Async].map(|kind| {
                let thread = thread::Builder::new();
                (
                    kind,
                    thread.spawn_scoped(scope, move || play(scenario, kind)),
                )
            })
        };
        // Starts every thread before it waits for the first one.
        let started: Vec<_> = SCENARIOS.iter().map(start).collect();
        let mut pairs = Vec::new();
        for (scenario, both) in SCENARIOS.iter().zip(started) {
            let pair = both.map(|(kind, thread)| Run::new(scenario, kind, result(thread)));
            ended(&pair)?;
            pairs.push(pair);
        }
        Ok(pairs)
    })
}

/// Waits for a thread to end.
fn result(
    thread: io::Result<ScopedJoinHandle<'_, Result<Played, String>>>,
) -> Result<Played, String> {
    let thread = thread.map_err(|error| format!("cannot start a thread: {error}"))?;
    thread
        .join()
        .unwrap_or_else(|_| Err("the client panicked".to_owned()))
}

impl Run {
    fn new(scenario: &Scenario, kind: Kind, played: Result<Played, String>) -> Self {
        let (played, broken) = match played {
            Ok(played) => (played, None),
            Err(why) => (Played::default(), Some(why)),
        };
        let mut run = Self {
            name: scenario.name,
            client: kind.as_str(),
            status: played.status,
            code: played.code,
            category: played.class.map(|class| class.category().as_str()),
            resend: played.class.map(|class| class.resend().as_str()),
            action: played.class.map(|class| class.action().as_str()),
            attempts: played.attempts,
            waited_ms: played.waited_ms,
            outcome: played.outcome.unwrap_or("failed").to_owned(),
            line: played.line,
            wrong: None,
        };
        run.wrong = broken.or_else(|| run.difference(scenario));
        run
    }

    fn difference(&self, scenario: &Scenario) -> Option<String> {
        let expected = &scenario.expected;
        let class = [self.category, self.resend, self.action].map(Option::unwrap_or_default);
        let expected_class = [expected.category, expected.resend, expected.action];
        if class != expected_class {
            return Some(format!(
                "classified as {class:?}, not as {expected_class:?}"
            ));
        }
        if (self.attempts, self.outcome.as_str()) != (expected.attempts, expected.outcome) {
            return Some(format!(
                "{} after {} attempts, not {} after {}",
                self.outcome, self.attempts, expected.outcome, expected.attempts
            ));
        }
        let waits = self.attempts > 1;
        (waits != (self.waited_ms > 0)).then(|| format!("waited {} ms", self.waited_ms))
    }

    fn complaint(&self) -> Option<String> {
        let wrong = self.wrong.as_ref()?;
        Some(format!("{} ({}): {wrong}", self.name, self.client))
    }
}
