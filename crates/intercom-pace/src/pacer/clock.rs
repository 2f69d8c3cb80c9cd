//! The offset between the server's clock and ours.

/// How fast the clocks may drift apart, in seconds per second.
const DRIFT: f64 = 200e-6;

/// A disagreement of more than this many seconds is a contradiction, not noise.
const TOLERANCE: f64 = 0.5;

/// After this many contradictions in a row, the new offset is believed: a clock was set, or this machine slept.
const BELIEVED: u8 = 3;

/// How much later than its lower bound the server's clock may be, in seconds, if the bound comes from another process.
const HEARSAY: f64 = 3.0;

/// The interval that contains the offset of the server's clock from our monotonic clock.
///
/// `Date` is cut to whole seconds and crosses a network, so one response leaves an uncertainty of more than a second.
/// Each response gives another interval, and the offset lies in all of them. Only the lower bound decides whether a
/// window has turned: the server's clock is certainly past it.
#[derive(Clone, Debug, Default)]
pub(super) struct Clock {
    bounds: Option<Bounds>,
    contradictions: u8,
    /// Whether our clock replaces the server's, because no response contained a time.
    stand_in: bool,
    /// Whether the bounds come from another process.
    hearsay: bool,
}

/// An interval for the offset, valid at the local time `at`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) at: f64,
}

/// What an observation did to the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Learnt {
    /// The clock uses a new interval; earlier ones no longer count.
    Replaced,
    /// The interval became narrower, or the observation is not believed yet.
    Refined,
}

impl Clock {
    /// Whether the server's time is known from a response.
    pub(super) fn is_known(&self) -> bool {
        self.bounds.is_some() && !self.stand_in
    }

    /// The bounds now, widened by the drift since the last response.
    pub(super) fn bounds(&self, now: f64) -> Option<Bounds> {
        let Bounds { low, high, at } = self.bounds?;
        let drift = DRIFT * (now - at).max(0.0);
        Some(Bounds {
            low: low - drift,
            high: high + drift,
            at: now,
        })
    }

    /// The least that the server's clock can show at a local time, as of the last response.
    pub(super) fn at_least(&self, local: f64) -> Option<f64> {
        Some(local + self.bounds?.low)
    }

    /// The local time by which the server's clock has certainly reached `server`.
    pub(super) fn certainly(&self, server: f64) -> Option<f64> {
        let Bounds { low, at, .. } = self.bounds?;
        let local = server - low;
        Some(local + DRIFT * (local - at).max(0.0))
    }

    /// Learns from a response received at `now` that the offset lies between `low` and `high`.
    pub(super) fn observe(&mut self, low: f64, high: f64, now: f64) -> Learnt {
        let fresh = Bounds { low, high, at: now };
        let Some(known) = self.bounds(now).filter(|_| !self.stand_in) else {
            return self.restart(fresh);
        };
        if low > known.high + TOLERANCE || high < known.low - TOLERANCE {
            self.contradictions = self.contradictions.saturating_add(1);
            if self.contradictions >= BELIEVED || self.hearsay {
                return self.restart(fresh);
            }
            return Learnt::Refined;
        }
        self.contradictions = 0;
        self.hearsay = false;
        let (mut low, mut high) = (known.low.max(low), known.high.min(high));
        if low > high {
            low = f64::midpoint(low, high);
            high = low;
        }
        self.bounds = Some(Bounds { low, high, at: now });
        Learnt::Refined
    }

    /// Believes another process that the offset is at least `low`, until a response shows more.
    pub(super) fn hear(&mut self, low: f64, now: f64) {
        let high = low + HEARSAY;
        self.restart(Bounds { low, high, at: now });
        self.hearsay = true;
    }

    /// Whether a response has shown the server's time to this process.
    pub(super) fn is_seen(&self) -> bool {
        self.is_known() && !self.hearsay
    }

    /// Uses our clock in place of the server's: windows of unknown phase can still be counted by their length.
    pub(super) fn stand_in(&mut self, now: f64) {
        if self.bounds.is_none() {
            self.stand_in = true;
            self.bounds = Some(Bounds {
                low: 0.0,
                high: 0.0,
                at: now,
            });
        }
    }

    /// Whether our clock replaces the server's.
    pub(super) fn is_stand_in(&self) -> bool {
        self.stand_in
    }

    fn restart(&mut self, bounds: Bounds) -> Learnt {
        *self = Self {
            bounds: Some(bounds),
            contradictions: 0,
            stand_in: false,
            hearsay: false,
        };
        Learnt::Replaced
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn low(clock: &Clock, now: f64) -> f64 {
        clock.bounds(now).map_or(f64::NAN, |bounds| bounds.low)
    }

    #[test]
    fn bounds_are_the_intersection_of_all_observations() {
        let mut clock = Clock::default();
        assert_eq!(clock.observe(99.0, 100.2, 1.0), Learnt::Replaced);
        clock.observe(98.5, 100.1, 1.0);
        clock.observe(99.6, 100.7, 1.0);
        let bounds = clock.bounds(1.0).unwrap();
        assert_eq!((bounds.low, bounds.high), (99.6, 100.1));
    }

    #[test]
    fn drift_widens_the_bounds_between_observations() {
        let mut clock = Clock::default();
        clock.observe(99.0, 100.0, 0.0);
        let bounds = clock.bounds(1000.0).unwrap();
        assert!((bounds.low - 98.8).abs() < 1e-9 && (bounds.high - 100.2).abs() < 1e-9);
        assert!(clock.certainly(100.0).unwrap() > 1.0);
    }

    #[test]
    fn three_contradictions_in_a_row_move_the_clock_and_fewer_do_not() {
        let mut clock = Clock::default();
        clock.observe(99.0, 100.0, 0.0);
        clock.observe(200.0, 201.0, 0.0);
        clock.observe(200.0, 201.0, 0.0);
        assert_eq!(low(&clock, 0.0), 99.0);
        clock.observe(99.1, 100.0, 0.0);
        for _ in 0..2 {
            assert_eq!(clock.observe(200.0, 201.0, 0.0), Learnt::Refined);
        }
        assert_eq!(clock.observe(200.0, 201.0, 0.0), Learnt::Replaced);
        assert_eq!(low(&clock, 0.0), 200.0);
    }

    #[test]
    fn half_a_second_does_not_contradict() {
        for (low, high, middle) in [(100.5, 101.0, 100.25), (98.0, 98.5, 98.75)] {
            let mut clock = Clock::default();
            clock.observe(99.0, 100.0, 0.0);
            clock.observe(low, high, 0.0);
            let bounds = clock.bounds(0.0).unwrap();
            assert_eq!((bounds.low, bounds.high), (middle, middle));
        }
    }

    #[test]
    fn first_server_time_replaces_the_stand_in() {
        let mut clock = Clock::default();
        clock.stand_in(5.0);
        assert!(clock.is_stand_in() && !clock.is_known());
        assert_eq!(clock.observe(99.0, 100.0, 6.0), Learnt::Replaced);
        assert!(clock.is_known());
    }
}
