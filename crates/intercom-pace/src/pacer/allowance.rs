//! How many requests may go now, and when to ask again.

use core::time::Duration;

use super::Pacer;

/// The highest rate at which the rest of a nearly unused window is spent, as a factor on the even rate.
const MOST_SPREAD: f64 = 8.0;

/// While nothing is known about the quota: one more permit for each second without a response, up to this many more.
const COLD_EXTRA: f64 = 8.0;

/// Before the first response of a window: one permit, and one more each time this many seconds pass without a response.
const PROBE_SILENCE: f64 = 0.5;

/// How often, in seconds, a waiter that responses cannot wake asks again while only a response can change the decision.
const POLL: f64 = 0.02;

/// The shortest and the longest wait for a token, in seconds.
const TOKEN_WAIT: (f64, f64) = (0.0005, 0.5);

impl Pacer {
    /// What a window allows, known from headers or from refusals; `None` while neither is known.
    pub(super) fn allowed(&self) -> Option<f64> {
        match &self.headerless {
            Some(headerless) => Some(headerless.limit),
            None => self.counts.allowed(),
        }
    }

    /// Whether headers report the quota, so that the bucket's tokens count.
    pub(super) fn quota_is_reported(&self) -> bool {
        self.counts.limit.is_some() && self.headerless.is_none()
    }

    /// Whether no other client seems to use the quota.
    pub(super) fn alone(&self) -> bool {
        self.leasing.lease.is_some()
            || self.gain.is_alone() && self.counts.others() <= self.counts.counting.tolerance()
    }

    /// How many requests may go at once.
    pub(super) fn burst(&self) -> f64 {
        if let Some(burst) = self.leased_burst() {
            return burst;
        }
        match self.counts.allowed() {
            None => 1.0,
            Some(allowed) if self.alone() => (allowed / 16.0).max(8.0),
            Some(allowed) => (allowed * self.gain.own / 32.0).max(1.0),
        }
    }

    /// Permits per second.
    pub(super) fn rate(&self, now: f64) -> f64 {
        let slots = self.slots(now).max(0.25);
        let left = self.window.left(&self.clock, now).max(0.3);
        if let Some(rate) = self.leased_rate(slots, left) {
            return rate;
        }
        let allowed = self.counts.allowed().unwrap_or(1.0);
        let even = allowed / self.window.length;
        let most = even * MOST_SPREAD.max(self.spread_factor);
        if self.alone() {
            let in_time = slots / (left - 0.3).max(0.3);
            return in_time.min(most).max(self.spread_factor * even);
        }
        let elapsed = self.window.elapsed(&self.clock, self.counts.used_at);
        let share = self
            .gain
            .share(allowed, self.counts.others(), allowed * elapsed);
        (share * slots / (left - 0.2).max(0.3)).min(most)
    }

    /// How many permits may be given right now; below 1 means none.
    pub(super) fn permitted(&self, now: f64) -> f64 {
        if self.pause.until(now).is_some() {
            return 0.0;
        }
        let in_flight = f64::from(self.counts.in_flight);
        if let Some(headerless) = &self.headerless {
            return if self.counts.exhausted {
                0.0
            } else {
                // Seconds in which no call asked are silent too, but they must allow no burst.
                let is_early = now - self.gave_at < 1.0;
                let extra = if is_early {
                    0.0
                } else {
                    self.extra_probes(now)
                };
                headerless.allowed(self.counts.own, extra) - in_flight
            };
        }
        if self.counts.limit.is_none() {
            return 1.0 + self.extra_probes(now) - in_flight;
        }
        self.slots(now)
            .min(self.probes(now))
            .min(self.bucket.tokens())
    }

    /// How long a request that was not admitted waits, unless a response arrives earlier.
    pub(super) fn wait(&self, now: f64) -> Duration {
        let turn = self.window.turn(&self.clock);
        let until = match (self.pause.until(now), turn) {
            (Some(end), turn) => turn.map_or(end, |turn| end.min(turn)),
            (None, Some(turn)) => self.next_chance(now, turn).min(turn),
            (None, None) => now + POLL,
        };
        // Rounded up: after a wait that is slightly too short, the caller would have to ask and wait again.
        Duration::try_from_secs_f64((until - now).max(0.0))
            .unwrap_or(Duration::from_secs(1))
            .saturating_add(Duration::from_micros(1))
    }

    /// The earliest time at which the decision can change.
    fn next_chance(&self, now: f64, turn: f64) -> f64 {
        let waits_for_response = self.counts.in_flight > 0;
        if self.counts.exhausted {
            return turn;
        }
        if !self.quota_is_reported() || self.probes(now) < 1.0 {
            let silence = PROBE_SILENCE * f64::from(self.counts.probes_out());
            return match (waits_for_response, self.quota_is_reported()) {
                (true, _) => now + POLL,
                (false, true) => self.counts.silent_since + silence,
                (false, false) => turn,
            };
        }
        if self.slots(now) < 1.0 {
            // With nothing in flight, the remaining quota can only shrink until the turn.
            return if waits_for_response { now + POLL } else { turn };
        }
        let (shortest, longest) = TOKEN_WAIT;
        let missing = 1.0 - self.bucket.tokens();
        now + (missing / self.rate(now)).clamp(shortest, longest)
    }

    /// How many more requests fit into the window, after those in flight.
    fn slots(&self, now: f64) -> f64 {
        if self.counts.exhausted {
            return 0.0;
        }
        if let Some(slots) = self.leased_slots(now) {
            return slots;
        }
        let shrink = if self.alone() || !self.counts.answered {
            1.0
        } else {
            let left_at_report = self.window.left(&self.clock, self.counts.used_at);
            self.gain
                .shrink(self.window.left(&self.clock, now), left_at_report)
        };
        self.counts.left() * shrink - f64::from(self.counts.in_flight)
    }

    /// While nothing is known about the quota, one more request may be in flight for each second without a response.
    fn extra_probes(&self, now: f64) -> f64 {
        if self.counts.in_flight == 0 {
            return 0.0;
        }
        libm::floor(now - self.cold_at).clamp(0.0, COLD_EXTRA)
    }

    /// How many more requests may go before the window's first response; unlimited after it.
    fn probes(&self, now: f64) -> f64 {
        if self.counts.answered {
            return f64::INFINITY;
        }
        let silent = libm::floor((now - self.counts.silent_since) / PROBE_SILENCE);
        1.0 + silent - f64::from(self.counts.probes_out())
    }
}
