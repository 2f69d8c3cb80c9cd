//! Events as spans and log lines of the `tracing` crate.

mod spans;

use core::time::Duration;
use std::sync::Arc;

use intercom_retry::{Attempt, Stop, StopReason};
use tracing::{debug, info, warn};

use self::spans::Spans;
use super::{Done, Event, EventKind, Observer, Received};

/// Opens a span for each call, and in it a span for each attempt. Writes each [`Event`] as one `tracing` event in the span of its
/// call or attempt. The `tracing` event has a field for each value of the [`Event`]. The target of all spans and events is
/// `intercom`.
///
/// | level | event |
/// |---|---|
/// | warn | a call gave up although a retry might have helped, or a call failed and its write may have been applied |
/// | info | a walk waits for another scroll; a call waits before a retry, waits a second or more at the gate, or failed with an error that is not retried |
/// | debug | everything else |
///
/// The spans are at the level info. Their fields have the names of OpenTelemetry's semantic conventions: `http.request.method`,
/// `url.template` (the route), `server.address`, `server.port`, `http.response.status_code`, `http.request.resend_count`,
/// `http.request.body.size`, `http.response.body.size`, `error.type`. The fields `intercom.attempts` and
/// `intercom.request_id` are not from these conventions. The fields of spans contain no ids of contacts, because the route has
/// none. A bridge like `tracing-opentelemetry` exports the spans.
///
/// The event of a wait or a stop also has the status, code, fault and request id of the attempt that caused it. No field contains
/// the token, a body, a query or the server's own words. The fields of events contain paths, which can contain ids.
///
/// ```
/// use intercom_protocol::Config;
/// use intercom_protocol::observe::TracingObserver;
///
/// let config = Config::new("dG9rOjEyMw==").observer(TracingObserver::new());
/// ```
#[derive(Clone, Debug, Default)]
pub struct TracingObserver(Arc<Spans>);

/// A wait at the gate from which on a line is written at the level of waits between attempts.
const LONG_WAIT: Duration = Duration::from_secs(1);

impl TracingObserver {
    /// Creates an observer. It writes to the subscriber that is current when an event happens.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

/// Writes a log line about this event, at this level, with these words and fields.
macro_rules! line {
    ($level:ident, $event:ident, $words:literal $(, $field:ident = $value:expr)*) => {
        $level!(
            target: "intercom",
            call = $event.call(),
            method = $event.method().as_str(),
            path = $event.path(),
            attempt = $event.attempt(),
            $($field = $value,)*
            $words
        )
    };
}

/// Writes a log line about an event that the latest attempt caused, with the fields of that attempt.
macro_rules! after_attempt {
    ($level:ident, $event:ident, $words:literal $(, $field:ident = $value:expr)*) => {{
        let after = $event.latest_attempt();
        let fault = after.and_then(Attempt::fault);
        line!(
            $level,
            $event,
            $words,
            status = after.and_then(Attempt::status),
            code = after.and_then(Attempt::code),
            phase = fault.map(|(phase, _)| phase.as_str()),
            fault = fault.map(|(_, fault)| fault.as_str()),
            request_id = after.and_then(Attempt::request_id)
            $(, $field = $value)*
        )
    }};
}

impl Observer for TracingObserver {
    fn event(&self, event: &Event<'_>) {
        if let EventKind::WaitingForScroll(_) = event.kind() {
            // It belongs to no call, so it has no span.
            return write(event);
        }
        self.0.before(event).in_scope(|| write(event));
        self.0.after(event);
    }
}

fn write(event: &Event<'_>) {
    match event.kind() {
        EventKind::Queued(wait) if *wait >= LONG_WAIT => {
            line!(info, event, "queued at the gate", wait_ms = millis(*wait));
        }
        EventKind::Queued(wait) => {
            line!(debug, event, "queued at the gate", wait_ms = millis(*wait));
        }
        EventKind::Paced(waited) => {
            line!(
                debug,
                event,
                "admitted by the gate",
                waited_ms = millis(*waited)
            );
        }
        EventKind::Sent => line!(debug, event, "sent"),
        EventKind::Received(outcome) => received(event, outcome),
        EventKind::Waiting(wait) => after_attempt!(
            info,
            event,
            "waits before the next attempt",
            wait_ms = millis(wait.duration()),
            cause = wait.cause().as_str()
        ),
        EventKind::WaitingForScroll(wait) => {
            line!(
                info,
                event,
                "waits for another scroll",
                wait_ms = millis(*wait)
            );
        }
        EventKind::Stopped(stop) => stopped(event, stop),
        EventKind::Done(done) => ended(event, done),
        EventKind::Dropped => line!(debug, event, "dropped"),
    }
}

fn received(event: &Event<'_>, outcome: &Received<'_>) {
    let attempt = outcome.attempt();
    let took_ms = millis(outcome.took());
    if let Some((phase, fault)) = attempt.fault() {
        line!(
            debug,
            event,
            "broke off",
            phase = phase.as_str(),
            fault = fault.as_str(),
            status = attempt.status(),
            request_id = attempt.request_id(),
            took_ms = took_ms
        );
    } else {
        line!(
            debug,
            event,
            "got a response",
            status = attempt.status(),
            code = attempt.code(),
            request_id = attempt.request_id(),
            took_ms = took_ms
        );
    }
}

fn stopped(event: &Event<'_>, stop: &Stop) {
    macro_rules! stopped {
        ($level:ident) => {
            after_attempt!(
                $level,
                event,
                "stopped",
                reason = stop.reason().as_str(),
                retry_after_ms = stop.retry_after().map(millis)
            )
        };
    }
    if stop.reason() == StopReason::NotRetryable {
        stopped!(info);
    } else {
        stopped!(warn);
    }
}

fn ended(event: &Event<'_>, done: &Done) {
    let error = done.error().map(crate::ErrorKind::as_str);
    let elapsed_ms = millis(event.elapsed());
    let status = done.status().map(|status| status.as_u16());
    match error {
        None => line!(
            debug,
            event,
            "done",
            status = status,
            elapsed_ms = elapsed_ms
        ),
        Some(error) if done.may_have_been_applied() => line!(
            warn,
            event,
            "failed, and may have been applied",
            error = error,
            status = status,
            elapsed_ms = elapsed_ms
        ),
        Some(error) => line!(
            debug,
            event,
            "failed",
            error = error,
            status = status,
            elapsed_ms = elapsed_ms
        ),
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
