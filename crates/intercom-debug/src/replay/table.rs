//! The table of a replay, in 80 columns.

use core::fmt;

use super::compared::{Ended, Replayed, ReplayedAttempt, ReplayedCall};
use crate::text::{count, fit, line};

/// The widths of the columns: number, response, decision.
const COLUMNS: [usize; 3] = [3, 28, 37];

impl fmt::Display for Replayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_plain = |call: &&ReplayedCall| call.is_plain();
        let plain = self.calls().iter().filter(is_plain).count();
        for call in self.calls().iter().filter(|call| !is_plain(call)) {
            write!(f, "{call}")?;
        }
        if plain > 0 {
            let calls = count(plain, "call");
            line(
                f,
                &format!("{calls} with one attempt, and the same decision now."),
            )?;
        }
        let skipped = self.calls().len() - self.replayed();
        let mut text = match self.differences() {
            0 => "No decision differs".to_owned(),
            1 => "1 decision differs".to_owned(),
            many => format!("{many} decisions differ"),
        };
        text += &format!(" in {}", count(self.replayed(), "replayed call"));
        if skipped > 0 {
            text += &format!("; {} not replayed", count(skipped, "call"));
        }
        if self.unreadable_lines() > 0 {
            let lines = usize::try_from(self.unreadable_lines()).unwrap_or(usize::MAX);
            text += &format!("; {} not read", count(lines, "line"));
        }
        line(f, &(text + "."))
    }
}

/// Writes the request, and a line for each attempt.
impl fmt::Display for ReplayedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = format!(
            "call {}  {} {}  (run {})",
            self.call, self.method, self.route, self.run
        );
        line(f, &fit(&head, 80))?;
        if let Some(reason) = self.reason() {
            line(f, &format!("  not replayed: {reason}"))?;
            return line(f, "");
        }
        row(f, ["#", "response", "decision then", "now"])?;
        for attempt in self.attempts() {
            let (then, now) = attempt.decisions();
            let n = attempt.n.to_string();
            let other = attempt.is_different().then_some(now);
            write_both(f, [&n, &attempt.response(), &then], other)?;
            attempt.write_classes(f)?;
        }
        if let Some(end) = &self.end {
            let now = end.now.as_ref();
            let now = now.map_or("it goes on".to_owned(), Ended::words);
            let other = end.is_different().then_some(now);
            write_both(f, ["", "ended", &Ended::words(&end.then)], other)?;
        }
        line(f, "")
    }
}

/// Writes both decisions: on one line if they are the same, on two if they differ.
fn write_both(
    f: &mut fmt::Formatter<'_>,
    [n, response, then]: [&str; 3],
    other: Option<String>,
) -> fmt::Result {
    let verdict = if other.is_some() { "differs" } else { "same" };
    row(f, [n, response, then, verdict])?;
    match other {
        Some(now) => row(f, ["", "", &now, "now"]),
        None => Ok(()),
    }
}

fn row(f: &mut fmt::Formatter<'_>, [n, response, decision, verdict]: [&str; 4]) -> fmt::Result {
    let [first, second, third] = COLUMNS;
    let (response, decision) = (fit(response, second), fit(decision, third));
    line(f, &format!("  {n:>first$} {response} {decision} {verdict}"))
}

impl ReplayedCall {
    /// Whether the call had one attempt, and nothing differs.
    fn is_plain(&self) -> bool {
        let is_same = self.reason().is_none() && self.differences() == 0;
        is_same && self.end.is_none() && self.attempts().len() == 1
    }
}

impl ReplayedAttempt {
    /// Returns the response in a few words.
    fn response(&self) -> String {
        let status = self.status.map(|status| status.to_string());
        let parts = [status, self.code.clone(), self.fault.clone()];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// Writes both classes if they differ.
    fn write_classes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let now = self.now.as_ref().and_then(|now| now.class);
        let then = self.then.class;
        if self.now.is_none() || now == then {
            return Ok(());
        }
        let words = |class: Option<crate::recording::Meaning>| {
            class.map_or("success".to_owned(), |class| {
                format!("{}, {}, {}", class.category, class.resend, class.action)
            })
        };
        line(f, &format!("       then {}", words(then)))?;
        line(f, &format!("       now  {}", words(now)))
    }
}
