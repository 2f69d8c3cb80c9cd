//! What the pacer learns from a response: the server's clock, the window that counted the request, and the quota left.

use super::Pacer;
use super::clock::Learnt;
use super::headerless::Headerless;
use super::window::Times;
use crate::seam::Answer;

/// Added to the margin when the server counted a request in the window that we had already left, in seconds for a
/// ten-second window.
const WRONG_TURN: f64 = 0.15;

/// The most that wrong turns add to the margin, in seconds for a ten-second window.
const MOST_EXTRA: f64 = 2.0;

/// A turn that is early by more than this many seconds means that the windows have another phase; no margin helps. The members
/// of a fleet must agree on the phase, so one of them needs more evidence.
const OTHER_PHASE: f64 = 0.4;
const OTHER_PHASE_OF_FLEET: f64 = 1.3;

impl Pacer {
    /// Learns from the response to a request that was sent at `sent_at`.
    pub(super) fn take_in(&mut self, sent_at: f64, answer: &Answer, now: f64, roll: f64) {
        let times = Times::read(answer.rate_limit(), &self.window, &self.clock, sent_at);
        self.learn_length(&times, now);
        self.learn_clock(&times, sent_at, now);
        let refused = answer.is_window_refusal();
        let named = match self.window.named_by(&times) {
            Some(named) => self.find_window(named, &times, sent_at, refused, now, roll),
            None => self.current_window(now, roll),
        };
        if self.window.end == Some(named) {
            self.book(answer, sent_at, now, roll);
        }
    }

    fn learn_length(&mut self, times: &Times, now: f64) {
        let believed = self.window.length;
        if !self.window.learn(times) {
            return;
        }
        self.gain.reset();
        if self.window.length < believed {
            // The counts so far cover several windows.
            self.window.end = None;
        } else if self.window.end.is_some() {
            // The counts so far belong to the beginning of this window.
            self.window.end = self.window.named_by(times);
            self.window.opened_at = now;
        }
    }

    /// Narrows the clock's bounds. The server wrote `Date`, cut to whole seconds, between our sending and our receiving.
    /// Without `Date`, the window that the response names was open at some time between the two.
    fn learn_clock(&mut self, times: &Times, sent_at: f64, now: f64) {
        let named = self.window.named_by(times);
        let learnt = match (times.date, named) {
            (Some(date), _) => self.clock.observe(date - now, date + 1.0 - sent_at, now),
            (None, Some(end)) => {
                let begin = end - self.window.length;
                self.clock.observe(begin - now, end - sent_at, now)
            }
            (None, None) => return,
        };
        if learnt == Learnt::Replaced && named != self.window.end {
            // The current window was derived from the old clock.
            self.window.end = None;
        }
    }

    /// Follows the server into the window that the response names, or back into one that was left too early. Returns
    /// the end of the window that the response counts in.
    fn find_window(
        &mut self,
        named: f64,
        times: &Times,
        sent_at: f64,
        refused: bool,
        now: f64,
        roll: f64,
    ) -> f64 {
        let Some(end) = self.window.end else {
            self.open(named, false, 1.0, now, roll);
            return named;
        };
        let turns = libm::round((named - end) / self.window.length);
        if turns >= 1.0 {
            self.open(named, true, turns, now, roll);
        } else if turns == -1.0 && self.entered_after(sent_at, named) {
            if let Some(reset) = times.reset {
                return self.turn_back(named, reset, sent_at, refused);
            }
        } else if turns == 0.0 {
            // The same window, up to rounding.
            return end;
        }
        named
    }

    /// The window that counts a response without times: the one that is open now.
    fn current_window(&mut self, now: f64, roll: f64) -> f64 {
        if let Some(end) = self.window.end {
            return end;
        }
        let end = match self.clock.at_least(now) {
            Some(server) => self.window.end_after(server),
            None => {
                self.clock.stand_in(now);
                now + self.window.length
            }
        };
        self.open(end, false, 1.0, now, roll);
        end
    }

