//! What a call did, in one line.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use intercom_async::protocol::observe::{Event, Observer};
use intercom_async::protocol::{Attempt, Error, Reply};
use intercom_async::tower::Called;
use intercom_mock::Recorded;

use super::clock::{BEGAN, VirtualClock};

/// What a call did: the result of each attempt, each wait and its cause, the end, and the requests that the server saw.
#[derive(Debug)]
pub(crate) struct Trace {
    /// `attempt, wait cause; attempt => verdict`
    pub(crate) line: String,
    pub(crate) requests: Vec<String>,
    pub(crate) events: Vec<String>,
    pub(crate) recording: String,
}

/// The recordings differ in the times of the real sockets and in the headers of the HTTP libraries.
impl PartialEq for Trace {
    fn eq(&self, other: &Self) -> bool {
        (&self.line, &self.requests, &self.events) == (&other.line, &other.requests, &other.events)
    }
}

/// The result of a call, or the response of the tower layer, which has the result in its extensions.
pub(crate) enum Ended {
    Call(Box<Result<Reply, Error>>),
    Response(Called),
}

impl Ended {
    fn result(&self) -> Result<&Reply, &Error> {
        match self {
            Self::Call(result) => (**result).as_ref(),
            Self::Response(called) => called.result(),
        }
    }
}

/// The events that an observer received, one line each: the time since the start, the random number and the event.
#[derive(Clone, Default)]
pub(crate) struct Events(Arc<Mutex<Vec<String>>>);

impl Observer for Events {
    fn event(&self, event: &Event<'_>) {
        // Calls are numbered within the process, so the number differs between the clients. Each scenario is one call.
        let number = format!("#{} ", event.call());
        let line = event.to_string().replacen(&number, "#1 ", 1);
        let moment = event.moment();
        let (time, roll) = (moment.tick().since_origin(), moment.roll());
        let line = format!("{time:?} {roll:?}: {line}");
        self.0.lock().unwrap().push(line);
    }
}

impl Events {
    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Trace {
    pub(crate) fn new(
        ended: &Ended,
        clock: &VirtualClock,
        recorded: &[Recorded],
        events: &Events,
    ) -> Self {
        let result = ended.result();
        let attempts = attempts(result);
        let elapsed = match result {
            Ok(reply) => reply.elapsed(),
            Err(error) => error.elapsed(),
        };
        let waits: Vec<Duration> = attempts
            .iter()
            .filter_map(|attempt| attempt.wait())
            .map(|wait| wait.duration())
            .collect();
        assert_eq!(waits, clock.slept(), "the waits reported are those taken");
        assert_eq!(waits.iter().sum::<Duration>(), elapsed);
        Self {
            line: line(result),
            requests: requests(recorded),
            events: checked(events, attempts.len(), waits.len()),
            recording: String::new(),
        }
    }

    /// Returns all but the recording.
    pub(crate) fn text(&self) -> String {
        let line = std::slice::from_ref(&self.line);
        [line, &self.requests, &self.events].concat().join("\n")
    }

    pub(crate) fn with_recording(self, recording: String) -> Self {
        Self { recording, ..self }
    }
}

/// Returns the events, after checking that they match the attempts and the waits of the result.
fn checked(events: &Events, attempts: usize, waits: usize) -> Vec<String> {
    let events = events.lines();
    let count = |text: &str| events.iter().filter(|event| event.contains(text)).count();
    assert_eq!(count(" sent"), attempts, "{events:?}");
    assert_eq!(
        count(" got ") + count(" broke off: "),
        attempts,
        "{events:?}"
    );
    assert_eq!(count(": waits "), waits, "{events:?}");
    let ends = count(": done: ") + count(": failed: ");
    assert_eq!(ends, 1, "{events:?}");
    events
}

/// Describes a call: its attempts, and how it ended.
pub(crate) fn line(result: Result<&Reply, &Error>) -> String {
    let history: Vec<String> = attempts(result).iter().map(attempt).collect();
    format!("{} => {}", history.join("; "), verdict(result))
}

fn attempts<'r>(result: Result<&'r Reply, &'r Error>) -> &'r [Attempt] {
    match result {
        Ok(reply) => reply.attempts(),
        Err(error) => error.attempts(),
    }
}

fn attempt(attempt: &Attempt) -> String {
    let mut words = Vec::new();
    words.extend(attempt.status().map(|status| status.to_string()));
    words.extend(attempt.code().map(str::to_owned));
    if let Some((phase, kind)) = attempt.fault() {
        words.push(format!("{} {}", phase.as_str(), kind.as_str()));
    }
    let mut line = words.join(" ");
    if let Some(wait) = attempt.wait() {
        write!(line, ", {} s {}", seconds(wait.duration()), wait.cause()).unwrap();
    }
    line
}

/// Returns the seconds, without fractions of a millisecond.
fn seconds(duration: Duration) -> f64 {
    Duration::from_millis(u64::try_from(duration.as_millis()).unwrap()).as_secs_f64()
}

fn verdict(result: Result<&Reply, &Error>) -> String {
    let error = match result {
        Ok(reply) => return format!("ok {}", reply.status().as_u16()),
        Err(error) => error,
    };
    let mut line = error.kind().as_str().to_owned();
    if let Some(stop) = error.stop() {
        write!(line, " {}", stop.reason()).unwrap();
    }
    if error.may_have_been_applied() {
        line += ", maybe applied";
    }
    if let Some(at) = error.retry_at() {
        write!(
            line,
            ", back at +{} s",
            seconds(at.saturating_duration_since(BEGAN))
        )
        .unwrap();
    }
    line
}

/// Describes the requests that the server saw.
pub(crate) fn requests(recorded: &[Recorded]) -> Vec<String> {
    recorded.iter().map(request).collect()
}

/// Describes a request, without the headers that differ between HTTP libraries.
fn request(recorded: &Recorded) -> String {
    let query = recorded
        .query()
        .map(|query| format!("?{query}"))
        .unwrap_or_default();
    let headers: Vec<_> = ["authorization", "accept", "content-type"]
        .into_iter()
        .filter_map(|name| recorded.header(name))
        .collect();
    format!(
        "{} {}{query} {headers:?} {}",
        recorded.method(),
        recorded.path(),
        String::from_utf8_lossy(recorded.body())
    )
}
