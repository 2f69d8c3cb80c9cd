//! Counts down a long wait at a terminal.

use std::io::{self, Write};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::clock::Stopwatch;

/// Waits up to this long are not counted down.
pub(super) const LONGEST_WITHOUT: Duration = Duration::from_secs(5);

/// A line on stderr with the seconds that are left. It is rewritten each second, and erased when this is dropped.
#[derive(Debug)]
pub(super) struct Countdown {
    /// Dropping it ends the thread.
    wait: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Countdown {
    pub(super) fn start(wait: Duration) -> Self {
        let (sender, ended) = mpsc::channel();
        let stopwatch = Stopwatch::start();
        let pass = move |step| match ended.recv_timeout(step) {
            Err(RecvTimeoutError::Timeout) => Some(stopwatch.elapsed()),
            _ => None,
        };
        Self {
            wait: Some(sender),
            // A terminal that is gone does not need the countdown.
            thread: Some(thread::spawn(move || {
                let _ = count_down(wait, &mut io::stderr(), pass);
            })),
        }
    }
}

impl Drop for Countdown {
    fn drop(&mut self) {
        self.wait = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Draws the seconds that are left until the wait is over. `pass` lets up to this much time pass, and returns how much has
/// passed since the beginning, or `None` if the wait has ended early.
fn count_down(
    wait: Duration,
    out: &mut impl Write,
    mut pass: impl FnMut(Duration) -> Option<Duration>,
) -> io::Result<()> {
    let mut passed = Some(Duration::ZERO);
    let mut width = 0;
    while let Some(left) = passed.map(|passed| wait.saturating_sub(passed)) {
        let seconds = left.as_millis().div_ceil(1000);
        if seconds == 0 {
            break;
        }
        let text = format!("intercom: {seconds} s left");
        // Spaces erase the end of a longer line. Not every terminal supports escape sequences.
        write!(out, "\r{text:<width$}")?;
        out.flush()?;
        width = width.max(text.len());
        let until_next =
            Duration::from_millis(u64::try_from((left.as_millis() - 1) % 1000 + 1).unwrap_or(1000));
        passed = pass(until_next);
    }
    write!(out, "\r{:width$}\r", "")?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::count_down;

    /// What is drawn while the time passes. The wait ends after this many steps.
    fn drawn(wait: Duration, steps: usize) -> String {
        let (mut out, mut now, mut taken) = (Vec::new(), Duration::ZERO, 0);
        let pass = |step: Duration| {
            now += step;
            taken += 1;
            (taken < steps).then_some(now)
        };
        count_down(wait, &mut out, pass).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_seconds_left_are_rewritten_in_place_and_erased() {
        let shown = drawn(Duration::from_millis(10_200), usize::MAX);
        let frames: Vec<&str> = shown.split('\r').skip(1).collect();
        assert_eq!(
            frames[..3],
            [
                "intercom: 11 s left",
                "intercom: 10 s left",
                "intercom: 9 s left "
            ]
        );
        assert_eq!(frames.len(), 11 + 2);
        assert_eq!(frames[10], "intercom: 1 s left ");
        assert_eq!(frames[11..], [" ".repeat(19).as_str(), ""]);
        assert!(!shown.contains('\n') && !shown.contains('\u{1b}'));
    }

    #[test]
    fn a_wait_that_ends_early_erases_the_line() {
        let shown = drawn(Duration::from_secs(60), 2);
        assert_eq!(
            shown,
            format!("\rintercom: 60 s left\rintercom: 59 s left\r{:19}\r", "")
        );
    }
}