    /// Whether a request was sent after we had entered the current window, although the server counted the request in the
    /// window that ended at `named`.
    fn entered_after(&self, sent_at: f64, named: f64) -> bool {
        let opened_at = self.window.opened_at;
        let since = self.clock.at_least(sent_at).map(|server| server - named);
        self.clock.is_known()
            && sent_at >= opened_at
            && sent_at < opened_at + self.window.length
            && since.is_some_and(|late| late > 0.0)
    }

    /// Goes back into the window that was left too early, and turns later from now on. Returns the window's end.
    fn turn_back(&mut self, named: f64, reset: f64, sent_at: f64, refused: bool) -> f64 {
        let scale = (self.window.length / 10.0).min(1.0);
        let late = self.clock.at_least(sent_at).unwrap_or(named) - named;
        let early = match self.lease() {
            Some(_) => OTHER_PHASE_OF_FLEET,
            None => OTHER_PHASE,
        };
        let end = if late > early * scale && reset > named {
            self.window.rephase(reset);
            self.gain.reset();
            reset
        } else {
            self.window.extra = (self.window.extra + WRONG_TURN * scale).min(MOST_EXTRA * scale);
            named
        };
        self.window.end = Some(end);
        self.counts.reopen(refused);
        self.turn_lease_back();
        end
    }

    /// Records a response that counts in the current window.
    fn book(&mut self, answer: &Answer, sent_at: f64, now: f64, roll: f64) {
        let (limit, remaining) = (answer.rate_limit().limit(), answer.rate_limit().remaining());
        let refused = answer.is_window_refusal();
        if let (Some(limit), Some(remaining)) = (limit, remaining) {
            self.book_quota(f64::from(limit), f64::from(remaining), refused, now, roll);
        } else if answer.status() == 401 || answer.is_slow_down() {
            // Without valid credentials, a response has no quota headers, and the request may not have been counted. A
            // firewall's response has none either.
            self.counts.pass(now);
        } else if self.counts.limit.is_none() {
            self.book_headerless(refused, sent_at);
        } else {
            self.counts.book_blank(refused, now);
        }
        if refused && self.clock.is_stand_in() {
            // The turn of this window is unknown, but one full length from now it is certainly over.
            self.window.end = Some(now + self.window.length);
            self.window.opened_at = now;
        }
    }

    /// Records a response with quota headers.
    fn book_quota(&mut self, limit: f64, remaining: f64, refused: bool, now: f64, roll: f64) {
        let known = self.counts.limit.replace(limit);
        let first_ever = known.is_none();
        self.headerless = None;
        self.leasing.limit_end = self.window.end.unwrap_or_default();
        self.scale_lease(known.unwrap_or(limit), limit, roll);
        if refused {
            let after = self.window.elapsed(&self.clock, now);
            self.counts.refuse(limit, remaining, after);
            if remaining > 0.0 {
                self.leasing.hidden.get_or_insert(limit - remaining);
            }
        } else {
            self.counts.counting.see(limit, remaining);
            self.counts.accept(limit, remaining, now);
        }
        self.counts.reconcile();
        let first = !core::mem::replace(&mut self.counts.answered, true);
        if first_ever {
            let tokens = if self.alone() { self.burst() } else { 1.0 };
            self.bucket.reset(tokens, now);
        } else if first && !self.alone() {
            self.bucket.skip(now);
        }
    }

    /// Records a response of a server that sends no quota headers.
    fn book_headerless(&mut self, refused: bool, sent_at: f64) {
        if refused && self.counts.full && sent_at < self.window.opened_at {
            // The server counted it before the turn and wrote `Date` after it, so `Date` names the wrong window.
            return;
        }
        let headerless = self.headerless.get_or_insert_with(Headerless::default);
        if !refused {
            self.counts.own += 1.0;
            headerless.accept();
            return;
        }
        if !self.counts.exhausted {
            headerless.refuse(self.counts.own, self.counts.full);
        }
        self.counts.refused += 1;
        self.counts.exhausted = true;
    }
}
