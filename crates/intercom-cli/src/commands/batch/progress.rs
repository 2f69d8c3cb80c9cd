//! The progress of a batch.

use intercom_batch::{Run, Stopped};
use intercom_protocol::RateLimit;

use crate::progress::{Bar, clock, rate};
use crate::redact::Redactor;
use crate::words::count;

/// The progress of a batch.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: Bar,
    remaining: Option<(u32, Option<u32>)>,
}

impl Progress {
    pub(crate) fn new() -> Self {
        Self {
            bar: Bar::new(),
            remaining: None,
        }
    }

    /// Records the quota of the latest response.
    pub(crate) fn received(&mut self, limit: RateLimit) {
        if let Some(remaining) = limit.remaining() {
            self.remaining = Some((remaining, limit.limit()));
        }
    }

    /// Draws the bar.
    pub(crate) fn show(&self, run: &Run) {
        if !self.is_shown() {
            return;
        }
        let (tally, position) = (run.tally(), run.position());
        let note = match run.stopped() {
            Some(Stopped::ByCaller) => "finishing",
            Some(_) => "finishing (Ctrl-C stops at once)",
            None => "",
        };
        let lines = tally.ok + tally.failed;
        let rate = rate(lines, run.elapsed());
        let left = position
            .length
            .and_then(|length| time_left(rate, position.line, position.byte, length));
        let message = self.message(lines, rate, tally.failed, left, note);
        self.bar.show(position.byte, position.length, message);
    }

    fn message(&self, lines: u64, rate: f64, failed: u64, left: Option<f64>, note: &str) -> String {
        let mut parts = vec![format!("{}, {rate:.1}/s", count(lines, "line"))];
        if failed > 0 {
            parts.push(format!("{failed} failed"));
        }
        match self.remaining {
            Some((remaining, Some(limit))) => parts.push(format!("quota {remaining}/{limit}")),
            Some((remaining, None)) => parts.push(format!("quota {remaining}")),
            None => {}
        }
        parts.extend(left.map(|left| format!("{} left", clock(left))));
        if !note.is_empty() {
            parts.push(note.to_owned());
        }
        parts.join(", ")
    }

    /// Prints a line on stderr, above the bar.
    pub(crate) fn say(&self, line: &str, redactor: &Redactor) {
        self.bar.say(line, redactor);
    }

    pub(crate) fn clear(&self) {
        self.bar.clear();
    }

    /// Whether there is a bar.
    pub(crate) const fn is_shown(&self) -> bool {
        self.bar.is_shown()
    }
}

/// The seconds left, if the rest has the same rate and line length as the lines so far.
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn time_left(rate: f64, line: u64, end: u64, length: u64) -> Option<f64> {
    let left = length.saturating_sub(end) as f64;
    (rate > 0.0 && end > 0).then(|| left * line as f64 / end as f64 / rate)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Progress, time_left};
    use crate::progress::{Bar, rate};

    #[test]
    fn the_message_has_rate_quota_and_time_left() {
        let progress = Progress {
            bar: Bar::new(),
            remaining: Some((42, Some(167))),
        };
        let rate = rate(500, Duration::from_secs(10));
        let left = time_left(rate, 600, 600, 1_100);
        let message = progress.message(500, rate, 2, left, "");
        insta::assert_snapshot!(message, @"500 lines, 50.0/s, 2 failed, quota 42/167, 0:10 left");
    }
}
