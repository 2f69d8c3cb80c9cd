//! The progress bar on stderr, shown only at a terminal.

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use intercom_batch::{Run, Stopped};
use intercom_protocol::RateLimit;

use super::terminal;
use crate::output;
use crate::redact::Redactor;
use crate::words::count;

/// The limits of the width of the bar itself.
const WIDEST: usize = 20;
const NARROWEST: usize = 5;

/// The progress bar, if stderr is a terminal.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    remaining: Option<(u32, Option<u32>)>,
}

impl Progress {
    /// `length` is that of the input in bytes.
    pub(crate) fn new(length: Option<u64>) -> Self {
        let bar = io::stderr()
            .is_terminal()
            .then(|| ProgressBar::with_draw_target(length, terminal::target()));
        Self {
            bar,
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
        let Some(bar) = &self.bar else {
            return;
        };
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
        let mut message = self.message(lines, rate, tally.failed, left, note);
        let width = terminal::width().into();
        let template = layout(position.length.is_some(), width, &mut message);
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style);
        }
        // Setting the position may draw the bar, so the message is set first.
        bar.set_message(message);
        bar.set_position(position.byte);
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
        let say = || output::say(line, redactor);
        match &self.bar {
            Some(bar) => bar.suspend(say),
            None => say(),
        }
    }

    pub(crate) fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// Whether there is a bar.
    pub(crate) const fn is_shown(&self) -> bool {
        self.bar.is_some()
    }
}

/// Lines per second.
#[expect(clippy::cast_precision_loss, reason = "it is shown in three digits")]
fn rate(lines: u64, elapsed: Duration) -> f64 {
    lines as f64 / elapsed.as_secs_f64().max(0.001)
}

/// The seconds left, if the rest has the same rate and line length as the lines so far.
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn time_left(rate: f64, line: u64, end: u64, length: u64) -> Option<f64> {
    let left = length.saturating_sub(end) as f64;
    (rate > 0.0 && end > 0).then(|| left * line as f64 / end as f64 / rate)
}

/// The template of the line. In a narrow terminal the bar shrinks first; then the last parts of the message are dropped.
fn layout(is_length_known: bool, width: usize, message: &mut String) -> String {
    let (before, beside) = if is_length_known {
        ("{percent:>3}% {msg}", "100% ".len())
    } else {
        ("{spinner} {msg}", "- ".len())
    };
    let left = width.saturating_sub(beside);
    // It is ASCII, and so as wide as it is long.
    while message.len() > left {
        message.truncate(message.rfind(", ").unwrap_or(left));
    }
    match left.saturating_sub(message.len() + 1).min(WIDEST) {
        bar @ NARROWEST.. if is_length_known => format!("{{bar:{bar}}} {before}"),
        _ => before.to_owned(),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "seconds that are not negative; a cast of too many gives the most"
)]
fn clock(seconds: f64) -> String {
    let seconds = seconds.ceil() as u64;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, minutes, seconds) => format!("{minutes}:{seconds:02}"),
        (hours, minutes, seconds) => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Progress, clock, layout, rate, time_left};

    #[test]
    fn the_message_has_rate_quota_and_time_left() {
        let progress = Progress {
            bar: None,
            remaining: Some((42, Some(167))),
        };
        let rate = rate(500, Duration::from_secs(10));
        let left = time_left(rate, 600, 600, 1_100);
        let message = progress.message(500, rate, 2, left, "");
        insta::assert_snapshot!(message, @"500 lines, 50.0/s, 2 failed, quota 42/167, 0:10 left");
    }

    #[test]
    fn the_bar_shrinks_before_the_message() {
        let full = "500 lines, 50.0/s, quota 42/167, 0:10 left";
        for (width, template, left) in [
            (100, "{bar:20} {percent:>3}% {msg}", full),
            (56, "{bar:8} {percent:>3}% {msg}", full),
            (52, "{percent:>3}% {msg}", full),
            (35, "{bar:12} {percent:>3}% {msg}", "500 lines, 50.0/s"),
            (3, "{percent:>3}% {msg}", ""),
        ] {
            let mut message = full.to_owned();
            assert_eq!(layout(true, width, &mut message), template);
            assert_eq!(message, left);
        }
        let mut message = full.to_owned();
        assert_eq!(layout(false, 100, &mut message), "{spinner} {msg}");
    }

    #[test]
    fn long_times_have_hours() {
        assert_eq!(clock(59.5), "1:00");
        assert_eq!(clock(3_661.0), "1:01:01");
    }
}
