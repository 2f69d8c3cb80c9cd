//! The turn of a window: the old one is judged, the new one opened.

use super::Pacer;
use super::gain::Closing;
use super::headerless::Headerless;

/// What a window without refusals leaves of the addition to the margin.
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

    /// Judges the window that closes and opens the one that ends at `end`, `turns` later.
    pub(super) fn open(&mut self, end: f64, full: bool, turns: f64, now: f64, roll: f64) {
        if self.told() && self.alone() {
            self.bucket.refill(self.rate(now), self.burst(), now);
        }
        self.judge();
        self.ledger.forget_doubtful(turns);
        self.ledger.turn(full, now);
        self.window.end = Some(end);
        self.window.opened_at = now;
        if !self.alone() {
            // Chance keeps processes that see the same turn from going together.
            let tokens = if self.gain.starved { 1.0 } else { roll };
            self.bucket.reset(tokens, now);
        }
    }

    fn judge(&mut self) {
        if let Some(allowed) = self.ledger.allowed() {
            if self.ledger.answered {
                self.judge_told(allowed);
            } else {
                self.gain.recover();
            }
        }
        if self.ledger.limit.is_some() && self.ledger.forget_untold_limit() {
            self.headerless = Some(Headerless::default());
        }
        if self.ledger.refused == 0 {
            self.window.extra *= EXTRA_LEFT;
            if let Some(headerless) = &mut self.headerless {
                headerless.clean(self.ledger.own);
            }
        }
        self.gain.starved = self.ledger.refused > 0 && self.ledger.own == 0.0;
    }

    fn judge_told(&mut self, allowed: f64) {
        let others = self.ledger.others_at_close();
        self.gain.judge(&Closing {
            allowed,
            used: self.ledger.used,
            used_after: self.window.elapsed(&self.clock, self.ledger.used_at),
            others,
            quiet: self.ledger.counting.quiet(),
            refused_after: (self.ledger.refused > 0).then_some(self.ledger.refused_after),
        });
        if self.ledger.infer_counting(others) {
            self.gain.reset();
        }
        self.ledger.regain_hidden();
    }

    /// Before any window is known, requests of unknown fate are let go by our own clock.
    fn turn_cold(&mut self, now: f64) {
        let turns = libm::floor((now - self.cold_turn) / self.window.length);
        if turns >= 1.0 {
            self.ledger.forget_doubtful(turns);
            self.cold_turn = now;
        }
    }
}
