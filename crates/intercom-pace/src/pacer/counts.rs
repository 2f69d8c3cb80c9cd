//! What the current window allows, and how much of it is used.

use super::counting::Counting;

/// When refusals reveal a hidden limit, the pacer stays below it by this factor.
const UNDERCUT: f64 = 0.97;

/// How much the hidden limit grows in each window without a refusal, as a part of the reported limit.
const REGAIN: f64 = 0.02;

/// After this many windows in a row with one unexplained slot, `Remaining` seems to be written after subtraction.
const HINTS: u8 = 2;

/// How many of our requests a window must accept before its counts prove that there are no other clients.
const EVIDENCE: f64 = 3.0;

/// After this many windows of responses without quota headers, the server is treated as one that sends none.
const CEASED: u8 = 3;

/// The counts of the current window.
#[derive(Clone, Debug)]
pub(super) struct Counts {
    /// The share of the limit that is left to others.
    reserve: f64,
    /// The limit that the latest headers reported.
    pub(super) limit: Option<f64>,
    /// A limit below the reported one, found because a request was refused while `Remaining` was above 0.
    hidden: Option<f64>,
    /// The highest count of all clients' requests that headers have shown in this window.
    pub(super) used: f64,
    /// The local time at which headers showed `used`.
    pub(super) used_at: f64,
    /// Our requests that were accepted in this window.
    pub(super) own: f64,
    /// Outstanding permits of any window, including the `abandoned` ones.
    pub(super) in_flight: u32,
    /// Requests that were sent and whose responses will not be read, by the number of turns since. The server may still
    /// count them, even in the next window.
    abandoned: [u32; 2],
    /// Permits given since the turn.
    pub(super) given: u32,
    /// The local time since which nothing is learnt: the first permit that may bring information was given then, or the latest
    /// response without any arrived.
    pub(super) silent_since: f64,
    /// How many of them brought no information.
    pub(super) blank: u32,
    /// Whether a response has reported this window's counts.
    pub(super) answered: bool,
    pub(super) exhausted: bool,
    pub(super) refused: u32,
    /// The part of the window that had passed at the first refusal.
    pub(super) refused_after: f64,
    /// Whether this window was observed from its turn on.
    pub(super) full: bool,
    /// Whether we sent requests in this window and lost count of them. Unexplained requests may then be ours; otherwise
    /// every wrong turn would look like another client.
    lost_count: bool,
    /// The unexplained requests at the first response of this window; `None` before that response.
    before: Option<f64>,
    pub(super) counting: Counting,
    hints: u8,
    /// Windows in a row whose accepted responses reported no quota.
    unreported: u8,
}

impl Counts {
    pub(super) fn new(reserve: f64) -> Self {
        Self {
            reserve,
            limit: None,
            hidden: None,
            used: 0.0,
            used_at: f64::NEG_INFINITY,
            own: 0.0,
            in_flight: 0,
            abandoned: [0; 2],
            given: 0,
            silent_since: 0.0,
            blank: 0,
            answered: false,
            exhausted: false,
            refused: 0,
            refused_after: 0.0,
            full: false,
            lost_count: false,
            before: None,
            counting: Counting::Unknown,
            hints: 0,
            unreported: 0,
        }
    }

    /// How many requests, by all clients together, we let the window count: at least 1; `None` while the limit is
    /// unknown.
    pub(super) fn allowed(&self) -> Option<f64> {
        let limit = self.hidden.unwrap_or(f64::INFINITY).min(self.limit?);
        Some(libm::floor(limit * (1.0 - self.reserve)).max(1.0))
    }

    /// The remaining quota, according to the known consumption.
    pub(super) fn left(&self) -> f64 {
        self.allowed().unwrap_or(0.0) - self.used.max(self.own)
    }

    /// The least that all clients together have used of this window.
    pub(super) fn certainly_used(&self) -> f64 {
        let is_full = self.exhausted && Some(self.used) == self.limit;
        let used = if self.counting == Counting::Unknown && !is_full {
            self.used - 1.0
        } else {
            self.used
        };
        used.max(self.own)
    }

    /// Consumption by others. This is a lower bound: the server may already have counted our requests in flight.
    pub(super) fn others(&self) -> f64 {
        (self.used - self.own - f64::from(self.in_flight)).max(0.0)
    }

    /// Accepted requests that others certainly sent, when the window closes.
    ///
    /// Consumption from before our first response counts as theirs only if they sent more after it, or if we sent too
    /// little to notice.
    pub(super) fn others_at_close(&self) -> f64 {
        let used = self.used.min(self.allowed().unwrap_or(0.0));
        let others = (used - self.own - f64::from(self.in_flight)).max(0.0);
        let since = (others - self.before.unwrap_or(0.0)).max(0.0);
        let silent = since <= self.counting.tolerance() && self.own >= EVIDENCE;
        if self.lost_count || silent {
            since
        } else {
            others
        }
    }

    /// Takes up the counts of a window again that was closed too early.
    pub(super) fn reopen(&mut self, exhausted: bool) {
        self.exhausted = exhausted;
        self.answered = true;
        self.refused = 1;
        self.full = false;
        self.lost_count = true;
        self.before = None;
    }

    /// Records the unexplained requests at the first response of a window that was not observed from its turn on.
    pub(super) fn reconcile(&mut self) {
        if self.before.is_none() {
            self.before = Some(self.others());
        }
    }

