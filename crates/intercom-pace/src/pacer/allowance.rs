//! What may go now, and when to ask again.

use core::time::Duration;

use super::Pacer;

/// The rate at which the end of a window that is about to end unused is spent, as a factor on the even rate.
const MOST_SPREAD: f64 = 8.0;

/// Before any answer: one permit, and one more for each silent second, up to this many more.
const COLD_EXTRA: f64 = 8.0;

/// After a turn and before its first answer: one permit, and one more after each silence of this many seconds.
const PROBE_SILENCE: f64 = 0.5;

/// While only an answer under way can change anything, whoever cannot be woken by it asks this often, in seconds.
const POLL: f64 = 0.02;

/// The shortest and the longest wait for a token, in seconds.
const TOKEN_WAIT: (f64, f64) = (0.0005, 0.5);

impl Pacer {
    /// What a window allows, whoever told; `None` before anybody did.
    pub(super) fn allowed(&self) -> Option<f64> {
        match &self.headerless {
            Some(headerless) => Some(headerless.limit),
            None => self.ledger.allowed(),
        }
    }

    /// Whether headers tell the quota, so that tokens are counted.
    pub(super) fn told(&self) -> bool {
        self.ledger.limit.is_some() && self.headerless.is_none()
    }

    /// Whether nobody else is to be seen.
    pub(super) fn alone(&self) -> bool {
        self.gain.is_alone() && self.ledger.others() <= self.ledger.counting.quiet()
    }

    /// How many may go at once.
    pub(super) fn burst(&self) -> f64 {
        match self.ledger.allowed() {
            None => 1.0,
            Some(allowed) if self.alone() => (allowed / 16.0).max(8.0),
            Some(allowed) => (allowed * self.gain.own / 32.0).max(1.0),
        }
    }

    /// Permits a second.
    pub(super) fn rate(&self, now: f64) -> f64 {
        let allowed = self.ledger.allowed().unwrap_or(1.0);
        let even = allowed / self.window.length;
        let most = even * MOST_SPREAD.max(self.spread_factor);
        let slots = self.slots(now).max(0.25);
        let left = self.window.left(&self.clock, now).max(0.3);
        if self.alone() {
            let in_time = slots / (left - 0.3).max(0.3);
            return in_time.min(most).max(self.spread_factor * even);
        }
        let elapsed = self.window.elapsed(&self.clock, self.ledger.used_at);
        let share = self
            .gain
            .share(allowed, self.ledger.others(), allowed * elapsed);
        (share * slots / (left - 0.2).max(0.3)).min(most)
    }

    /// How many permits may be given right now; less than 1 for none.
    pub(super) fn permitted(&self, now: f64) -> f64 {
        let in_flight = f64::from(self.ledger.in_flight);
        if let Some(headerless) = &self.headerless {
            return if self.ledger.exhausted {
                0.0
            } else {
                headerless.allowed(self.ledger.own) - in_flight
            };
        }
        if self.ledger.limit.is_none() {
            return self.cold_probes(now);
        }
        self.slots(now)
            .min(self.probes(now))
            .min(self.bucket.tokens())
    }

    /// How long whoever was not let go waits, unless an answer comes before.
    pub(super) fn wait(&self, now: f64) -> Duration {
        let turn = self.window.turn(&self.clock);
        let until = match turn {
            Some(turn) => self.next_chance(now, turn).min(turn),
            None => now + POLL,
        };
        // Rounded up: a wait that is a hair too short would only be asked for again.
        Duration::try_from_secs_f64((until - now).max(0.0))
            .unwrap_or(Duration::from_secs(1))
            .saturating_add(Duration::from_micros(1))
    }

    /// When, at the earliest, something changes.
    fn next_chance(&self, now: f64, turn: f64) -> f64 {
        let waits_for_answer = self.ledger.in_flight > 0;
        if self.ledger.exhausted {
            return turn;
        }
        if !self.told() || self.probes(now) < 1.0 {
            let silence = PROBE_SILENCE * f64::from(self.ledger.probes_out());
            return match (waits_for_answer, self.told()) {
                (true, _) => now + POLL,
                (false, true) => self.ledger.first_given_at + silence,
                (false, false) => turn,
            };
        }
        if self.slots(now) < 1.0 {
            // With nothing on the wire, what is left can only shrink until the turn.
            return if waits_for_answer { now + POLL } else { turn };
        }
        let (shortest, longest) = TOKEN_WAIT;
        let missing = 1.0 - self.bucket.tokens();
        now + (missing / self.rate(now)).clamp(shortest, longest)
    }

    /// How many more the window has room for, those on the wire taken off.
    fn slots(&self, now: f64) -> f64 {
        if self.ledger.exhausted {
            return 0.0;
        }
        let shrink = if self.alone() || !self.ledger.answered {
            1.0
        } else {
            let told = self.window.left(&self.clock, self.ledger.used_at);
            self.gain.shrink(self.window.left(&self.clock, now), told)
        };
        self.ledger.left() * shrink - f64::from(self.ledger.in_flight)
    }

    /// How many more may go before the very first answer.
    fn cold_probes(&self, now: f64) -> f64 {
        let in_flight = f64::from(self.ledger.in_flight);
        let silent = if in_flight > 0.0 {
            libm::floor(now - self.cold_at).clamp(0.0, COLD_EXTRA)
        } else {
            0.0
        };
        1.0 + silent - in_flight
    }

    /// How many more may go before the window's first answer; no bound after it.
    fn probes(&self, now: f64) -> f64 {
        if self.ledger.answered {
            return f64::INFINITY;
        }
        let out = self.ledger.probes_out();
        let silent = if out > 0 {
            libm::floor((now - self.ledger.first_given_at) / PROBE_SILENCE)
        } else {
            0.0
        };
        1.0 + silent - f64::from(out)
    }
}
