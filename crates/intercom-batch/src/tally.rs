//! Counting what became of the lines.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
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
    invalid: u64,
    unknown: u64,
    attempts: u64,
    rate_limited: u64,
    elapsed_ms: u64,
    /// Whether lines were left over.
    interrupted: bool,
    #[serde(skip)]
    not_ok: NotOk,
    /// Those that this run sent.
    #[serde(skip)]
    sent: Lines,
    #[serde(skip)]
    unauthorized: u32,
    #[serde(skip)]
    unreachable: u32,
}

/// Lines whose last record is not ok, by what may be done about them.
#[derive(Debug, Default)]
struct NotOk {
    failed: Lines,
    refused: Lines,
    invalid: Lines,
    unknown: Lines,
}

/// Numbers of lines, of which only the first are kept.
#[derive(Debug, Default)]
struct Lines {
    count: u64,
    first: BTreeSet<u64>,
}

impl Lines {
    /// So many numbers are named.
    const NAMED: usize = 10;

    fn add(&mut self, line: u64) {
        self.count += 1;
        self.first.insert(line);
        if self.first.len() > Self::NAMED {
            self.first.pop_last();
        }
    }

    /// Such as `lines 3, 7 and 2 more`.
    fn text(&self) -> String {
        let plural = if self.count == 1 { "" } else { "s" };
        let named: Vec<String> = self.first.iter().map(u64::to_string).collect();
        let mut text = format!("line{plural} {}", named.join(", "));
        let more = self.count - named.len() as u64;
        if more > 0 {
            let _ = write!(text, " and {more} more");
        }
        text
    }
}

impl NotOk {
    fn add(&mut self, line: u64, ending: Ending) {
        match ending {
            Ending::Failed => self.failed.add(line),
            Ending::Invalid => self.invalid.add(line),
            Ending::Ok => {}
            Ending::Refused => self.refused.add(line),
            Ending::Unknown => self.unknown.add(line),
        }
    }
}

impl Tally {
    /// A line that earlier runs answered.
    pub(crate) fn skip(&mut self, line: u64, ending: Ending) {
        self.total += 1;
        self.skipped += 1;
        self.skipped_failed += u64::from(ending != Ending::Ok);
        self.not_ok.add(line, ending);
    }

    /// A line that this run recorded.
    pub(crate) fn record(&mut self, line: u64, ending: Ending) {
        self.not_ok.add(line, ending);
        self.total += 1;
        self.ok += u64::from(ending == Ending::Ok);
        self.failed += u64::from(ending != Ending::Ok);
        self.invalid += u64::from(ending == Ending::Invalid);
        self.unknown += u64::from(ending == Ending::Unknown);
    }

    /// What was sent for a line.
    pub(crate) fn sent(&mut self, line: u64, outcome: &Result<Reply, Error>) {
        let attempts = match outcome {
            Ok(reply) => reply.attempts(),
            Err(error) => error.attempts(),
        };
        if !attempts.is_empty() {
            self.sent.add(line);
        }
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

    /// Which lines this run sent, for one that ends without its counts.
    pub(crate) fn sent_lines(&self) -> String {
        match self.sent.count {
            0 => "this run sent nothing".to_owned(),
            _ => format!("this run sent {}", self.sent.text()),
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

    /// What is not ok, of this run and of earlier ones: how much, then which lines and how to go about each kind.
    pub(crate) fn complaints(&self, out: &Path) -> Vec<String> {
        let all = self.failed + self.skipped_failed;
        if all == 0 {
            return Vec::new();
        }
        let earlier = match self.skipped_failed {
            0 => String::new(),
            before => format!(", {before} of them from earlier runs"),
        };
        let head = format!(
            "{} not ok{earlier}; the last record of each in {} says why",
            count(all, "line"),
            out.display()
        );
        let kinds = [
            (
                &self.not_ok.failed,
                "failed, and may succeed unchanged (--retry-failed)",
            ),
            (
                &self.not_ok.refused,
                "refused for good (mend in the input, then run the same command)",
            ),
            (
                &self.not_ok.invalid,
                "invalid (mend in the input, then run the same command)",
            ),
            (
                &self.not_ok.unknown,
                "perhaps carried out (check first; --retry-unknown sends again)",
            ),
        ];
        let kinds = kinds.iter().filter(|(lines, _)| lines.count > 0);
        let told = kinds.map(|(lines, what)| format!("{} {what}: {}", lines.count, lines.text()));
        std::iter::once(head).chain(told).collect()
    }

    /// Whether something failed that `--retry-failed` is for.
    pub(crate) const fn may_succeed_unchanged(&self) -> bool {
        self.not_ok.failed.count > 0
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

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn the_first_lines_are_named_in_their_order_and_the_rest_is_counted() {
        let mut lines = Lines::default();
        lines.add(7);
        assert_eq!(lines.text(), "line 7");
        for line in (1..=12).rev().filter(|&line| line != 7) {
            lines.add(line);
        }
        assert_eq!(
            lines.text(),
            "lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more"
        );
    }
}
