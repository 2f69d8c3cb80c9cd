//! The events that an observer receives.

use core::fmt;
use core::time::Duration;
use http::{Method, StatusCode};
use std::borrow::Cow;

use intercom_errors::{ApiError, Class, OneLine, RateLimit};
use intercom_retry::{Attempt, Decision, Failure, Moment, Replay, RetryPolicy, Stop, Wait};

use crate::{Error, ErrorKind, Expect, Reply};

/// An event of a call.
///
/// `Display` is one line. It never contains the token, a body, a query or the server's own words, and neither does `Debug`:
///
/// ```text
/// #1 GET /me: attempt 1 sent
/// #1 GET /me: attempt 1 got 429 rate_limit_exceeded in 80ms
/// #1 GET /me: waits 4.5s before attempt 2: rate_limit_reset
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Event<'c> {
    pub(crate) call: u64,
    pub(crate) request: Requested<'c>,
    pub(crate) terms: Option<Terms<'c>>,
    pub(crate) progress: Progress<'c>,
    pub(crate) kind: EventKind<'c>,
}

/// The request of a call.
#[derive(Clone, Copy)]
pub(crate) struct Requested<'c> {
    pub(crate) method: &'c Method,
    pub(crate) path: &'c str,
    pub(crate) query: Option<&'c str>,
    pub(crate) route: &'c Cow<'static, str>,
    /// The host and the port; the host is empty for a request without one.
    pub(crate) server: (&'c str, Option<u16>),
    pub(crate) size: usize,
}

/// Leaves out the query.
impl fmt::Debug for Requested<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Requested")
            .field("method", self.method)
            .field("path", &self.path)
            .field("route", self.route)
            .field("server", &self.server)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

/// What the decisions of a call depend on, besides its responses and the time.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'c> {
    pub(crate) policy: &'c RetryPolicy,
    pub(crate) replay: Replay,
    pub(crate) deadline: Option<Duration>,
    pub(crate) expect: Expect,
    pub(crate) is_download: bool,
}

/// The progress of a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Progress<'c> {
    pub(crate) now: Moment,
    pub(crate) by_gate: bool,
    pub(crate) attempt: u32,
    pub(crate) elapsed: Duration,
    pub(crate) latest: Option<&'c Attempt>,
    pub(crate) in_flight: bool,
}

/// What happened, in the order in which it happens in a call.
///
/// A call can wait in two places: at the gate, between [`Queued`](Self::Queued) and [`Paced`](Self::Paced), and between two attempts,
/// after [`Waiting`](Self::Waiting).
#[non_exhaustive]
#[derive(Clone, Copy, Debug)]
pub enum EventKind<'c> {
    /// The gate makes the call wait for at least this long. If the wait depends on the response to another call, the gate looks again
    /// every few milliseconds, and the whole wait is longer than this. [`Paced`](Self::Paced) reports the whole wait.
    Queued(Duration),
    /// The gate admitted the attempt, this long after it was asked. Waits below a millisecond are not reported.
    Paced(Duration),
    /// The attempt is being sent.
    Sent,
    /// The attempt got a response, or failed without a complete one.
    Received(Received<'c>),
    /// The attempt failed, and another one follows after this wait.
    Waiting(Wait),
    /// Another scroll of the workspace is open, perhaps that of another process, so a walk waits for this long before the next call.
    ///
    /// It is not an event of a call: it has a number of its own, and no other event follows with it.
    WaitingForScroll(Duration),
    /// The call failed, and this is why no further attempt follows.
    Stopped(Stop),
    /// The call has ended. The last event of every call is either this or [`Dropped`](Self::Dropped).
    Done(Done),
    /// The call was dropped before its end, for example by a time-out around it. The event has the time of the
    /// call's latest step.
    Dropped,
}

/// The outcome of one attempt.
///
/// `Debug` and `Display` leave out the server's own words, the headers and the body.
#[derive(Clone, Copy, Debug)]
pub struct Received<'c> {
    attempt: &'c Attempt,
    outcome: Result<&'c Reply, &'c Failure>,
    decision: Option<Decision>,
}

/// How a call ended.
#[derive(Clone, Copy, Debug)]
pub struct Done {
    status: Option<StatusCode>,
    error: Option<ErrorKind>,
    maybe_applied: bool,
}

impl<'c> Event<'c> {
    /// Returns the number of the call, which distinguishes calls that run at the same time.
    ///
    /// It is unique in the process, so one observer can serve several clients. Observed calls are numbered from 1. A flow like
    /// `find_or_create` makes several calls.
    #[must_use]
    pub const fn call(&self) -> u64 {
        self.call
    }

