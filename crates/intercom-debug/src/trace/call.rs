//! One call of a trace.

use core::time::Duration;

use intercom_protocol::{Category, UnixTime, WaitCause};
use serde::{Serialize, Serializer};

use crate::recording::{Exchange, Nanos, Recorded, Then};

/// A call of a [`Trace`](crate::Trace).
#[derive(Clone, Debug, Serialize)]
pub struct TracedCall {
    run: String,
    call: u64,
    /// The number of the call, with its run if the recording has several.
    #[serde(skip)]
    pub(super) label: String,
    method: String,
    route: String,
    /// When it began: Unix time, or the time on the clock of its run if no wall clock is known.
    #[serde(rename = "began_ms", serialize_with = "millis")]
    pub(super) began: Duration,
    #[serde(rename = "elapsed_ms", serialize_with = "millis")]
    pub(super) elapsed: Duration,
    /// How long it waited at the gate.
    #[serde(rename = "gate_ms", serialize_with = "millis")]
    pub(super) at_gate: Duration,
    /// How long it waited between attempts.
    #[serde(rename = "wait_ms", serialize_with = "millis")]
    pub(super) waited: Duration,
    /// `done`, or why it ended. `None` if the recording does not have its end.
    ended: Option<String>,
    attempts: Vec<TracedAttempt>,
}

/// An attempt of a [`TracedCall`].
#[derive(Clone, Debug, Serialize)]
pub struct TracedAttempt {
    n: u32,
    /// When it was sent, from the beginning of the call.
    #[serde(rename = "sent_ms", serialize_with = "millis")]
    pub(super) sent: Duration,
    #[serde(rename = "took_ms", serialize_with = "millis")]
    pub(super) took: Duration,
    pub(super) status: Option<u16>,
    pub(super) code: Option<String>,
    pub(super) fault: Option<String>,
    pub(super) request_id: Option<String>,
    pub(super) category: Option<Category>,
    /// The wait that followed, and its cause.
    #[serde(rename = "wait_ms", serialize_with = "some_millis")]
    pub(super) wait: Option<Duration>,
    pub(super) cause: Option<WaitCause>,
    /// The quota, as the response has it: what is left, the limit, and the reset in Unix seconds.
    pub(super) remaining: Option<u32>,
    pub(super) limit: Option<u32>,
    pub(super) reset: Option<u64>,
}

fn millis<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}

fn some_millis<S: Serializer>(wait: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    match wait {
        Some(wait) => millis(wait, serializer),
        None => serializer.serialize_none(),
    }
}

impl TracedCall {
    /// Returns `None` for a call without lines.
    pub(super) fn of(recorded: &Recorded<'_>) -> Option<Self> {
        let request = recorded.request()?;
        let first = recorded.exchanges.first();
        let last = recorded.exchanges.last();
        let end = recorded.end;
        let began = first.map(|exchange| exchange.times.began_ns);
        let began = began.or(end.map(|end| end.began_ns))?;
        let ended = end.map(|end| end.ended_ns);
        let ended = ended.or(last.map(|exchange| exchange.times.received_ns))?;
        let wall = first.map(|exchange| (exchange.times.time, exchange.times.received_ns));
        let wall = wall.or(end.map(|end| (end.time, end.ended_ns)));
        let exchanges = recorded.exchanges.iter();
        let attempts = exchanges
            .map(|exchange| TracedAttempt::of(exchange, began))
            .collect();
        let mut call = Self {
            run: request.run.to_string(),
            call: request.call,
            label: format!("#{}", request.call),
            method: request.method.to_string(),
            route: request.route.to_string(),
            began: on_wall(began, wall),
            elapsed: ended.since(began),
            at_gate: Duration::ZERO,
            waited: Duration::ZERO,
            ended: end
                .map(|end| end.why.to_string())
                .or(last.and_then(|last| last_word(last))),
            attempts,
        };
        call.add_waits();
        Some(call)
    }

    /// Adds up the waits before each attempt: the call knows its own, and the rest was spent at the gate.
    fn add_waits(&mut self) {
        let mut free = Duration::ZERO;
        for attempt in &self.attempts {
            let before = attempt.sent.saturating_sub(free);
            self.at_gate = self.at_gate.saturating_add(before);
            let ended = attempt.sent.saturating_add(attempt.took);
            // A call that was dropped did not wait to the end.
            let wait = attempt
                .wait
                .unwrap_or_default()
                .min(self.elapsed.saturating_sub(ended));
            self.waited = self.waited.saturating_add(wait);
            free = ended.saturating_add(wait);
        }
        if self.ended.as_deref() != Some("done") && self.attempts.is_empty() {
            self.at_gate = self.elapsed;
        }
    }

