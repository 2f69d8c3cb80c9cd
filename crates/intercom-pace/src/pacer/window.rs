//! The server's windows: how long they are, when the present one ends, and when that is certain here.

use intercom_errors::{RateLimit, UnixTime};

use super::clock::Clock;

/// Seconds past the earliest certain turn, for windows of ten seconds: the machine that stamps `Date` and the one
/// that counts may disagree.
const MARGIN: f64 = 0.25;

/// The margin never exceeds this part of a window.
const MARGIN_SHARE: f64 = 0.025;

/// `Reset` has been seen 2 s behind the window's true end, and `Date` may be written by a clock that is behind.
const RESET_LAG: f64 = 2.5;

/// A reset further off than this, in seconds, is no reset.
const FAR: f64 = 70.0;

/// Lengths that Intercom's windows have had, in seconds.
const KNOWN_LENGTHS: [f64; 2] = [10.0, 60.0];

/// Contradictions in a row before another length is believed.
const BELIEVED: u8 = 2;

/// Unix seconds of 1973 and 5138: what lies outside is no time in seconds.
const PLAUSIBLE_TIMES: core::ops::Range<u64> = 100_000_000..100_000_000_000;

/// The windows of the server.
#[derive(Clone, Debug)]
pub(super) struct Window {
    pub(super) length: f64,
    /// Where windows begin, modulo their length.
    phase: f64,
    /// When the present window ends, on the server's clock.
    pub(super) end: Option<f64>,
    /// The local time since which the present window is known to be open.
    pub(super) opened_at: f64,
    /// What wrong turns have added to the margin.
    pub(super) extra: f64,
    resets: Resets,
}

/// What an answer's headers say about time, in seconds of the server's clock; garbage left out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    pub(super) reset: Option<f64>,
    pub(super) date: Option<f64>,
}

/// What the resets seen so far say about the length.
#[derive(Clone, Copy, Debug, Default)]
struct Resets {
    latest: f64,
    /// The last distance between two of them that does not fit the length, and how often it was met in a row.
    odd: f64,
    odd_in_a_row: u8,
    /// How many in a row were further ahead of `Date` than a window is long.
    far_in_a_row: u8,
}

impl Times {
    /// Reads the headers of an answer to a request of `sent_at`.
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
            // It names the window that counted the request, which did not end long before it was sent.
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

    /// Added to every turn, in seconds.
    pub(super) fn margin(&self) -> f64 {
        MARGIN.min(self.length * MARGIN_SHARE) + self.extra
    }

    /// The local time from which the next window is certainly open.
    ///
    /// A window that is known to be open ends at most its length later, whatever clocks say.
    pub(super) fn turn(&self, clock: &Clock) -> Option<f64> {
        let by_clock = clock.certainly(self.end?)?;
        Some(by_clock.min(self.opened_at + self.length) + self.margin())
    }

    /// How long the present window lasts from a local time, as far as known; within (0, length].
    pub(super) fn left(&self, clock: &Clock, local: f64) -> f64 {
        let least = 0.1_f64.min(self.length);
        match (self.end, clock.at_least(local)) {
            (Some(end), Some(server)) => (end - server).clamp(least, self.length),
            _ => self.length,
        }
    }

    /// The part of the present window that has passed at a local time.
    pub(super) fn elapsed(&self, clock: &Clock, local: f64) -> f64 {
        1.0 - self.left(clock, local) / self.length
    }

    /// The end of the window that an answer counts in.
    ///
    /// `Reset` may lie up to a few seconds past the end, so it is rounded down. Headers count whole seconds: they
    /// cannot tell windows of less apart.
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

    /// How many windows further the present one is at a local time past its turn, at least 1.
    pub(super) fn passed(&self, clock: &Clock, now: f64) -> f64 {
        let (Some(end), Some(server)) = (self.end, clock.at_least(now)) else {
            return 1.0;
        };
        let past = server - self.margin() - end;
        (libm::floor(past / self.length) + 1.0).max(1.0)
    }

    /// Lets the windows turn where `reset` says, instead of at multiples of their length.
    pub(super) fn rephase(&mut self, reset: f64) {
        self.phase = reset - libm::floor(reset / self.length) * self.length;
    }

    /// Learns the length from how far off resets lie and how far apart; true if it is another one now.
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
        let over = distance - libm::floor(distance / self.length) * self.length;
        if first || over.min(self.length - over) <= tolerance {
            resets.odd_in_a_row = 0;
            return None;
        }
        if distance != resets.odd {
            resets.odd = distance;
            resets.odd_in_a_row = 0;
        }
        resets.odd_in_a_row = resets.odd_in_a_row.saturating_add(1);
        let believed = resets.odd_in_a_row >= BELIEVED && distance < self.length;
        believed.then_some(distance)
    }

    /// The last turn at or before a time.
    fn grid(&self, server: f64) -> f64 {
        libm::floor((server - self.phase) / self.length) * self.length + self.phase
    }

    /// Windows of whole seconds have resets exactly so far apart; others are rounded at both ends.
    fn tolerance(&self) -> f64 {
        if is_whole(self.length) { 0.5 } else { 1.0 }
    }

    /// Windows that do not end at whole seconds have resets rounded to them, up or down.
    fn rounding(&self) -> f64 {
        if is_whole(self.length) { 0.0 } else { 0.999 }
    }
}

fn is_whole(number: f64) -> bool {
    number == libm::floor(number)
}