    /// Returns the method of the request.
    #[must_use]
    pub const fn method(&self) -> &'c Method {
        self.request.method
    }

    /// Returns the [route](crate::route_of) of the request, like `/contacts/{id}`. It contains no ids and has few distinct values,
    /// so it suits the label of a metric.
    #[must_use]
    pub fn route(&self) -> &'c str {
        self.request.route
    }

    /// Returns the host that the request goes to, like `api.intercom.io`.
    #[must_use]
    pub const fn host(&self) -> &'c str {
        self.request.server.0
    }

    /// Returns the port, if the base URL names one.
    #[must_use]
    pub const fn port(&self) -> Option<u16> {
        self.request.server.1
    }

    /// Returns the length of the request's body, in bytes.
    #[must_use]
    pub const fn request_size(&self) -> usize {
        self.request.size
    }

    /// Returns whether a request of the call is in flight: its outcome is not known yet.
    ///
    /// At [`Dropped`](EventKind::Dropped), it shows whether the server may have seen the request.
    #[must_use]
    pub const fn is_in_flight(&self) -> bool {
        self.progress.in_flight
    }

    /// Returns the path of the request without its query. It can contain ids and e-mail addresses.
    #[must_use]
    pub const fn path(&self) -> &'c str {
        self.request.path
    }

    /// Returns the query of the request, if it has one. It can contain personal data.
    #[must_use]
    pub const fn query(&self) -> Option<&'c str> {
        self.request.query
    }

    /// Returns what the decisions of the call depend on, besides its responses and the time. `None` for an invalid request, and while
    /// the gate makes the call wait.
    #[must_use]
    pub const fn terms(&self) -> Option<&Terms<'c>> {
        self.terms.as_ref()
    }

    /// Returns the time and the random number of the step that this event reports. A decision was made with them.
    #[must_use]
    pub const fn moment(&self) -> Moment {
        self.progress.now
    }

    /// Returns whether the gate ended the call: it refused the attempt, or could admit it only too late.
    ///
    /// At [`Stopped`](EventKind::Stopped), the stop then says when the gate would admit it.
    #[must_use]
    pub const fn is_stopped_by_gate(&self) -> bool {
        self.progress.by_gate
    }

    /// Returns the number of the attempt, from 1. At the end of a call it is that of the last attempt, or 0 if there was none.
    #[must_use]
    pub const fn attempt(&self) -> u32 {
        self.progress.attempt
    }

    /// Returns how long ago the call began.
    #[must_use]
    pub const fn elapsed(&self) -> Duration {
        self.progress.elapsed
    }

    /// Returns the attempt that ended last, from the call's history. It explains a wait or a stop.
    ///
    /// `None` in three cases: no attempt has ended yet; the gate makes the call wait; the call has ended, and its result has the
    /// history.
    #[must_use]
    pub const fn latest_attempt(&self) -> Option<&'c Attempt> {
        self.progress.latest
    }

    /// Returns what happened.
    #[must_use]
    pub const fn kind(&self) -> &EventKind<'c> {
        &self.kind
    }
}

impl EventKind<'_> {
    /// Returns the kind in snake case.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Queued(_) => "queued",
            Self::Paced(_) => "paced",
            Self::Sent => "sent",
            Self::Received(_) => "received",
            Self::Waiting(_) => "waiting",
            Self::WaitingForScroll(_) => "waiting_for_scroll",
            Self::Stopped(_) => "stopped",
            Self::Done(_) => "done",
            Self::Dropped => "dropped",
        }
    }
}

impl<'c> Terms<'c> {
    /// Returns the policy of the retries. Its spread is zero after a gate that spreads calls has admitted an attempt.
    #[must_use]
    pub const fn policy(&self) -> &'c RetryPolicy {
        self.policy
    }

    /// Returns whether the request may be applied twice.
    #[must_use]
    pub const fn replay(&self) -> Replay {
        self.replay
    }

    /// Returns how long after its start the call has to end, if it has a deadline.
    #[must_use]
    pub const fn deadline(&self) -> Option<Duration> {
        self.deadline
    }

    /// Returns which responses the caller accepts.
    #[must_use]
    pub const fn expect(&self) -> Expect {
        self.expect
    }

    /// Returns whether the body is written while it arrives.
    #[must_use]
    pub const fn is_download(&self) -> bool {
        self.is_download
    }
}

impl<'c> Received<'c> {
    pub(crate) const fn new(
        attempt: &'c Attempt,
        outcome: Result<&'c Reply, &'c Failure>,
        decision: Option<Decision>,
    ) -> Self {
        Self {
            attempt,
            outcome,
            decision,
        }
    }

