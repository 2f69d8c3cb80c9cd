//! The result of a batch: the document, the counts, and what to do about the lines that failed.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use intercom_batch::{Ending, LineNumbers, OutcomeCount, Run, Tally};
use serde::Serialize;

use crate::clean;
use crate::explanation::millis;
use crate::words::count;

/// The counts of a run, and its document.
#[derive(Debug, Serialize)]
pub(super) struct Summary<'r> {
    #[serde(flatten)]
    tally: &'r Tally,
    elapsed_ms: u64,
    /// Whether some lines were not processed.
    interrupted: bool,
}

/// Endings that are not ok, and what to do about each.
const COMPLAINTS: [(Ending, &str); 5] = [
    (
        Ending::Blocked,
        "blocked by a firewall or proxy (run the same command again)",
    ),
    (
        Ending::Failed,
        "failed and may succeed on a retry (--retry-failed)",
    ),
    (
        Ending::Refused,
        "refused (correct the input, then run the same command)",
    ),
    (
        Ending::Invalid,
        "invalid (correct the input, then run the same command)",
    ),
    (
        Ending::Unknown,
        "may have been applied (check first; use --retry-unknown to send again)",
    ),
];

/// More of a code is not shown.
const LONGEST_CODE: usize = 48;

impl<'r> Summary<'r> {
    pub(super) fn of(run: &'r Run) -> Self {
        Self {
            tally: run.tally(),
            elapsed_ms: millis(run.elapsed()),
            interrupted: run.stopped().is_some(),
        }
    }

    /// The lines that are not ok, in this run and earlier ones: their number, then each kind with what to do about it.
    pub(super) fn complaints(&self, out: &Path) -> Vec<String> {
        let all = self.tally.failed + self.tally.skipped_failed;
        if all == 0 {
            return Vec::new();
        }
        let earlier = match self.tally.skipped_failed {
            0 => String::new(),
            before => format!(", {before} of them in earlier runs"),
        };
        let head = format!(
            "{} failed{earlier}; the last record of each in {} says why",
            count(all, "line"),
            out.display()
        );
        let kinds = COMPLAINTS.map(|(ending, what)| (self.tally.lines(ending), what));
        let kinds = kinds.iter().filter(|(lines, _)| lines.count() > 0);
        let kinds =
            kinds.map(|(lines, what)| format!("{} {what}: {}", lines.count(), numbers(lines)));
        std::iter::once(head).chain(kinds).collect()
    }

    /// Whether `--retry-failed` would retry something.
    pub(super) fn may_succeed_unchanged(&self) -> bool {
        self.tally.lines(Ending::Failed).count() > 0
    }

    /// Whether all lines are ok.
    pub(super) const fn is_all_ok(&self) -> bool {
        self.tally.failed == 0 && self.tally.skipped_failed == 0 && !self.interrupted
    }

    /// The line of counts, and one for each thing that was done to contacts. If a line failed, also a line for each status and
    /// code.
    pub(super) fn text(&self, out: &Path) -> String {
        let mut text = format!("{}\n", self.counts());
        let contacts = self.tally.contacts.iter();
        let mut rows: Vec<_> = contacts
            .map(|(change, contacts)| (change.to_string(), contacts.to_string()))
            .collect();
        if self.tally.failed > 0 {
            let outcomes = self.tally.outcomes();
            // Of contacts, only the failures are of interest.
            let outcomes = outcomes
                .iter()
                .filter(|count| rows.is_empty() || count.status != Some(200));
            let outcomes = outcomes.map(|count| (outcome(count), count.lines.to_string()));
            rows.extend(outcomes.collect::<Vec<_>>());
        }
        text += &table(&rows);
        if !self.tally.contacts.is_empty() {
            let out = clean::line(&out.display().to_string());
            let _ = writeln!(
                text,
                "what was done to each contact: \"outcome\" and \"updated\" in {out}"
            );
        }
        text
    }

    fn counts(&self) -> String {
        let tally = self.tally;
        let mut text = format!(
            "{}: {} ok, {} failed",
            count(tally.total, "line"),
            tally.ok,
            tally.failed
        );
        let parts: Vec<String> = [
            (tally.invalid, "invalid"),
            (tally.unknown, "outcome unknown"),
        ]
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{number} {what}"))
        .collect();
        if !parts.is_empty() {
            let _ = write!(text, " ({})", parts.join(", "));
        }
        if tally.skipped > 0 {
            let _ = write!(text, ", {} from earlier runs", tally.skipped);
            if tally.skipped_failed > 0 {
                let _ = write!(text, " ({} failed)", tally.skipped_failed);
            }
        }
        let seconds = Duration::from_millis(self.elapsed_ms).as_secs_f64();
        let _ = write!(
            text,
            "; {} sent, {} rate limited, {seconds:.1} s",
            count(tally.attempts, "request"),
            tally.rate_limited
        );
        text
    }
}

/// One outcome on each line, like `422 parameter_invalid  12`.
fn table(rows: &[(String, String)]) -> String {
    let width = |text: &String| text.chars().count();
    let left = rows.iter().map(|(name, _)| width(name)).max().unwrap_or(0);
    let right = rows.iter().map(|(_, lines)| lines.len()).max().unwrap_or(0);
    let row = |(name, lines): &(String, String)| format!("  {name:<left$}  {lines:>right$}\n");
    rows.iter().map(row).collect()
}

/// The status and the code, or why no complete response arrived.
fn outcome(count: &OutcomeCount) -> String {
    let code = count.code.as_deref().map(clean::line).unwrap_or_default();
    let code: String = code.chars().take(LONGEST_CODE).collect();
    match (count.status, count.fault) {
        (Some(status), None) => format!("{status} {code}").trim_end().to_owned(),
        (Some(status), Some(fault)) => format!("{status}, then {}", fault.meaning()),
        (None, Some(fault)) => fault.meaning().to_owned(),
        (None, None) => "other".to_owned(),
    }
}

/// Line numbers like `lines 3, 7 and 2 more`.
pub(super) fn numbers(lines: &LineNumbers) -> String {
    listed(lines.count(), &lines.first().collect::<Vec<_>>())
}

fn listed(all: u64, first: &[u64]) -> String {
    let plural = if all == 1 { "" } else { "s" };
    let named: Vec<String> = first.iter().map(u64::to_string).collect();
    let more = match all - first.len() as u64 {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("line{plural} {}{more}", named.join(", "))
}

#[cfg(test)]
mod tests {
    use super::listed;

    #[test]
    fn the_first_lines_are_listed_and_the_rest_is_counted() {
        assert_eq!(listed(1, &[7]), "line 7");
        assert_eq!(listed(4, &[3, 7]), "lines 3, 7 and 2 more");
    }
}