    /// How many permits of this window may still bring information.
    pub(super) fn probes_out(&self) -> u32 {
        self.given.saturating_sub(self.blank)
    }

    pub(super) fn give(&mut self, now: f64) {
        if self.probes_out() == 0 {
            self.silent_since = now;
        }
        self.in_flight += 1;
        self.given += 1;
    }

    /// Takes back a permit, of this window or an earlier one, that was never used.
    pub(super) fn take_back(&mut self, of_this_window: bool) {
        self.in_flight = self.in_flight.saturating_sub(1);
        if of_this_window {
            self.given = self.given.saturating_sub(1);
        }
    }

    /// Records that the response to a sent request will not be read. It stays in flight until the turn after next.
    pub(super) fn abandon_one(&mut self) {
        self.abandoned[0] += 1;
    }

    /// Counts all abandoned requests as abandoned in the window that becomes known.
    pub(super) fn hold_abandoned(&mut self) {
        let [fresh, old] = self.abandoned;
        self.abandoned = [fresh + old, 0];
    }

    /// Releases abandoned requests that can no longer matter, `turns` windows later.
    pub(super) fn release_abandoned(&mut self, turns: f64) {
        let [fresh, old] = self.abandoned;
        let (released, kept) = if turns >= 2.0 {
            (fresh + old, [0, 0])
        } else {
            (old, [0, fresh])
        };
        self.in_flight = self.in_flight.saturating_sub(released);
        self.abandoned = kept;
    }

    /// Records an accepted request and the consumption that its headers report.
    pub(super) fn accept(&mut self, limit: f64, remaining: f64, now: f64) {
        self.own += 1.0;
        let used = self.counting.consumed(limit, remaining);
        if used > self.used {
            self.used = used;
            self.used_at = now;
        }
    }

    /// Records a response without quota headers.
    pub(super) fn book_blank(&mut self, refused: bool, now: f64) {
        self.blank += 1;
        self.silent_since = now;
        if refused {
            self.refused += 1;
            self.exhausted = true;
        } else {
            self.own += 1.0;
        }
    }

    /// Records a response that brings no information and was not counted.
    pub(super) fn pass(&mut self, now: f64) {
        self.given = self.given.saturating_sub(1);
        self.silent_since = now;
    }

    /// Forgets the limit once the server has stopped reporting it. Returns whether it did.
    pub(super) fn forget_unreported_limit(&mut self) -> bool {
        self.unreported = if self.answered || self.blank == 0 {
            0
        } else {
            self.unreported.saturating_add(1)
        };
        let ceased = self.unreported >= CEASED;
        if ceased {
            self.limit = None;
            self.unreported = 0;
        }
        ceased
    }

    /// Records that the window refused a request after the part `after` of it had passed.
    pub(super) fn refuse(&mut self, limit: f64, remaining: f64, after: f64) {
        if self.refused == 0 {
            self.refused_after = after;
        }
        self.refused += 1;
        self.counting.drop_guess();
        if remaining <= 0.0 {
            self.used = limit;
        } else if !self.exhausted {
            self.hidden = Some(libm::floor(UNDERCUT * (limit - remaining)).max(1.0));
        }
        self.exhausted = true;
    }

    /// Infers how the server counts from fully observed windows with exactly one unexplained slot. Returns whether it
    /// did.
    pub(super) fn infer_counting(&mut self, others: f64) -> bool {
        if self.counting != Counting::Unknown || !self.full {
            return false;
        }
        if (others - 1.0).abs() >= 0.5 || self.own < EVIDENCE {
            self.hints = 0;
            return false;
        }
        self.hints = self.hints.saturating_add(1);
        let inferred = self.hints >= HINTS;
        if inferred {
            self.counting = Counting::After { guessed: true };
        }
        inferred
    }

    /// Raises the hidden limit towards the reported one after a window without refusals.
    pub(super) fn regain_hidden(&mut self) {
        let (Some(hidden), Some(limit)) = (self.hidden, self.limit) else {
            return;
        };
        if self.refused == 0 {
            let next = hidden + (REGAIN * limit).max(1.0);
            self.hidden = Some(next).filter(|next| *next < limit);
        }
    }

    /// Begins the counts of a new window. Outstanding permits stay.
    pub(super) fn turn(&mut self, full: bool, now: f64) {
        self.used = 0.0;
        self.used_at = now;
        self.own = 0.0;
        self.given = 0;
        self.blank = 0;
        self.answered = false;
        self.exhausted = false;
        self.refused = 0;
        self.full = full;
        self.lost_count = !full && self.limit.is_some();
        self.before = full.then_some(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusal_without_headers_keeps_the_hidden_limit() {
        let mut counts = Counts::new(0.0);
        counts.limit = Some(100.0);
        counts.refuse(100.0, 50.0, 0.5);
        counts.turn(true, 10.0);
        counts.book_blank(true, 12.0);
        counts.regain_hidden();
        assert_eq!(counts.allowed(), Some(48.0));
        counts.turn(true, 20.0);
        counts.regain_hidden();
        assert_eq!(counts.allowed(), Some(50.0));
    }

    #[test]
    fn windows_with_three_own_requests_show_how_the_server_counts() {
        let infers = |own| {
            let mut counts = Counts::new(0.0);
            (counts.full, counts.own) = (true, own);
            (0..HINTS).map(|_| counts.infer_counting(1.0)).last()
        };
        assert_eq!((infers(2.0), infers(3.0)), (Some(false), Some(true)));
    }
}