    /// Returns the failure, if the attempt failed. Its messages and its body can contain personal data.
    #[must_use]
    pub const fn failure(&self) -> Option<&'c Failure> {
        match self.outcome {
            Ok(_) => None,
            Err(failure) => Some(failure),
        }
    }

    /// Returns the response, if the attempt succeeded. Its body can contain personal data.
    #[must_use]
    pub const fn reply(&self) -> Option<&'c Reply> {
        match self.outcome {
            Ok(reply) => Some(reply),
            Err(_) => None,
        }
    }

    /// Returns what follows a failure: a wait and another attempt, or the end of the call. `None` if the attempt succeeded, or the
    /// writer of a download failed.
    #[must_use]
    pub const fn decision(&self) -> Option<Decision> {
        self.decision
    }

    /// Returns what the failure means: category, action, and whether it can be sent again. `None` for a success.
    #[must_use]
    pub fn class(&self) -> Option<Class> {
        self.failure().map(Failure::class)
    }

    /// Returns what the response says about the quota: the limit, what is left of it, and the reset.
    #[must_use]
    pub fn rate_limit(&self) -> RateLimit {
        match self.outcome {
            Ok(reply) => reply.rate_limit(),
            Err(failure) => failure
                .response()
                .map(ApiError::rate_limit)
                .unwrap_or_default(),
        }
    }

    /// Returns the length of the response's body after decompression, in bytes; `None` without a response.
    #[must_use]
    pub fn response_size(&self) -> Option<u64> {
        match self.outcome {
            Ok(reply) => Some(reply.body().len() as u64),
            Err(failure) => failure.response().map(|response| response.body().len()),
        }
    }

    /// Returns the attempt from the call's history: status, code, request id, fault, and the wait that follows.
    #[must_use]
    pub const fn attempt(&self) -> &'c Attempt {
        self.attempt
    }

    /// Returns how long the exchange took.
    #[must_use]
    pub fn took(&self) -> Duration {
        self.attempt.took()
    }
}

impl Done {
    pub(crate) const fn succeeded(status: StatusCode) -> Self {
        Self {
            status: Some(status),
            error: None,
            maybe_applied: false,
        }
    }

    pub(crate) fn failed(error: &Error) -> Self {
        Self {
            status: error.status(),
            error: Some(error.kind()),
            maybe_applied: error.may_have_been_applied(),
        }
    }

    /// Returns the HTTP status that the call ended with, if a response arrived.
    #[must_use]
    pub const fn status(&self) -> Option<StatusCode> {
        self.status
    }

    /// Returns what went wrong; `None` for a success.
    #[must_use]
    pub const fn error(&self) -> Option<ErrorKind> {
        self.error
    }

    /// Returns `true` if the call failed and its write may have been applied.
    #[must_use]
    pub const fn may_have_been_applied(&self) -> bool {
        self.maybe_applied
    }
}

impl fmt::Display for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attempt = self.attempt();
        write!(
            f,
            "#{} {} {}: ",
            self.call,
            self.method(),
            OneLine(self.path(), 200)
        )?;
        match &self.kind {
            EventKind::Queued(wait) => write!(f, "attempt {attempt} queued for {}", Time(*wait)),
            EventKind::Paced(waited) => {
                write!(
                    f,
                    "attempt {attempt} admitted by the gate after {}",
                    Time(*waited)
                )
            }
            EventKind::Sent => write!(f, "attempt {attempt} sent"),
            EventKind::Received(received) => write!(f, "attempt {attempt} {received}"),
            EventKind::Waiting(wait) => write!(
                f,
                "waits {} before attempt {}: {}",
                Time(wait.duration()),
                attempt.saturating_add(1),
                wait.cause()
            ),
            EventKind::WaitingForScroll(wait) => {
                write!(f, "waits {} for another scroll", Time(*wait))
            }
            EventKind::Stopped(stop) => {
                write!(f, "stopped: {}", stop.reason())?;
                stop.retry_after().map_or(Ok(()), |after| {
                    write!(f, ", worth trying again in {}", Time(after))
                })
            }
            EventKind::Dropped => write!(f, "dropped before or during attempt {attempt}"),
            EventKind::Done(done) => {
                write!(f, "{done} after {attempt} attempt")?;
                let plural = if attempt == 1 { "" } else { "s" };
                write!(f, "{plural} in {}", Time(self.elapsed()))
            }
        }
    }
}

impl fmt::Display for Received<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attempt = self.attempt;
        f.write_str(match attempt.fault() {
            Some(_) => "broke off:",
            None => "got",
        })?;
        if let Some(status) = attempt.status() {
            write!(f, " {status}")?;
        }
        if let Some(code) = attempt.code() {
            write!(f, " {}", OneLine(code, 64))?;
        }
        if let Some((phase, kind)) = attempt.fault() {
            write!(f, " {} {}", phase.as_str(), kind.as_str())?;
        }
        write!(f, " in {}", Time(self.took()))?;
        match attempt.request_id() {
            Some(id) => write!(f, " (request {})", OneLine(id, 64)),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.error.map_or("done:", |_| "failed:"))?;
        if let Some(error) = self.error {
            write!(f, " {}", error.as_str())?;
        }
        if let Some(status) = self.status {
            write!(f, " {}", status.as_u16())?;
        }
        if self.maybe_applied && self.error != Some(ErrorKind::MaybeApplied) {
            f.write_str(", maybe applied,")?;
        }
        Ok(())
    }
}

/// Shows a duration cut to milliseconds, like `4.5s` or `80ms`.
struct Time(Duration);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < Duration::from_millis(1) {
            return f.write_str("0ms");
        }
        let below = Duration::from_nanos(u64::from(self.0.subsec_nanos() % 1_000_000));
        write!(f, "{:?}", self.0.saturating_sub(below))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_in_whole_milliseconds() {
        let shown = [999, 1000, 1999, 4_500_999]
            .map(|micros| Time(Duration::from_micros(micros)).to_string());
        assert_eq!(shown, ["0ms", "1ms", "1ms", "4.5s"]);
    }
}
