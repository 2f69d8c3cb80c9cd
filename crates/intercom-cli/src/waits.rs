//! A word on stderr before a long wait, so that nobody takes it for a standstill.

use std::io::IsTerminal as _;
use std::time::Duration;

use intercom_protocol::observe::{Event, EventKind, Observer};
use intercom_protocol::{Attempt, Fault, Wait, WaitCause};

use crate::output::say;
use crate::redact::Redactor;

/// What is told of waits.
#[derive(Clone, Debug)]
pub(crate) struct Telling {
    redactor: Redactor,
    max_attempts: u32,
    unnoticed: Duration,
}

impl Telling {
    /// A person at a terminal wonders sooner than the reader of a log.
    pub(crate) fn new(redactor: Redactor, max_attempts: u32) -> Self {
        let unnoticed = if std::io::stderr().is_terminal() {
            Duration::from_millis(500)
        } else {
            Duration::from_secs(1)
        };
        Self {
            redactor,
            max_attempts,
            unnoticed,
        }
    }

    /// The line about the wait that an event is about, if it is a long one.
    fn line(&self, event: &Event<'_>) -> Option<String> {
        match event.kind() {
            EventKind::Queued(wait) if *wait >= self.unnoticed => Some(format!(
                "waiting {:.1} s for the rate limit",
                wait.as_secs_f64()
            )),
            EventKind::Received(received) => {
                let attempt = received.attempt();
                let wait = attempt.wait()?;
                (wait.duration() >= self.unnoticed).then(|| self.retry(attempt, wait))
            }
            _ => None,
        }
    }

    fn retry(&self, attempt: &Attempt, wait: Wait) -> String {
        format!(
            "{}; attempt {} of {} in {:.1} s ({})",
            what_happened(attempt),
            attempt.number() + 1,
            self.max_attempts,
            wait.duration().as_secs_f64(),
            why(wait.cause())
        )
    }
}

impl Observer for Telling {
    fn event(&self, event: &Event<'_>) {
        if let Some(line) = self.line(event) {
            say(&line, &self.redactor);
        }
    }
}

/// The answer's status and code, or what broke.
fn what_happened(attempt: &Attempt) -> String {
    match (attempt.status(), attempt.code(), attempt.fault()) {
        (_, _, Some((_, kind))) => Fault::outcome_unknown(kind).line().to_string(),
        (Some(status), Some(code), None) => format!("{status} {code}"),
        (Some(status @ 200..=299), None, None) => format!("{status}, but not readable"),
        (Some(status), None, None) => status.to_string(),
        (None, _, None) => "no answer".to_owned(),
    }
}

const fn why(cause: WaitCause) -> &'static str {
    match cause {
        WaitCause::Backoff => "longer with each attempt",
        WaitCause::RateLimitReset => "the server's reset",
        WaitCause::ScrollIdle => "until an idle scroll ends",
        _ => "the server's Retry-After",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use intercom_protocol::observe::observer_fn;
    use intercom_protocol::{ApiRequest, Call, Config, Moment, Step, Tick};

    use super::Telling;
    use crate::redact::Redactor;

    #[test]
    fn a_long_wait_at_the_gate_is_told_before_it_and_a_short_one_is_not() {
        let telling = Telling {
            unnoticed: Duration::from_secs(1),
            ..Telling::new(Redactor::new("dG9rOjEyMw=="), 4)
        };
        let lines = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&lines);
        let observer = observer_fn(move |event| {
            told.lock().unwrap().extend(telling.line(event));
        });
        let connection = Config::new("dG9rOjEyMw==")
            .observer(observer)
            .build()
            .unwrap();
        let now = Moment::new(Tick::default());
        let mut call = Call::new(&connection, ApiRequest::get("/me"), now);
        let Step::Admit(ask) = call.next(now) else {
            unreachable!("the gate comes first");
        };
        ask.waiting(Duration::from_millis(999));
        assert!(lines.lock().unwrap().is_empty());
        ask.waiting(Duration::from_millis(9_480));
        assert_eq!(*lines.lock().unwrap(), ["waiting 9.5 s for the rate limit"]);
    }
}
