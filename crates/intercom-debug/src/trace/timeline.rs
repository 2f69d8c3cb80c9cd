//! A timeline as text: the windows of the rate limit, and the longest calls.

use core::fmt;
use core::time::Duration;
use std::collections::BTreeMap;

use intercom_protocol::UnixTime;

use super::call::{TracedAttempt, TracedCall, span};
use crate::text::{Short, fit, line};

/// The length of a window, in seconds.
const WINDOW: u64 = 10;

/// The most rows of windows.
const ROWS: usize = 30;

/// The most calls that have a bar.
const CALLS: usize = 12;

/// The width of the bars of windows and of calls.
const BAR: usize = 32;
const LANE: usize = 44;

#[derive(Clone, Debug, Default)]
pub(super) struct Timeline {
    /// The rows, with how many windows each stands for.
    rows: Vec<Row>,
    windows: u64,
    lanes: Vec<Lane>,
    began: Duration,
    span: Duration,
}

/// One or more windows.
#[derive(Clone, Debug, Default)]
struct Row {
    /// When the first window begins, in seconds.
    from: u64,
    done: usize,
    rate_limited: usize,
    failed: usize,
    /// The least that was left of the quota, and the limit.
    quota: Option<(u32, u32)>,
}

/// The bar of one call.
#[derive(Clone, Debug)]
struct Lane {
    label: String,
    bar: String,
    elapsed: Duration,
}

impl Timeline {
    pub(super) fn of(calls: &[TracedCall]) -> Self {
        let (began, span) = span(calls);
        let (rows, windows) = rows(calls);
        Self {
            rows,
            windows,
            lanes: lanes(calls, began, span),
            began,
            span,
        }
    }
}

/// Returns a row for each window in which a response arrived, or for several windows if there are many.
fn rows(calls: &[TracedCall]) -> (Vec<Row>, u64) {
    let mut windows: BTreeMap<u64, Row> = BTreeMap::new();
    for call in calls {
        for attempt in call.attempts() {
            let from = window(call, attempt);
            windows.entry(from).or_default().add(attempt);
        }
    }
    let span = windows.keys().next_back().zip(windows.keys().next());
    let span = span.map_or(0, |(last, first)| last.saturating_sub(*first) / WINDOW + 1);
    let each = span.div_ceil(ROWS as u64).max(1);
    let first = windows.keys().next().copied().unwrap_or_default();
    let mut rows: BTreeMap<u64, Row> = BTreeMap::new();
    for (from, row) in windows {
        let from = first + (from - first) / (each * WINDOW) * each * WINDOW;
        rows.entry(from)
            .or_insert_with(|| Row {
                from,
                ..Row::default()
            })
            .join(&row);
    }
    (rows.into_values().collect(), each)
}

/// Returns when the window of a response began. The server's reset says it best.
fn window(call: &TracedCall, attempt: &TracedAttempt) -> u64 {
    let at = call.began.saturating_add(attempt.sent).as_secs();
    let by_clock = at / WINDOW * WINDOW;
    let fits = |from: &u64| from % WINDOW == 0 && from.abs_diff(by_clock) <= 6 * WINDOW;
    let reset = attempt.reset.map(|reset| reset.saturating_sub(WINDOW));
    reset.filter(fits).unwrap_or(by_clock)
}

impl Row {
    fn add(&mut self, attempt: &TracedAttempt) {
        match (attempt.is_failure(), attempt.status) {
            (_, Some(429)) => self.rate_limited += 1,
            (true, _) => self.failed += 1,
            (false, _) => self.done += 1,
        }
        self.lower(attempt.remaining.zip(attempt.limit));
    }

    fn join(&mut self, other: &Self) {
        self.done += other.done;
        self.rate_limited += other.rate_limited;
        self.failed += other.failed;
        self.lower(other.quota);
    }

    fn lower(&mut self, quota: Option<(u32, u32)>) {
        self.quota = match (self.quota, quota) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }

    const fn sent(&self) -> usize {
        self.done + self.rate_limited + self.failed
    }

