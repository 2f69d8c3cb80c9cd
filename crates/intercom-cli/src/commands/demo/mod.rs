//! `intercom demo`: every kind of error, walked through both clients against a mock server.

mod play;
mod scenarios;
mod table;

use std::thread;

use serde::Serialize;

use crate::args::Kind;
use crate::error::{Exit, Failure};
use crate::output::Output;
use play::{Played, play};
use scenarios::{SCENARIOS, Scenario};

/// One scenario through one client.
#[derive(Serialize)]
struct Walked {
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
    /// What did not go as it should.
    #[serde(skip)]
    amiss: Option<String>,
}

#[derive(Serialize)]
struct Report<'w> {
    ok: bool,
    scenarios: &'w [Walked],
}

pub(crate) fn run(output: &mut Output) -> Result<Exit, Failure> {
    if !output.is_json() {
        output.page(&table::head())?;
        output.flush()?;
    }
    let walked = walk_all();
    let ok = walked.iter().all(|walked| walked.amiss.is_none());
    if output.is_json() {
        output.document(&Report {
            ok,
            scenarios: &walked,
        })?;
    } else {
        output.page(&table::body(&walked))?;
    }
    if ok {
        return Ok(Exit::Done);
    }
    output.flush()?;
    let amiss = walked.iter().filter_map(|walked| {
        let amiss = walked.amiss.as_ref()?;
        Some(format!("{} ({}): {amiss}", walked.name, walked.client))
    });
    let amiss = amiss.collect::<Vec<_>>().join("; ");
    output.note(&format!("not everything ended as it should: {amiss}"));
    Ok(Exit::Refused)
}

/// All at once, each with a server of its own: the waits are real, and so they pass together.
fn walk_all() -> Vec<Walked> {
    let both = |scenario| [Kind::Blocking, Kind::Async].map(|kind| (scenario, kind));
    thread::scope(|scope| {
        let walks = SCENARIOS.iter().flat_map(both).map(|(scenario, kind)| {
            let walk = thread::Builder::new().spawn_scoped(scope, move || play(scenario, kind));
            (scenario, kind, walk)
        });
        // All have to begin before the first is waited for.
        let walks: Vec<_> = walks.collect();
        let walked = walks.into_iter().map(|(scenario, kind, walk)| {
            let played = match walk.map(thread::ScopedJoinHandle::join) {
                Ok(Ok(played)) => played,
                Ok(Err(_)) => Err("it broke down".to_owned()),
                Err(error) => Err(format!("no thread: {error}")),
            };
            Walked::new(scenario, kind, played)
        });
        walked.collect()
    })
}

impl Walked {
    fn new(scenario: &Scenario, kind: Kind, played: Result<Played, String>) -> Self {
        let (played, broken) = match played {
            Ok(played) => (played, None),
            Err(why) => (Played::default(), Some(why)),
        };
        let mut walked = Self {
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
            amiss: None,
        };
        walked.amiss = broken.or_else(|| walked.differs(scenario));
        walked
    }

    fn differs(&self, scenario: &Scenario) -> Option<String> {
        let expected = &scenario.expected;
        let came = [self.category, self.resend, self.action].map(Option::unwrap_or_default);
        let due = [expected.category, expected.resend, expected.action];
        if came != due {
            return Some(format!("classed as {came:?}, not as {due:?}"));
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
}
