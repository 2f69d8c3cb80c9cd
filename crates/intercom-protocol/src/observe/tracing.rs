//! Events as log lines of the `tracing` crate.

use core::time::Duration;

use intercom_errors::{FaultKind, Phase};
use intercom_retry::{Attempt, Stop, StopReason};
use tracing::{debug, info, warn};

use super::{Done, Event, EventKind, Observer, Received};

/// Writes each [`Event`] as one `tracing` event with target `intercom` and fields for all it knows.
///
/// | level | what |
/// |---|---|
/// | warn | a call gave up although trying again might have helped, or failed after a write that may have been carried out |
/// | info | a call waits before it tries again, or was refused for good |
/// | debug | everything else |
///
/// A wait and a stop tell what they follow from: status, code, fault, request id. The token, bodies, queries and the
/// server's own words are not told; paths are, and may hold ids.
///
/// ```
/// use intercom_protocol::Config;
/// use intercom_protocol::observe::TracingObserver;
///
/// let config = Config::new("dG9rOjEyMw==").observer(TracingObserver::new());
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct TracingObserver(());

impl TracingObserver {
    /// An observer for the subscriber that is the current one whenever something happens.
    #[must_use]
    pub const fn new() -> Self {
        Self(())
    }
}

/// A log line at this level, about this event, with these words and fields.
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

impl Observer for TracingObserver {
    fn event(&self, event: &Event<'_>) {
        match event.kind() {
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
            EventKind::Received(answer) => received(event, answer),
            EventKind::Waiting(wait) => {
                let after = event.latest_attempt();
                line!(
                    info,
                    event,
                    "waits before the next attempt",
                    status = after.and_then(Attempt::status),
                    code = after.and_then(Attempt::code),
                    phase = broken(after).map(|(phase, _)| phase.as_str()),
                    fault = broken(after).map(|(_, fault)| fault.as_str()),
                    request_id = after.and_then(Attempt::request_id),
                    wait_ms = millis(wait.duration()),
                    cause = wait.cause().as_str()
                );
            }
            EventKind::Stopped(stop) => stopped(event, stop),
            EventKind::Done(done) => ended(event, done),
            EventKind::Dropped => line!(debug, event, "dropped"),
        }
    }
}

fn received(event: &Event<'_>, answer: &Received<'_>) {
    let attempt = answer.attempt();
    let took_ms = millis(answer.took());
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
            "answered",
            status = attempt.status(),
            code = attempt.code(),
            request_id = attempt.request_id(),
            took_ms = took_ms
        );
    }
}

/// How far it came and what broke, where that is what the attempt ended with.
fn broken(attempt: Option<&Attempt>) -> Option<(Phase, FaultKind)> {
    attempt?.fault()
}

fn stopped(event: &Event<'_>, stop: &Stop) {
    let after = event.latest_attempt();
    macro_rules! stopped {
        ($level:ident) => {
            line!(
                $level,
                event,
                "stopped",
                status = after.and_then(Attempt::status),
                code = after.and_then(Attempt::code),
                phase = broken(after).map(|(phase, _)| phase.as_str()),
                fault = broken(after).map(|(_, fault)| fault.as_str()),
                request_id = after.and_then(Attempt::request_id),
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
            "failed, and may have been carried out",
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
