//! What was decided then, and what is decided now.

use intercom_protocol::StopReason;
use serde::{Serialize, Serializer};

use crate::recording::{End, Exchange, Outcome, Recorded, Request, Why};

/// The result of a [`replay`](crate::replay()). `Display` writes a table of 80 columns; serde writes everything.
#[derive(Clone, Debug, Serialize)]
pub struct Replayed {
    differences: usize,
    not_replayed: usize,
    unreadable_lines: u64,
    calls: Vec<ReplayedCall>,
}

/// A call that was replayed, or the reason why it was not.
#[derive(Clone, Debug, Serialize)]
pub struct ReplayedCall {
    pub(super) run: String,
    pub(super) call: u64,
    pub(super) method: String,
    pub(super) route: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_replayed: Option<String>,
    attempts: Vec<ReplayedAttempt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) end: Option<Ended>,
}

/// One attempt of a call, with both decisions.
#[derive(Clone, Debug, Serialize)]
pub struct ReplayedAttempt {
    pub(super) n: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fault: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    pub(super) then: Outcome,
    /// `None` if the call now ends before this attempt.
    pub(super) now: Option<Outcome>,
}

/// The end of a call without an exchange.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Ended {
    #[serde(serialize_with = "why")]
    pub(super) then: End,
    #[serde(serialize_with = "now_why")]
    pub(super) now: Option<End>,
}

fn why<S: Serializer>(end: &End, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&end.why)
}

fn now_why<S: Serializer>(end: &Option<End>, serializer: S) -> Result<S::Ok, S::Error> {
    end.as_ref()
        .map(|end| end.why.to_string())
        .serialize(serializer)
}

impl Replayed {
    pub(super) fn new(calls: Vec<ReplayedCall>, unreadable_lines: u64) -> Self {
        Self {
            unreadable_lines,
            differences: calls.iter().map(ReplayedCall::differences).sum(),
            not_replayed: calls
                .iter()
                .filter(|call| call.not_replayed.is_some())
                .count(),
            calls,
        }
    }

    /// Returns how many decisions differ.
    #[must_use]
    pub const fn differences(&self) -> usize {
        self.differences
    }

    /// Returns how many calls were replayed. If there is none, nothing was compared.
    #[must_use]
    pub fn replayed(&self) -> usize {
        self.calls.len().saturating_sub(self.not_replayed)
    }

    /// Returns how many lines of the recording could not be read.
    #[must_use]
    pub const fn unreadable_lines(&self) -> u64 {
        self.unreadable_lines
    }

    /// Returns the calls, in the order in which they were recorded.
    #[must_use]
    pub fn calls(&self) -> &[ReplayedCall] {
        &self.calls
    }
}

impl ReplayedCall {
    pub(super) fn new(
        recorded: &Recorded<'_>,
        attempts: Vec<ReplayedAttempt>,
        end: Option<Ended>,
    ) -> Self {
        let request = recorded.request();
        let text = |get: fn(&Request) -> &str| request.map(get).unwrap_or_default().to_owned();
        Self {
            run: text(|request| &request.run),
            call: request.map_or(0, |request| request.call),
            method: text(|request| &request.method),
            route: text(|request| &request.route),
            not_replayed: None,
            attempts,
            end,
        }
    }

    pub(super) fn not_replayed(recorded: &Recorded<'_>, reason: String) -> Self {
        Self {
            not_replayed: Some(reason),
            ..Self::new(recorded, Vec::new(), None)
        }
    }

    /// Returns how many decisions of the call differ.
    #[must_use]
    pub fn differences(&self) -> usize {
        let attempts = self
            .attempts
            .iter()
            .filter(|attempt| attempt.is_different());
        attempts.count() + usize::from(self.end.as_ref().is_some_and(Ended::is_different))
    }

    /// Returns why the call was not replayed, if it was not.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.not_replayed.as_deref()
    }

    /// Returns the attempts.
    #[must_use]
    pub fn attempts(&self) -> &[ReplayedAttempt] {
        &self.attempts
    }
}

impl ReplayedAttempt {
    pub(super) fn new(exchange: &Exchange, now: Option<Outcome>) -> Self {
        let response = exchange.response.as_ref();
        Self {
            n: exchange.n,
            status: response.map(|response| response.status),
            code: exchange.code().map(str::to_owned),
            fault: exchange.broke_off(),
            request_id: exchange.request_id().map(str::to_owned),
            then: exchange.outcome.clone(),
            now,
        }
    }

    /// Returns whether something else is decided now.
    #[must_use]
    pub fn is_different(&self) -> bool {
        self.now.as_ref() != Some(&self.then)
    }

    /// Returns what followed the attempt then and what follows it now, like `stop: not_retryable`.
    #[must_use]
    pub fn decisions(&self) -> (String, String) {
        let now = self.now.as_ref().map(Outcome::to_string);
        (
            self.then.to_string(),
            now.unwrap_or_else(|| "ended before".to_owned()),
        )
    }
}

impl Ended {
    pub(super) fn new(then: &End, now: Option<End>) -> Self {
        Self {
            then: then.clone(),
            now,
        }
    }

    pub(super) fn is_different(&self) -> bool {
        let said = |end: &End| (end.why, end.attempts, end.retry_after_ns, end.by_gate);
        self.now.as_ref().map(said) != Some(said(&self.then))
    }

    /// Returns the reason in words.
    pub(super) fn words(end: &End) -> String {
        let who = match (end.by_gate, end.why) {
            (_, Why::Stopped(StopReason::Refused)) | (false, _) => "",
            (true, _) => "gate: ",
        };
        format!("{who}{}", end.why)
    }
}
