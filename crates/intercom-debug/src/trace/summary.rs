//! Counts of a trace.

use core::time::Duration;
use std::collections::BTreeMap;

use serde::Serialize;

use super::call::{TracedAttempt, TracedCall, span};

/// The totals.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Summary {
    pub(super) calls: usize,
    pub(super) done: usize,
    pub(super) failed: usize,
    /// Calls whose end is not in the recording.
    pub(super) unfinished: usize,
    pub(super) attempts: usize,
    pub(super) rate_limited: usize,
    /// Waits between attempts.
    pub(super) waits: usize,
    pub(super) waited_ms: u64,
    pub(super) longest_wait_ms: u64,
    /// Time that calls spent at the gate, added up.
    pub(super) gate_ms: u64,
    /// From the first call to the last response.
    pub(super) span_ms: u64,
    /// How often each cause made calls wait.
    pub(super) causes: BTreeMap<&'static str, usize>,
}

/// An error and how often it occurred.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ErrorRow {
    pub(super) error: String,
    pub(super) attempts: usize,
    pub(super) calls: usize,
    /// How many of these calls failed in the end.
    pub(super) failed: usize,
    /// The request id of the latest response.
    pub(super) request_id: Option<String>,
}

/// A route and its calls.
#[derive(Clone, Debug, Serialize)]
pub(super) struct RouteRow {
    pub(super) method: String,
    pub(super) route: String,
    pub(super) calls: usize,
    pub(super) attempts: usize,
    pub(super) failed: usize,
    pub(super) rate_limited: usize,
    pub(super) median_ms: u64,
    pub(super) slowest_ms: u64,
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Adds durations up. A file from elsewhere can have any.
fn total(calls: &[TracedCall], duration: fn(&TracedCall) -> Duration) -> u64 {
    let durations = calls.iter().map(duration);
    millis(durations.fold(Duration::ZERO, Duration::saturating_add))
}

impl Summary {
    pub(super) fn of(calls: &[TracedCall]) -> Self {
        let attempts = || calls.iter().flat_map(TracedCall::attempts);
        let done = calls.iter().filter(|call| call.is_done()).count();
        let unfinished = calls.iter().filter(|call| call.ended().is_none()).count();
        let waits = || attempts().filter_map(|attempt| attempt.wait);
        let mut causes = BTreeMap::new();
        for cause in attempts().filter_map(|attempt| attempt.cause) {
            *causes.entry(cause.as_str()).or_insert(0) += 1;
        }
        Self {
            calls: calls.len(),
            done,
            failed: calls.len() - done - unfinished,
            unfinished,
            attempts: attempts().count(),
            rate_limited: attempts()
                .filter(|attempt| attempt.status == Some(429))
                .count(),
            waits: waits().count(),
            waited_ms: total(calls, |call| call.waited),
            longest_wait_ms: waits().max().map_or(0, millis),
            gate_ms: total(calls, |call| call.at_gate),
            span_ms: millis(span(calls).1),
            causes,
        }
    }
}

impl ErrorRow {
    /// Returns the errors, the most frequent first.
    pub(super) fn of(calls: &[TracedCall]) -> Vec<Self> {
        let mut rows: BTreeMap<String, Self> = BTreeMap::new();
        for call in calls {
            let mut seen: Vec<String> = Vec::new();
            for attempt in call
                .attempts()
                .iter()
                .filter(|attempt| attempt.is_failure())
            {
                let error = attempt.label();
                let row = rows.entry(error.clone()).or_insert_with(|| Self {
                    error: error.clone(),
                    attempts: 0,
                    calls: 0,
                    failed: 0,
                    request_id: None,
                });
                row.attempts += 1;
                row.request_id = attempt.request_id.clone().or(row.request_id.take());
                if !seen.contains(&error) {
                    row.calls += 1;
                    row.failed += usize::from(call.ended().is_some() && !call.is_done());
                    seen.push(error);
                }
            }
            if let (Some(ended), []) = (call.ended(), call.attempts()) {
                let error = format!("not sent: {ended}");
                let row = rows.entry(error.clone()).or_insert_with(|| Self {
                    error,
                    attempts: 0,
                    calls: 0,
                    failed: 0,
                    request_id: None,
                });
                row.calls += 1;
                row.failed += 1;
            }
        }
        let mut rows: Vec<Self> = rows.into_values().collect();
        rows.sort_by_key(|row| core::cmp::Reverse((row.attempts, row.calls)));
        rows
    }
}

impl RouteRow {
    /// Returns the routes, the most frequent first.
    pub(super) fn of(calls: &[TracedCall]) -> Vec<Self> {
        let mut groups: BTreeMap<(&str, &str), Vec<&TracedCall>> = BTreeMap::new();
        for call in calls {
            groups
                .entry((call.route(), call.method()))
                .or_default()
                .push(call);
        }
        let mut rows: Vec<Self> = groups
            .into_iter()
            .map(|((route, method), calls)| Self::new(method, route, &calls))
            .collect();
        rows.sort_by_key(|row| core::cmp::Reverse(row.calls));
        rows
    }

    fn new(method: &str, route: &str, calls: &[&TracedCall]) -> Self {
        let attempts = || calls.iter().flat_map(|call| call.attempts());
        let mut took: Vec<Duration> = attempts().map(|attempt| attempt.took).collect();
        took.sort_unstable();
        let is_limited = |attempt: &&TracedAttempt| attempt.status == Some(429);
        Self {
            method: method.to_owned(),
            route: route.to_owned(),
            calls: calls.len(),
            attempts: took.len(),
            failed: calls
                .iter()
                .filter(|call| call.ended().is_some() && !call.is_done())
                .count(),
            rate_limited: attempts().filter(is_limited).count(),
            median_ms: took.get(took.len() / 2).copied().map_or(0, millis),
            slowest_ms: took.last().copied().map_or(0, millis),
        }
    }
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use super::{Summary, TracedCall};
    use crate::Recording;
    use crate::recording::calls;

    #[test]
    fn sums_saturate() {
        let line = r#"{"line":"end","run":"5f1a09c2","call":1,"method":"GET","route":"/me","attempts":0,"why":"refused","began_ns":0,"ended_ns":90}"#;
        let recording = Recording::read(line.as_bytes()).unwrap();
        let mut call = TracedCall::of(&calls(&recording)[0]).unwrap();
        for longest in [Duration::MAX, Duration::from_millis(u64::MAX)] {
            (call.waited, call.at_gate, call.began) = (longest, longest, longest);
            let sums = Summary::of(&[call.clone(), call.clone(), call.clone()]);
            assert_eq!((sums.waited_ms, sums.gate_ms), (u64::MAX, u64::MAX));
        }
    }
}
