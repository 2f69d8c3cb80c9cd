//! The tables of a trace, in 80 columns.

use core::fmt;
use core::time::Duration;

use super::{Trace, TracedCall};
use crate::text::{Short, count, fit, line};

/// How many rows of a table are shown.
const ROWS: usize = 10;

/// With a filter, as many calls are shown in full.
const CALLS: usize = 20;

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_summary(f)?;
        if self.calls.is_empty() {
            return Ok(());
        }
        if self.is_filtered {
            for call in self.calls.iter().take(CALLS) {
                write!(f, "\n{call}")?;
            }
            if self.calls.len() > CALLS {
                let more = count(self.calls.len() - CALLS, "more call");
                line(f, &format!("\n{more}; --json lists all"))?;
            }
        }
        self.write_errors(f)?;
        self.write_slowest(f)?;
        self.write_routes(f)?;
        write!(f, "{}", self.timeline)
    }
}

const fn short(millis: u64) -> Short {
    Short(Duration::from_millis(millis))
}

impl Trace {
    fn write_summary(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sums = &self.summary;
        let mut calls = format!("{} in {}", count(sums.calls, "call"), short(sums.span_ms));
        calls += &format!(": {} done, {} failed", sums.done, sums.failed);
        if sums.unfinished > 0 {
            calls += &format!(", {} without an end", sums.unfinished);
        }
        line(f, &calls)?;
        line(
            f,
            &format!(
                "{}, {} of them 429",
                count(sums.attempts, "attempt"),
                sums.rate_limited
            ),
        )?;
        let mut waits = format!("{} between attempts", count(sums.waits, "wait"));
        if sums.waits > 0 {
            let causes = sums
                .causes
                .iter()
                .map(|(cause, times)| format!("{cause} {times}"));
            let causes = causes.collect::<Vec<_>>().join(", ");
            waits += &format!(
                ": {}, longest {}",
                short(sums.waited_ms),
                short(sums.longest_wait_ms)
            );
            line(f, &waits)?;
            line(f, &fit(&format!("  caused by {causes}"), 80))?;
        } else {
            line(f, &waits)?;
        }
        line(
            f,
            &format!(
                "{} at the gate, added up over all calls",
                short(sums.gate_ms)
            ),
        )
    }

    fn write_errors(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.errors.is_empty() {
            return Ok(());
        }
        line(
            f,
            "\nErrors                    tries calls failed latest request id",
        )?;
        for row in self.errors.iter().take(ROWS) {
            let id = row.request_id.as_deref().unwrap_or("-");
            let text = format!(
                "  {} {:>5} {:>5} {:>5} {}",
                fit(&row.error, 23),
                row.attempts,
                row.calls,
                row.failed,
                fit(id, 36)
            );
            line(f, &text)?;
        }
        rest(f, self.errors.len())
    }

    fn write_slowest(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut slowest: Vec<&TracedCall> = self.calls.iter().collect();
        slowest.sort_by_key(|call| core::cmp::Reverse(call.elapsed));
        line(
            f,
            "\nSlowest calls                    took  tries   waits  at gate ended",
        )?;
        for call in slowest.iter().take(ROWS) {
            let text = format!(
                "  {} {:>7} {:>6} {:>7} {:>8} {}",
                fit(&call.name(), 27),
                Short(call.elapsed),
                call.attempts().len(),
                Short(call.waited),
                Short(call.at_gate),
                fit(call.ended().unwrap_or("-"), 18)
            );
            line(f, &text)?;
        }
        Ok(())
    }

    fn write_routes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        line(
            f,
            "\nRoutes                          calls attempts failed   429  median slowest",
        )?;
        for row in self.routes.iter().take(ROWS) {
            let text = format!(
                "  {} {:>6} {:>8} {:>6} {:>5} {:>7} {:>7}",
                fit(&format!("{} {}", row.method, row.route), 28),
                row.calls,
                row.attempts,
                row.failed,
                row.rate_limited,
                short(row.median_ms),
                short(row.slowest_ms)
            );
            line(f, &text)?;
        }
        rest(f, self.routes.len())
    }
}

fn rest(f: &mut fmt::Formatter<'_>, rows: usize) -> fmt::Result {
    match rows.saturating_sub(ROWS) {
        0 => Ok(()),
        more => line(
            f,
            &format!("  {}; --json lists all", count(more, "more row")),
        ),
    }
}

/// Writes the call, and a line for each attempt and each wait.
impl fmt::Display for TracedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        line(f, &fit(&format!("call {}", self.name()), 80))?;
        for attempt in self.attempts() {
            let id = attempt.request_id().unwrap_or("-");
            let text = format!(
                "  {:>8} {} {:>7} {}",
                format!("+{}", Short(attempt.sent)),
                fit(&attempt.label(), 23),
                Short(attempt.took),
                fit(id, 36)
            );
            line(f, &text)?;
            if let (Some(wait), Some(cause)) = (attempt.wait, attempt.cause) {
                line(f, &format!("           waits {}: {cause}", Short(wait)))?;
            }
        }
        let ended = self
            .ended()
            .unwrap_or("the recording does not have its end");
        line(
            f,
            &format!("  {:>8} {ended}", format!("+{}", Short(self.elapsed))),
        )
    }
}
