//! A progress bar on stderr, shown only at a terminal.

mod terminal;

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::output;
use crate::redact::Redactor;

/// The limits of the width of the bar itself.
const WIDEST: usize = 20;
const NARROWEST: usize = 5;

/// The bar, if stderr is a terminal.
#[derive(Debug)]
pub(crate) struct Bar(Option<ProgressBar>);

impl Bar {
    pub(crate) fn new() -> Self {
        let is_terminal = io::stderr().is_terminal();
        Self(is_terminal.then(|| ProgressBar::with_draw_target(None, terminal::target())))
    }

    /// Draws the bar: how much of the length is done, and a message in ASCII whose last parts are dropped if they do not fit.
    pub(crate) fn show(&self, done: u64, length: Option<u64>, mut message: String) {
        let Some(bar) = &self.0 else {
            return;
        };
        let width = terminal::width().into();
        let template = layout(length.is_some(), width, &mut message);
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style);
        }
        if let Some(length) = length {
            bar.set_length(length);
        }
        // Setting the position may draw the bar, so the message is set first.
        bar.set_message(message);
        bar.set_position(done);
    }

    /// Prints a line on stderr, above the bar.
    pub(crate) fn say(&self, line: &str, redactor: &Redactor) {
        let say = || output::say(line, redactor);
        match &self.0 {
            Some(bar) => bar.suspend(say),
            None => say(),
        }
    }

    pub(crate) fn clear(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }

    /// Whether there is a bar.
    pub(crate) const fn is_shown(&self) -> bool {
        self.0.is_some()
    }
}

/// How many are done in a second.
#[expect(clippy::cast_precision_loss, reason = "it is shown in three digits")]
pub(crate) fn rate(done: u64, elapsed: Duration) -> f64 {
    done as f64 / elapsed.as_secs_f64().max(0.001)
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

/// Seconds as minutes and seconds, and hours if there are any.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "seconds that are not negative; a cast of too many gives the most"
)]
pub(crate) fn clock(seconds: f64) -> String {
    let seconds = seconds.ceil() as u64;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, minutes, seconds) => format!("{minutes}:{seconds:02}"),
        (hours, minutes, seconds) => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{clock, layout};

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
