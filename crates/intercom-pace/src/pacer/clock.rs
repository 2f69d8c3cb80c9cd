//! The server's clock against ours.

/// How far apart clocks may drift: seconds a second.
const DRIFT: f64 = 200e-6;

/// Disagreement of more than this many seconds is a contradiction, not noise.
const TOLERANCE: f64 = 0.5;

/// So many contradictions in a row are believed: the clock was set, or this machine slept.
const BELIEVED: u8 = 3;

/// The offset of the server's clock from our monotonic one, as the interval it must lie in.
///
/// `Date` is cut to whole seconds and crosses a network, so one answer leaves more than a second of doubt. Every
/// answer is another interval, and the offset lies in all of them. Whether a window has turned is asked of the lower
/// bound alone: the server's clock shows at least that much.
#[derive(Clone, Debug, Default)]
pub(super) struct Clock {
    bounds: Option<Bounds>,
    contradictions: u8,
    /// The server told no time at all, so ours stands in for its.
    stand_in: bool,
}

/// An interval for the offset, as it was at a local time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) at: f64,
}

/// What an observation did to the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Learnt {
    /// The first interval, or a new one in place of what was believed before.
    Anew,
    /// It agrees, or it is not believed yet.
    Refined,
}

impl Clock {
    /// Whether the server has told its time.
    pub(super) fn is_known(&self) -> bool {
        self.bounds.is_some() && !self.stand_in
    }

    /// The bounds as they are now: drift has widened them since the last answer.
    pub(super) fn bounds(&self, now: f64) -> Option<Bounds> {
        let Bounds { low, high, at } = self.bounds?;
        let drift = DRIFT * (now - at).max(0.0);
        Some(Bounds {
            low: low - drift,
            high: high + drift,
            at: now,
        })
    }

    /// What the server's clock shows at least at a local time, to the precision of the last answer.
    pub(super) fn at_least(&self, local: f64) -> Option<f64> {
        Some(local + self.bounds?.low)
    }

    /// The local time by which the server's clock has certainly reached `server`.
    pub(super) fn certainly(&self, server: f64) -> Option<f64> {
        let Bounds { low, at, .. } = self.bounds?;
        let local = server - low;
        Some(local + DRIFT * (local - at).max(0.0))
    }

    /// Takes in that the offset lies between `low` and `high`, by an answer of `now`.
    pub(super) fn observe(&mut self, low: f64, high: f64, now: f64) -> Learnt {
        let fresh = Bounds { low, high, at: now };
        let Some(known) = self.bounds(now).filter(|_| !self.stand_in) else {
            return self.restart(fresh);
        };
        if low > known.high + TOLERANCE || high < known.low - TOLERANCE {
            self.contradictions = self.contradictions.saturating_add(1);
            if self.contradictions >= BELIEVED {
                return self.restart(fresh);
            }
            return Learnt::Refined;
        }
        self.contradictions = 0;
        let (mut low, mut high) = (known.low.max(low), known.high.min(high));
        if low > high {
            low = f64::midpoint(low, high);
            high = low;
        }
        self.bounds = Some(Bounds { low, high, at: now });
        Learnt::Refined
    }

    /// Lets our own clock stand in: windows of unknown phase can still be counted by length.
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

    /// Whether our own clock stands in for the server's.
    pub(super) fn is_stand_in(&self) -> bool {
        self.stand_in
    }

    fn restart(&mut self, bounds: Bounds) -> Learnt {
        *self = Self {
            bounds: Some(bounds),
            contradictions: 0,
            stand_in: false,
        };
        Learnt::Anew
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn low(clock: &Clock, now: f64) -> f64 {
        clock.bounds(now).map_or(f64::NAN, |bounds| bounds.low)
    }

    #[test]
    fn bounds_are_the_intersection_of_all_answers() {
        let mut clock = Clock::default();
        assert_eq!(clock.observe(99.0, 100.2, 1.0), Learnt::Anew);
        clock.observe(98.5, 100.1, 1.0);
        clock.observe(99.6, 100.7, 1.0);
        let bounds = clock.bounds(1.0).unwrap();
        assert_eq!((bounds.low, bounds.high), (99.6, 100.1));
    }

    #[test]
    fn drift_widens_the_bounds_while_nobody_answers() {
        let mut clock = Clock::default();
        clock.observe(99.0, 100.0, 0.0);
        let bounds = clock.bounds(1000.0).unwrap();
        assert!((bounds.low - 98.8).abs() < 1e-9 && (bounds.high - 100.2).abs() < 1e-9);
        assert!(clock.certainly(100.0).unwrap() > 1.0);
    }

    #[test]
    fn one_wrong_front_end_does_not_move_the_clock_but_three_answers_do() {
        let mut clock = Clock::default();
        clock.observe(99.0, 100.0, 0.0);
        clock.observe(200.0, 201.0, 0.0);
        clock.observe(200.0, 201.0, 0.0);
        assert_eq!(low(&clock, 0.0), 99.0);
        clock.observe(99.1, 100.0, 0.0);
        for _ in 0..2 {
            assert_eq!(clock.observe(200.0, 201.0, 0.0), Learnt::Refined);
        }
        assert_eq!(clock.observe(200.0, 201.0, 0.0), Learnt::Anew);
        assert_eq!(low(&clock, 0.0), 200.0);
    }

    #[test]
    fn the_servers_time_replaces_the_stand_in_at_once() {
        let mut clock = Clock::default();
        clock.stand_in(5.0);
        assert!(clock.is_stand_in() && !clock.is_known());
        assert_eq!(clock.observe(99.0, 100.0, 6.0), Learnt::Anew);
        assert!(clock.is_known());
    }
}
