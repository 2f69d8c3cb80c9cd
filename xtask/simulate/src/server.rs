//! The model server: fixed windows, counted when a request arrives.

use std::fmt::Write as _;
use std::time::{Duration, UNIX_EPOCH};

use intercom_errors::RateLimit;

use super::scenario::{ServerHabits, limit_at};

/// The server's clock when the simulation starts. It is a turn of every simulated window.
const EPOCH: f64 = 1_711_100_040.0;

#[derive(Debug)]
pub(super) struct Server {
    habits: ServerHabits,
    limits: Vec<(f64, u32)>,
    /// How far into a window the simulation starts.
    started: f64,
    window: i64,
    used: u32,
    /// The last `Date`, because formatting one is expensive.
    date: (u64, String),
    text: String,
}

/// The server's decision about a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Verdict {
    pub(super) status: u16,
    limit: u32,
    remaining: u32,
    reset: f64,
    /// The server's clock when the request arrived.
    counted_at: f64,
    pub(super) window: i64,
}

impl Server {
    pub(super) fn new(habits: &ServerHabits, limits: &[(f64, u32)], started: f64) -> Self {
        let mut server = Self {
            habits: habits.clone(),
            limits: limits.to_vec(),
            started,
            window: 0,
            used: 0,
            date: (0, String::new()),
            text: String::new(),
        };
        server.window = server.window_at(0.0);
        server.used = (f64::from(server.limit(0.0)) * habits.gone) as u32;
        server
    }

    /// The time on the server's clock.
    pub(super) fn clock(&self, time: f64) -> f64 {
        EPOCH + self.started + time * (1.0 + self.habits.drift)
    }

    /// The number of the window that is open at this time.
    pub(super) fn window_at(&self, time: f64) -> i64 {
        let since = self.clock(time) - EPOCH - self.habits.phase;
        (since / self.habits.window).floor() as i64
    }

    /// The simulated time at which a window opens.
    pub(super) fn opens(&self, window: i64) -> f64 {
        let since = window as f64 * self.habits.window + self.habits.phase - self.started;
        since / (1.0 + self.habits.drift)
    }

    pub(super) fn limit(&self, time: f64) -> u32 {
        limit_at(&self.limits, time)
    }

    /// How many requests a window really accepts.
    pub(super) fn granted(&self, time: f64) -> u32 {
        (f64::from(self.limit(time)) * self.habits.hidden) as u32
    }

    /// Counts a request or refuses it; `fails` makes it a 500, which counts.
    pub(super) fn arrive(&mut self, time: f64, fails: bool) -> Verdict {
        let window = self.window_at(time);
        if window != self.window {
            self.window = window;
            self.used = 0;
        }
        let limit = self.limit(time);
        let before = limit.saturating_sub(self.used);
        let accepted = self.used < self.granted(time);
        if accepted || self.habits.refusals_count {
            self.used += 1;
        }
        let after = limit.saturating_sub(self.used);
        let status = match (accepted, fails) {
            (false, _) => 429,
            (true, true) => 500,
            (true, false) => 200,
        };
        Verdict {
            status,
            limit,
            remaining: if self.habits.remaining_after {
                after
            } else {
                before
            },
            reset: EPOCH
                + self.habits.phase
                + (window + 1) as f64 * self.habits.window
                + self.habits.reset_offset,
            counted_at: self.clock(time),
            window,
        }
    }

    /// The headers of a response that leaves at `time` through a front end whose clock is wrong by `skew`.
    pub(super) fn headers(&mut self, verdict: &Verdict, time: f64, skew: f64) -> Headers<'_> {
        let stamped = if self.habits.date_at_arrival {
            verdict.counted_at
        } else {
            self.clock(time)
        };
        let date = (stamped + skew) as u64;
        if self.date.0 != date {
            let date_time = UNIX_EPOCH + Duration::from_secs(date);
            self.date = (date, httpdate::fmt_http_date(date_time));
        }
        self.text.clear();
        // Writing to a `String` cannot fail.
        let _ = write!(self.text, "{}", verdict.limit);
        let limit = self.text.len();
        let _ = write!(self.text, "{}", verdict.remaining);
        let remaining = self.text.len();
        let _ = write!(self.text, "{}", verdict.reset as u64);
        Headers {
            quota: self
                .habits
                .sends_quota
                .then_some((&*self.text, limit, remaining)),
            date: self.habits.sends_date.then_some(&*self.date.1),
        }
    }
}

/// The headers of a response.
#[derive(Clone, Copy, Debug)]
pub(super) struct Headers<'a> {
    /// Limit, remaining and reset in one string, and where the first two end.
    quota: Option<(&'a str, usize, usize)>,
    date: Option<&'a str>,
}

impl<'a> Headers<'a> {
    pub(super) fn iter(self) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        let part = |text: &'a str, from, to| text.as_bytes().get(from..to).unwrap_or_default();
        let quota = self
            .quota
            .into_iter()
            .flat_map(move |(text, limit, remaining)| {
                [
                    ("X-RateLimit-Limit", part(text, 0, limit)),
                    ("X-RateLimit-Remaining", part(text, limit, remaining)),
                    ("X-RateLimit-Reset", part(text, remaining, text.len())),
                ]
            });
        quota.chain(self.date.map(|date| ("Date", date.as_bytes())))
    }

    pub(super) fn rate_limit(self) -> RateLimit {
        RateLimit::from_headers(self.iter())
    }
}
