//! The server's windows: how long they are, when the current one ends, and when we can be certain that it has ended.
//!
//! The *turn* is the time at which one window ends and the next one opens.

use intercom_errors::{RateLimit, UnixTime};

use super::clock::Clock;

/// Seconds to wait after the earliest certain turn of a ten-second window: the clock of the machine that writes `Date`
/// may differ from the clock of the machine that counts.
const MARGIN: f64 = 0.25;

/// The margin is at most this part of a window.
const MARGIN_SHARE: f64 = 0.025;

/// How far `Reset` may be past the window's true end, in seconds. 2 s were observed, and the clock that writes `Date`
/// may be slow.
const RESET_LAG: f64 = 2.5;

/// A reset that is further away than this many seconds is ignored.
const FAR: f64 = 70.0;

/// Lengths that Intercom's windows have had, in seconds.
const KNOWN_LENGTHS: [f64; 2] = [10.0, 60.0];

/// How many contradictions in a row it takes to believe another length.
const BELIEVED: u8 = 2;

/// Unix times from 1973 to 5138. A number outside is not a time in seconds.
const PLAUSIBLE_TIMES: core::ops::Range<u64> = 100_000_000..100_000_000_000;

/// The windows of the server.
#[derive(Clone, Debug)]
pub(super) struct Window {
    pub(super) length: f64,
    /// A time at which a window begins.
    phase: f64,
    /// When the current window ends, on the server's clock.
    pub(super) end: Option<f64>,
    /// The local time since which the current window is known to be open.
    pub(super) opened_at: f64,
    /// How much wrong turns have added to the margin.
    pub(super) extra: f64,
    resets: Resets,
}

/// The times in a response's headers, in seconds of the server's clock. Implausible values are left out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    pub(super) reset: Option<f64>,
    pub(super) date: Option<f64>,
}

/// What the resets so far show about the length.
#[derive(Clone, Copy, Debug, Default)]
struct Resets {
    latest: f64,
    /// The last distance between two resets that does not fit the length.
    odd: f64,
    /// How often that distance has occurred in a row.
    odd_in_a_row: u8,
    /// How many resets in a row were further ahead of `Date` than a window is long.
    far_in_a_row: u8,
}

impl Times {
    /// Reads the headers of the response to a request that was sent at `sent_at`.
    pub(super) fn read(limit: RateLimit, window: &Window, clock: &Clock, sent_at: f64) -> Self {
        let plausible = |time: Option<UnixTime>| {
            time.map(UnixTime::as_secs)
                .filter(|time| PLAUSIBLE_TIMES.contains(time))
                .map(|time| time as f64)
        };
        let date = plausible(limit.date());
        let sent = clock.at_least(sent_at).filter(|_| clock.is_known());
        let fits = |reset: &f64| {
            let server = date.or(sent);
            let near = server.is_none_or(|server| (reset - server).abs() <= FAR.max(window.length));
            // The reset belongs to the window that counted the request, so it is not long before the sending.
            near && sent.is_none_or(|sent| *reset >= sent - window.length - RESET_LAG)
        };
        Self {
            reset: plausible(limit.reset()).filter(fits),
            date,
        }
    }
}

impl Window {
    pub(super) fn new(length: f64) -> Self {
        Self {
            length,
            phase: 0.0,
            end: None,
            opened_at: f64::NEG_INFINITY,
            extra: 0.0,
            resets: Resets::default(),
        }
    }

    /// How long after the earliest certain turn we turn, in seconds.
    pub(super) fn margin(&self) -> f64 {
        MARGIN.min(self.length * MARGIN_SHARE) + self.extra
    }

    /// The local time from which the next window is certainly open.
    ///
    /// A window that is known to be open ends at most one length later, regardless of the clocks.
    pub(super) fn turn(&self, clock: &Clock) -> Option<f64> {
        let by_clock = clock.certainly(self.end?)?;
        Some(by_clock.min(self.opened_at + self.length) + self.margin())
    }

    /// How much of the current window is left at a local time, as far as known; above 0 and at most its length.
    pub(super) fn left(&self, clock: &Clock, local: f64) -> f64 {
        let least = 0.1_f64.min(self.length);
        match (self.end, clock.at_least(local)) {
            (Some(end), Some(server)) => (end - server).clamp(least, self.length),
            _ => self.length,
        }
    }

    /// The part of the current window that has passed at a local time.
    pub(super) fn elapsed(&self, clock: &Clock, local: f64) -> f64 {
        1.0 - self.left(clock, local) / self.length
    }

