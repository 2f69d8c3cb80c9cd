//! Counting what became of the lines.

use std::fmt::Write as _;
use std::time::Duration;

use intercom_protocol::{Error, Phase, Reply};
use serde::Serialize;

use super::ledger::Ending;
use super::record::rate_limited;
use crate::explanation::millis;
use crate::words::count;

/// So many failures in a row that no line is to blame for end the run: the rest would fail as well.
const HOPELESS: u32 = 10;

/// The counts of one run, and its document.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Tally {
    /// Lines met that are not blank: `ok`, `failed` and `skipped` together.
    total: u64,
    ok: u64,
    /// Every line whose record says that it is not ok; `invalid` and `unknown` are among them.
    failed: u64,
    /// Answered by earlier runs.
    skipped: u64,
    /// Those among them that are not ok.
    skipped_failed: u64,
    #[serde(skip)]
    skipped_invalid: u64,
    #[serde(skip)]
    skipped_unknown: u64,
    invalid: u64,
    unknown: u64,
    attempts: u64,
    rate_limited: u64,
    elapsed_ms: u64,
    /// Whether lines were left over.
    interrupted: bool,
    #[serde(skip)]
    unauthorized: u32,
    #[serde(skip)]
    unreachable: u32,
}

impl Tally {
    /// A line that earlier runs answered.
    pub(crate) fn skip(&mut self, ending: Ending) {
        self.total += 1;
        self.skipped += 1;
        self.skipped_failed += u64::from(ending != Ending::Ok);
        self.skipped_invalid += u64::from(ending == Ending::Invalid);
        self.skipped_unknown += u64::from(ending == Ending::Unknown);
    }

    /// A line that this run recorded.
    pub(crate) fn record(&mut self, ending: Ending) {
        self.total += 1;
        self.ok += u64::from(ending == Ending::Ok);
        self.failed += u64::from(ending != Ending::Ok);
        self.invalid += u64::from(ending == Ending::Invalid);
        self.unknown += u64::from(ending == Ending::Unknown);
    }

    /// What was sent for it.
    pub(crate) fn sent(&mut self, outcome: &Result<Reply, Error>) {
        let attempts = match outcome {
            Ok(reply) => reply.attempts(),
            Err(error) => error.attempts(),
        };
        self.attempts += attempts.len() as u64;
        self.rate_limited += rate_limited(attempts);
        let in_a_row = |count: u32, yes: bool| if yes { count + 1 } else { 0 };
        let error = outcome.as_ref().err();
        self.unauthorized = in_a_row(self.unauthorized, error.is_some_and(Error::is_unauthorized));
        self.unreachable = in_a_row(
            self.unreachable,
            error
                .and_then(Error::fault)
                .is_some_and(|fault| fault.phase() == Phase::NotSent),
        );
    }

    /// Why going on makes no sense, if so.
    pub(crate) const fn hopeless(&self) -> Option<&'static str> {
        if self.unauthorized >= HOPELESS {
            Some("the token was refused ten times in a row")
        } else if self.unreachable >= HOPELESS {
            Some("the API could not be reached ten times in a row")
        } else {
            None
        }
    }

    pub(crate) fn end(&mut self, elapsed: Duration, interrupted: bool) {
        self.elapsed_ms = millis(elapsed);
        self.interrupted = interrupted;
    }

    /// Lines that this run recorded.
    pub(crate) const fn recorded(&self) -> u64 {
        self.ok + self.failed
    }

    /// Lines that this run recorded as not ok.
    pub(crate) const fn failed(&self) -> u64 {
        self.failed
    }

    /// What is not ok, of this run and of earlier ones, and how to go about it.
    pub(crate) fn complaint(&self) -> Option<String> {
        let all = self.failed + self.skipped_failed;
        let invalid = self.invalid + self.skipped_invalid;
        let unknown = self.unknown + self.skipped_unknown;
        let parts: Vec<String> = [
            (
                all - invalid - unknown,
                "failed (--retry-failed to send again)",
            ),
            (invalid, "invalid (to be corrected in the input)"),
            (
                unknown,
                "perhaps carried out (check first; --retry-unknown to send again)",
            ),
        ]
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{number} {what}"))
        .collect();
        let earlier = match self.skipped_failed {
            0 => String::new(),
            before => format!(", {before} of them from earlier runs"),
        };
        (all > 0).then(|| {
            let lines = count(all, "line");
            format!("{lines} not ok{earlier}: {}", parts.join(", "))
        })
    }

    /// Whether every line of the batch is done and well.
    pub(crate) const fn is_all_ok(&self) -> bool {
        self.failed == 0 && self.skipped_failed == 0 && !self.interrupted
    }

    /// The counts on a line.
    pub(crate) fn text(&self) -> String {
        let mut text = format!(
            "{}: {} ok, {} failed",
            count(self.total, "line"),
            self.ok,
            self.failed
        );
        let parts: Vec<String> = [
            (self.invalid, "invalid"),
            (self.unknown, "perhaps carried out"),
        ]
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{number} {what}"))
        .collect();
        if !parts.is_empty() {
            let _ = write!(text, " ({})", parts.join(", "));
        }
        if self.skipped > 0 {
            let _ = write!(text, ", {} from earlier runs", self.skipped);
            if self.skipped_failed > 0 {
                let _ = write!(text, " ({} failed)", self.skipped_failed);
            }
        }
        let seconds = Duration::from_millis(self.elapsed_ms).as_secs_f64();
        let _ = write!(
            text,
            "; {} sent, {} rate limited, {seconds:.1} s",
            count(self.attempts, "request"),
            self.rate_limited
        );
        text
    }
}
