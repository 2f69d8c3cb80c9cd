//! The turn of a window: the pacer learns from the old window and opens the new one.

use super::Pacer;
use super::gain::Closing;
use super::headerless::Headerless;

/// The part of the addition to the margin that remains after a window without refusals.
const EXTRA_LEFT: f64 = 0.97;

impl Pacer {
    /// Turns the window if the server has certainly turned it.
    pub(super) fn turn_if_due(&mut self, now: f64, roll: f64) {
        let (Some(end), Some(turn)) = (self.window.end, self.window.turn(&self.clock)) else {
            return self.turn_cold(now);
        };
        if now >= turn {
            let turns = self.window.passed(&self.clock, now);
            self.open(end + turns * self.window.length, true, turns, now, roll);
        }
    }

    /// Learns from the window that closes, and opens the one that ends at `end`, `turns` windows later.
    pub(super) fn open(&mut self, end: f64, full: bool, turns: f64, now: f64, roll: f64) {
        if self.quota_is_reported() && self.alone() {
            self.bucket.refill(self.rate(now), self.burst(), now);
        }
        self.learn_from_window();
        self.turn_lease(end, turns, roll);
        match self.window.end {
            Some(_) => self.counts.release_abandoned(turns),
            // The window may have opened before the requests were abandoned.
            None => self.counts.hold_abandoned(),
        }
        self.counts.turn(full, now);
        self.window.end = Some(end);
        self.window.opened_at = now;
        if !self.alone() || self.leasing.lease.is_some() {
            // Random tokens keep processes that see the same turn from sending at the same time.
            let starved = self.gain.starved && self.leasing.lease.is_none();
            let tokens = if starved { 1.0 } else { roll };
            self.bucket.reset(tokens, now);
        }
    }

    fn learn_from_window(&mut self) {
        if let Some(allowed) = self.counts.allowed() {
            if self.counts.answered {
                self.learn_from_counts(allowed);
            } else {
                self.gain.recover();
            }
        }
        if self.counts.limit.is_some() && self.counts.forget_unreported_limit() {
            self.headerless = Some(Headerless::default());
        }
        if self.counts.refused == 0 {
            self.window.extra *= EXTRA_LEFT;
            if let Some(headerless) = &mut self.headerless {
                headerless.clean(self.counts.own);
            }
        }
        self.gain.starved = self.counts.refused > 0 && self.counts.own == 0.0;
    }

    fn learn_from_counts(&mut self, allowed: f64) {
        if self.leasing.lease.is_some() {
            // Consumption by others says nothing about the lease.
            return self.counts.regain_hidden();
        }
        let others = self.counts.others_at_close();
        self.gain.learn(&Closing {
            allowed,
            used: self.counts.used,
            used_after: self.window.elapsed(&self.clock, self.counts.used_at),
            others,
            tolerance: self.counts.counting.tolerance(),
            refused_after: (self.counts.refused > 0).then_some(self.counts.refused_after),
        });
        if self.counts.infer_counting(others) {
            self.gain.reset();
        }
        self.counts.regain_hidden();
    }

    /// Releases abandoned requests by our own clock, before any window is known.
    fn turn_cold(&mut self, now: f64) {
        let turns = libm::floor((now - self.cold_turn) / self.window.length);
        if turns >= 1.0 {
            self.counts.release_abandoned(turns);
            self.cold_turn = now;
        }
    }
}