    /// Returns a bar whose length is the number of requests. Each kind that occurs has at least one mark.
    fn bar(&self, most: usize) -> String {
        let marks = |count: usize| match count {
            0 => 0,
            count => (count * BAR / most.max(1)).max(1),
        };
        let limited = marks(self.rate_limited);
        let failed = marks(self.failed);
        let done = marks(self.done).min(BAR.saturating_sub(limited + failed));
        ["=".repeat(done), "!".repeat(failed), "x".repeat(limited)].concat()
    }
}

/// Returns the bars of the longest calls, in the order in which they began.
fn lanes(calls: &[TracedCall], began: Duration, span: Duration) -> Vec<Lane> {
    let mut longest: Vec<&TracedCall> = calls.iter().collect();
    longest.sort_by_key(|call| core::cmp::Reverse(call.elapsed));
    longest.truncate(CALLS);
    longest.sort_by_key(|call| call.began);
    let lane = |call: &&TracedCall| Lane {
        label: call.name(),
        bar: bar(call, began, span),
        elapsed: call.elapsed,
    };
    longest.iter().map(lane).collect()
}

fn bar(call: &TracedCall, began: Duration, span: Duration) -> String {
    let column = |at: Duration| {
        let at = at.saturating_sub(began).as_nanos() * (LANE as u128 - 1);
        usize::try_from(at / span.as_nanos().max(1))
            .unwrap_or(LANE)
            .min(LANE - 1)
    };
    let mut bar = [b' '; LANE];
    let mut fill = |from: Duration, to: Duration, mark: u8| {
        let cells = bar.get_mut(column(from)..=column(to));
        cells.unwrap_or_default().fill(mark);
    };
    let mut free = call.began;
    for attempt in call.attempts() {
        let sent = call.began.saturating_add(attempt.sent);
        let ended = sent.saturating_add(attempt.took);
        fill(free, sent, b'~');
        fill(sent, ended, b'=');
        free = ended;
        if let Some(wait) = attempt.wait {
            free = ended
                .saturating_add(wait)
                .min(call.began.saturating_add(call.elapsed));
            fill(ended, free, b'.');
        }
    }
    if call.attempts().is_empty() {
        fill(free, call.began.saturating_add(call.elapsed), b'~');
    }
    // The marks of results come last, so that no line hides them.
    for attempt in call.attempts() {
        let ended = call
            .began
            .saturating_add(attempt.sent)
            .saturating_add(attempt.took);
        let mark = match (attempt.is_failure(), attempt.status) {
            (_, Some(429)) => b'x',
            (true, _) => b'!',
            (false, _) => b'o',
        };
        fill(ended, ended, mark);
    }
    String::from_utf8_lossy(&bar).into_owned()
}

/// Writes the time of a second of the day, like `09:33:20`.
fn clock(seconds: u64) -> String {
    let time = UnixTime::from_secs(seconds).map(|time| time.to_string());
    let time = time.unwrap_or_default();
    time.get(11..19).unwrap_or_default().to_owned()
}

impl fmt::Display for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.rows.is_empty() && self.lanes.is_empty() {
            return Ok(());
        }
        let each = self.windows * WINDOW;
        line(f, &format!("\nTimeline, in windows of {each} s (UTC)"))?;
        line(
            f,
            "  window     sent    ok  fail   429  left      = ok  ! failed  x 429",
        )?;
        let most = self.rows.iter().map(Row::sent).max().unwrap_or_default();
        for row in &self.rows {
            let quota = row
                .quota
                .map_or("-".to_owned(), |(left, _)| left.to_string());
            let text = format!(
                "  {} {:>6} {:>5} {:>5} {:>5} {:>5}  {}",
                clock(row.from),
                row.sent(),
                row.done,
                row.failed,
                row.rate_limited,
                quota,
                row.bar(most)
            );
            line(f, &text)?;
        }
        line(
            f,
            "\nLongest calls (~ at the gate, = sent, . waiting, x 429, ! failed, o done)",
        )?;
        let from = clock(self.began.as_secs());
        let to = format!("+{}", Short(self.span));
        let width = LANE - from.len();
        line(f, &format!("{:27}{from}{to:>width$}", ""))?;
        for lane in &self.lanes {
            let text = format!(
                "  {} {} {}",
                fit(&lane.label, 24),
                lane.bar,
                Short(lane.elapsed)
            );
            line(f, &text)?;
        }
        Ok(())
    }
}
