//! What a window allows, and what of it is spent.

use super::counting::Counting;

/// A limit that nobody tells, found by refusals, is undercut by this factor.
const UNDERCUT: f64 = 0.97;

/// And approached again by this part of the told limit a window.
const REGAIN: f64 = 0.02;

/// Two windows with one unaccounted slot each suggest that `Remaining` is written after subtraction.
const HINTS: u8 = 2;

/// So many accepted requests of ours make a window's silence about others telling.
const TELLING: f64 = 3.0;

/// After this many windows of answers without a quota, the server is one that tells none.
const CEASED: u8 = 3;

/// The account of the present window.
#[derive(Clone, Debug)]
pub(super) struct Ledger {
    /// The share of the limit that is left to others.
    reserve: f64,
    /// The limit as last told.
    pub(super) limit: Option<f64>,
    /// A lower limit than the told one, found by refusals while something remained.
    hidden: Option<f64>,
    /// The most that headers showed to be consumed in this window, by anybody, and the local time of it.
    pub(super) used: f64,
    pub(super) used_at: f64,
    /// Our requests that were accepted in this window.
    pub(super) own: f64,
    /// Permits out, whichever window they were given in, and those of `doubtful`.
    pub(super) in_flight: u32,
    /// Sent, and nobody will read the answer: they may still be counted, even in the next window. By the number of
    /// turns since.
    doubtful: [u32; 2],
    /// Permits given since the turn, the first one's local time, and how many of them taught nothing.
    pub(super) given: u32,
    pub(super) first_given_at: f64,
    pub(super) blank: u32,
    /// Whether this window's counts are known from an answer.
    pub(super) answered: bool,
    pub(super) exhausted: bool,
    pub(super) refused: u32,
    /// How much of the window had passed at the first refusal.
    pub(super) refused_after: f64,
    /// Whether this window was watched from its turn on.
    pub(super) full: bool,
    /// We were there before and lost our own count, so what nobody accounts for may be ours: or every wrong turn would
    /// look like a neighbour.
    lost_count: bool,
    /// What nobody accounted for when we came; `None` until an answer tells.
    before: Option<f64>,
    pub(super) counting: Counting,
    hints: u8,
    /// Windows in a row whose accepted answers told no quota.
    untold: u8,
}

impl Ledger {
    pub(super) fn new(reserve: f64) -> Self {
        Self {
            reserve,
            limit: None,
            hidden: None,
            used: 0.0,
            used_at: f64::NEG_INFINITY,
            own: 0.0,
            in_flight: 0,
            doubtful: [0; 2],
            given: 0,
            first_given_at: 0.0,
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
            untold: 0,
        }
    }

    /// What we let the window's consumption grow to, at least 1; `None` before anybody told.
    pub(super) fn allowed(&self) -> Option<f64> {
        let limit = self.hidden.unwrap_or(f64::INFINITY).min(self.limit?);
        Some(libm::floor(limit * (1.0 - self.reserve)).max(1.0))
    }

    /// What the window has left, by what is known to be consumed.
    pub(super) fn left(&self) -> f64 {
        self.allowed().unwrap_or(0.0) - self.used.max(self.own)
    }

    /// Consumption that is not ours; a lower bound, for unanswered requests may be in it.
    pub(super) fn others(&self) -> f64 {
        (self.used - self.own - f64::from(self.in_flight)).max(0.0)
    }

    /// Accepted requests that others certainly sent, when the window closes.
    ///
    /// What was gone when we came is theirs only if they are still seen to go on, or if we did too little to see.
    pub(super) fn others_at_close(&self) -> f64 {
        let used = self.used.min(self.allowed().unwrap_or(0.0));
        let others = (used - self.own - f64::from(self.in_flight)).max(0.0);
        let since = (others - self.before.unwrap_or(0.0)).max(0.0);
        let silent = since <= self.counting.quiet() && self.own >= TELLING;
        if self.lost_count || silent {
            since
        } else {
            others
        }
    }