    /// Returns the number of the call in its run.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.call
    }

    /// Returns the method.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Returns the route.
    #[must_use]
    pub fn route(&self) -> &str {
        &self.route
    }

    /// Returns how long the call took, with its waits.
    #[must_use]
    pub const fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// Returns the attempts, in order.
    #[must_use]
    pub fn attempts(&self) -> &[TracedAttempt] {
        &self.attempts
    }

    /// Returns `done`, or why the call ended, like `not_retryable`. `None` if the recording does not have its end.
    #[must_use]
    pub fn ended(&self) -> Option<&str> {
        self.ended.as_deref()
    }

    /// Returns the number and the request.
    pub(super) fn name(&self) -> String {
        format!("{} {} {}", self.label, self.method, self.route)
    }

    /// Puts the beginning of the run before the number.
    pub(super) fn name_run(&mut self) {
        let run = self.run.get(..4).unwrap_or(&self.run);
        self.label = format!("{run}#{}", self.call);
    }

    /// Returns the run, which tells calls of the same number apart.
    #[must_use]
    pub fn run(&self) -> &str {
        &self.run
    }

    /// Whether this is the call `12`, or `5f1a#12` of the run that begins with `5f1a`.
    pub(super) fn is_called(&self, name: &str) -> bool {
        let (run, number) = name.split_once('#').unwrap_or(("", name));
        self.run.starts_with(run) && number.parse() == Ok(self.call)
    }

    pub(super) fn is_done(&self) -> bool {
        self.ended() == Some("done")
    }

    pub(super) fn has_request_id(&self, id: &str) -> bool {
        self.attempts
            .iter()
            .any(|attempt| attempt.request_id.as_deref() == Some(id))
    }
}

/// Returns when the first of these calls began, and how long it took until the last one ended.
pub(super) fn span(calls: &[TracedCall]) -> (Duration, Duration) {
    let began = calls.iter().map(|call| call.began).min();
    let began = began.unwrap_or_default();
    let ends = calls
        .iter()
        .map(|call| call.began.saturating_add(call.elapsed));
    (began, ends.max().unwrap_or_default().saturating_sub(began))
}

impl TracedAttempt {
    fn of(exchange: &Exchange, began: Nanos) -> Self {
        let times = &exchange.times;
        let response = exchange.response.as_ref();
        let header = |name: &str| {
            let mut lines = response?
                .headers
                .iter()
                .filter_map(|line| line.split_once(": "));
            lines.find_map(|(known, value)| (known == name).then_some(value))
        };
        let (wait, cause) = match exchange.outcome.then {
            Then::Retry { wait_ns, cause } => (Some(wait_ns.duration()), Some(cause)),
            _ => (None, None),
        };
        Self {
            n: exchange.n,
            sent: times.sent_ns.since(began),
            took: times.received_ns.since(times.sent_ns),
            status: response.map(|response| response.status),
            code: exchange.code().map(str::to_owned),
            fault: exchange.broke_off(),
            request_id: exchange.request_id().map(str::to_owned),
            category: exchange.outcome.class.map(|class| class.category),
            wait,
            cause,
            remaining: header("x-ratelimit-remaining").and_then(|text| text.parse().ok()),
            limit: header("x-ratelimit-limit").and_then(|text| text.parse().ok()),
            reset: header("x-ratelimit-reset").and_then(|text| text.parse().ok()),
        }
    }

    /// Returns the request id of the response, which Intercom's support asks for.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// Returns the status of the response.
    #[must_use]
    pub const fn status(&self) -> Option<u16> {
        self.status
    }

    /// Whether the attempt failed.
    pub(super) const fn is_failure(&self) -> bool {
        self.category.is_some()
    }

    /// Returns the code, or else the status, or else the fault.
    pub(super) fn label(&self) -> String {
        let status = self.status.map(|status| status.to_string());
        let parts = [status, self.code.clone(), self.fault.clone()];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// Returns how a call ended with its last exchange. `None` if another attempt should follow.
fn last_word(last: &Exchange) -> Option<String> {
    match last.outcome.then {
        Then::Done => Some("done".to_owned()),
        Then::WriterFailed => Some("writer_failed".to_owned()),
        Then::Stop { reason, .. } => Some(reason.to_string()),
        Then::Retry { .. } => None,
    }
}

/// Returns a time on the clock of a run as Unix time, if that is known for another time on that clock.
fn on_wall(at: Nanos, known: Option<(Option<UnixTime>, Nanos)>) -> Duration {
    match known {
        Some((Some(time), known)) => time.since_epoch().saturating_sub(known.since(at)),
        _ => at.duration(),
    }
}