    /// The end of the window that counted the request of a response.
    ///
    /// `Reset` may be a few seconds past the end, so it is rounded down. Headers contain whole seconds, so they cannot
    /// identify windows shorter than a second.
    pub(super) fn named_by(&self, times: &Times) -> Option<f64> {
        if self.length < 1.0 {
            return None;
        }
        match (times.reset, times.date) {
            (Some(reset), _) => Some(self.grid(reset + self.rounding())),
            (None, Some(date)) => Some(self.grid(date) + self.length),
            (None, None) => None,
        }
    }

    /// The end of the window that is open when the server's clock shows `server`.
    pub(super) fn end_after(&self, server: f64) -> f64 {
        self.grid(server) + self.length
    }

    /// How many windows have ended by a local time past the turn, at least 1.
    pub(super) fn passed(&self, clock: &Clock, now: f64) -> f64 {
        let (Some(end), Some(server)) = (self.end, clock.at_least(now)) else {
            return 1.0;
        };
        let past = server - self.margin() - end;
        (libm::floor(past / self.length) + 1.0).max(1.0)
    }

    /// Makes the windows turn at `reset`, instead of at multiples of their length.
    pub(super) fn rephase(&mut self, reset: f64) {
        self.phase = reset;
    }

    /// Learns the length from how far ahead resets are and how far apart. Returns whether the length changed.
    pub(super) fn learn(&mut self, times: &Times) -> bool {
        let Some(reset) = times.reset else {
            return false;
        };
        let length = self
            .length_from_distance(reset)
            .or_else(|| self.length_from_date(reset, times.date?));
        if let Some(length) = length {
            self.length = length;
            self.phase = 0.0;
            self.resets.odd_in_a_row = 0;
            self.resets.far_in_a_row = 0;
        }
        length.is_some()
    }

    fn length_from_date(&mut self, reset: f64, date: f64) -> Option<f64> {
        let ahead = self.grid(reset + self.rounding()) - date - RESET_LAG;
        if ahead <= self.length + self.tolerance() {
            self.resets.far_in_a_row = 0;
            return None;
        }
        self.resets.far_in_a_row = self.resets.far_in_a_row.saturating_add(1);
        let known = KNOWN_LENGTHS.into_iter();
        let longer = known.filter(|known| *known >= ahead).reduce(f64::min)?;
        (self.resets.far_in_a_row >= BELIEVED).then_some(longer)
    }

    fn length_from_distance(&mut self, reset: f64) -> Option<f64> {
        let tolerance = self.tolerance();
        let resets = &mut self.resets;
        let distance = reset - resets.latest;
        if distance <= 0.0 {
            return None;
        }
        let first = resets.latest == 0.0;
        resets.latest = reset;
        // Longer distances say nothing: there may have been windows without a request.
        if first || distance.min(self.length - distance) <= tolerance {
            resets.odd_in_a_row = 0;
            return None;
        }
        if distance != resets.odd {
            resets.odd = distance;
            resets.odd_in_a_row = 0;
        }
        resets.odd_in_a_row = resets.odd_in_a_row.saturating_add(1);
        (resets.odd_in_a_row >= BELIEVED).then_some(distance)
    }

    /// The last turn at or before a time.
    fn grid(&self, server: f64) -> f64 {
        libm::floor((server - self.phase) / self.length) * self.length + self.phase
    }

    /// How much to tolerate when resets are compared with the length. Resets are exact for windows of whole seconds. For
    /// other windows, they are rounded at both ends.
    fn tolerance(&self) -> f64 {
        if is_whole(self.length) { 0.5 } else { 1.0 }
    }

    /// What to add to a reset before it is rounded down: resets of windows that end between seconds may be rounded
    /// either way.
    fn rounding(&self) -> f64 {
        if is_whole(self.length) { 0.0 } else { 0.999 }
    }
}

fn is_whole(number: f64) -> bool {
    number == libm::floor(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVER: f64 = 1_700_000_003.0;

    fn times(reset: f64, date: f64) -> Times {
        Times {
            reset: Some(reset),
            date: Some(date),
        }
    }

    #[test]
    fn reset_that_ends_long_before_the_request_is_left_out() {
        let mut clock = Clock::default();
        clock.observe(SERVER, SERVER, 0.0);
        let window = Window::new(10.0);
        let read = |reset: f64| {
            let limit = RateLimit::default().with_reset(UnixTime::from_secs(reset as u64));
            Times::read(limit, &window, &clock, 0.0).reset
        };
        assert_eq!(read(SERVER - 12.0), Some(SERVER - 12.0));
        assert_eq!(read(SERVER - 13.0), None);
    }

    /// Whole resets of windows between seconds are rounded either way.
    #[test]
    fn reset_far_ahead_of_windows_between_seconds_shows_longer_ones() {
        let learnt = |date| {
            let mut window = Window::new(2.5);
            for _ in 0..BELIEVED {
                window.learn(&times(10.0, date));
            }
            window.length
        };
        assert_eq!((learnt(4.0), learnt(3.0)), (2.5, 10.0));
    }
}
