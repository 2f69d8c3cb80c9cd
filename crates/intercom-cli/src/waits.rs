//! A word on stderr before a long wait, so that nobody takes it for a standstill.

use std::io::IsTerminal as _;
use std::time::Duration;

use intercom_protocol::{Attempt, Event, EventKind, Fault, Observer, Wait, WaitCause};

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

    /// Waits that are not worth a word.
    pub(crate) const fn unnoticed(&self) -> Duration {
        self.unnoticed
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
        let EventKind::Received(received) = event.kind() else {
            return;
        };
        let attempt = received.attempt();
        if let Some(wait) = attempt
            .wait()
            .filter(|wait| wait.duration() >= self.unnoticed)
        {
            say(&self.retry(attempt, wait), &self.redactor);
        }
    }
}

/// Says that the gate keeps a call waiting.
pub(crate) fn tell_of_the_gate(wait: Duration) {
    let line = format!("waiting {:.1} s for the rate limit", wait.as_secs_f64());
    say(&line, &Redactor::default());
}

/// The answer's status and code, or what broke.
fn what_happened(attempt: &Attempt) -> String {
    match (attempt.status(), attempt.code(), attempt.fault()) {
        (_, _, Some((_, kind))) => Fault::fate_unknown(kind).line().to_string(),
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