    /// Finds itself back in a window whose account was closed too early.
    pub(super) fn reopen(&mut self, exhausted: bool) {
        self.exhausted = exhausted;
        self.answered = true;
        self.refused = 1;
        self.full = false;
        self.lost_count = true;
        self.before = None;
    }

    /// Notes, at the first answer, what of a window that was not watched from its turn on is not known to be ours.
    pub(super) fn reconcile(&mut self) {
        if self.before.is_none() {
            self.before = Some(self.others());
        }
    }

    /// How many permits this window has given whose answers are still to teach something.
    pub(super) fn probes_out(&self) -> u32 {
        self.given.saturating_sub(self.blank)
    }

    pub(super) fn give(&mut self, now: f64) {
        if self.given == 0 {
            self.first_given_at = now;
        }
        self.in_flight += 1;
        self.given += 1;
    }

    /// A permit of this window or an earlier one was never used.
    pub(super) fn take_back(&mut self, of_this_window: bool) {
        self.in_flight = self.in_flight.saturating_sub(1);
        if of_this_window {
            self.given = self.given.saturating_sub(1);
        }
    }

    /// A permit was used and will never be answered: it stays in flight until the turn after next.
    pub(super) fn doubt_one(&mut self) {
        self.doubtful[0] += 1;
    }

    /// Releases requests whose fate has ceased to matter, `turns` windows on.
    pub(super) fn forget_doubtful(&mut self, turns: f64) {
        let [fresh, old] = self.doubtful;
        let (released, kept) = if turns >= 2.0 {
            (fresh + old, [0, 0])
        } else {
            (old, [0, fresh])
        };
        self.in_flight = self.in_flight.saturating_sub(released);
        self.doubtful = kept;
    }

    /// Books an accepted request by what its headers say was consumed.
    pub(super) fn accept(&mut self, limit: f64, remaining: f64, now: f64) {
        self.own += 1.0;
        let used = self.counting.consumed(limit, remaining);
        if used > self.used {
            self.used = used;
            self.used_at = now;
        }
    }

    /// Books an answer whose headers say nothing of the quota.
    pub(super) fn book_blank(&mut self, refused: bool, now: f64) {
        self.blank += 1;
        self.first_given_at = now;
        if refused {
            self.refused += 1;
            self.exhausted = true;
        } else {
            self.own += 1.0;
        }
    }

    /// Notes an answer that teaches nothing and counted nowhere.
    pub(super) fn pass(&mut self, now: f64) {
        self.given = self.given.saturating_sub(1);
        self.first_given_at = now;
    }

    /// Forgets the limit when the server has ceased to tell it; true if it did.
    pub(super) fn forget_untold_limit(&mut self) -> bool {
        self.untold = if self.answered || self.blank == 0 {
            0
        } else {
            self.untold.saturating_add(1)
        };
        let ceased = self.untold >= CEASED;
        if ceased {
            self.limit = None;
            self.untold = 0;
        }
        ceased
    }

    /// Books a refusal of the window, `after` so much of it.
    pub(super) fn refuse(&mut self, limit: f64, remaining: f64, after: f64) {
        if self.refused == 0 {
            self.refused_after = after;
        }
        self.refused += 1;
        self.counting.doubt();
        if remaining <= 0.0 {
            self.used = limit;
        } else if !self.exhausted {
            self.hidden = Some(libm::floor(UNDERCUT * (limit - remaining)).max(1.0));
        }
        self.exhausted = true;
    }

    /// Concludes from whole windows with exactly one slot nobody accounts for how the server counts; true if it did.
    pub(super) fn infer_counting(&mut self, others: f64) -> bool {
        if self.counting != Counting::Unknown || !self.full {
            return false;
        }
        if (others - 1.0).abs() >= 0.5 || self.own < TELLING {
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

    /// Comes closer to the told limit again after a window without refusals.
    pub(super) fn regain_hidden(&mut self) {
        let (Some(hidden), Some(limit)) = (self.hidden, self.limit) else {
            return;
        };
        if self.refused == 0 {
            let next = hidden + (REGAIN * limit).max(1.0);
            self.hidden = Some(next).filter(|next| *next < limit);
        }
    }

    /// Opens the account of a new window; permits out stay.
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
