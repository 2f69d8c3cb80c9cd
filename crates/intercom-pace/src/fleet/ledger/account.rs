//! What the ledger knows about the fleet as a whole.

use super::clock::Bound;
use super::level::Level;
use super::neighbours::{History, Past};
use super::tally::Tally;
use crate::fleet::{Part, Parts};

/// How much of a limit that no header shows is used, in per cent of what was accepted before a refusal; and by how many per
/// cent of the limit that grows in a window without a refusal.
const BELOW_HIDDEN: i64 = 97;
const HIDDEN_GROWS: i64 = 2;

/// The account of a fleet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Account {
    /// The end of the window and its length.
    pub(super) window: i64,
    pub(super) length: i64,
    /// The limit that the server reports, and the window whose response did.
    pub(super) limit: i64,
    pub(super) limit_window: i64,
    /// The limit that no header shows, or 0, and the latest window with a refusal.
    pub(super) hidden: i64,
    pub(super) hidden_window: i64,
    /// The most that a member saw used of this window.
    pub(super) used: i64,
    /// The last window in which nothing is lent, because leases may exist that the ledger does not know.
    pub(super) quarantine: i64,
    /// The last window in which a share is only renewed, because there may be shares that the ledger does not know.
    pub(super) renews_only: i64,
    pub(super) bound: Bound,
    /// The time of the latest request that was taken in, and of the latest order to look.
    pub(super) last: i64,
    pub(super) probe_at: i64,
    /// The window in which the ledger began, and the latest one in which it did not know everything.
    pub(super) born: i64,
    pub(super) torn: i64,
    /// What members that are not hungry wanted in this window, and usually want, in thousandths.
    pub(super) small: i64,
    pub(super) small_usual: i64,
    /// Whether a member has looked for slots early in this window, and late.
    pub(super) looked: [bool; 2],
    /// Counts the first shares, so that not all members renew in the same window.
    pub(super) rotation: i64,
    /// The largest reserve of a member, in thousandths.
    pub(super) reserve: i64,
    pub(super) level: Level,
    pub(super) total: Tally,
    pub(super) history: History,
    pub(super) parts: Parts,
}

impl Account {
    /// How many slots of a window there are.
    pub(super) fn quota(&self) -> i64 {
        if self.hidden > 0 {
            self.limit.min(self.hidden)
        } else {
            self.limit
        }
    }

    /// How many slots of a window to leave to clients outside the fleet.
    pub(super) fn ghost(&self) -> i64 {
        if self.parts.has(Part::Neighbours) {
            self.history.ghost(self.quota())
        } else {
            0
        }
    }

    /// Whether no request was taken in for so many windows, or ever.
    pub(super) fn is_silent(&self, windows: i64, now: i64) -> bool {
        self.window == 0 || (now - self.last).abs() > 1000 * windows * self.length
    }

    /// Whether nothing is lent in this window.
    pub(super) fn is_quiet(&self) -> bool {
        self.window <= self.quarantine
    }

    /// Whether shares are only renewed in this window.
    pub(super) fn renews_only(&self) -> bool {
        self.window <= self.renews_only.min(self.quarantine)
    }

    /// Lends nothing up to this window.
    pub(super) fn quarantine_until(&mut self, window: i64) {
        if self.parts.has(Part::Quarantine) {
            self.quarantine = self.quarantine.max(window);
        }
    }

    /// Takes in the limit of a response in this window. A starved member must not bring back an old limit.
    pub(super) fn learn_limit(&mut self, limit: i64, window: i64) {
        let window = window.min(self.window);
        let is_new = window >= self.limit_window || !self.parts.has(Part::NewestLimit);
        if limit > 0 && is_new {
            (self.limit, self.limit_window) = (limit, window);
        }
    }

    /// Takes in how many requests this window had accepted when it refused one below its limit. Of several reports in a window,
    /// the largest is nearest: each is a lower bound.
    pub(super) fn learn_hidden(&mut self, accepted: i64) {
        if accepted == 0 {
            return;
        }
        let most = (accepted * BELOW_HIDDEN / 100).max(1);
        let again = self.hidden_window == self.window;
        self.hidden = if again { self.hidden.max(most) } else { most };
        self.hidden_window = self.window;
    }

    /// Raises the hidden limit after a window without a refusal, until it reaches the limit.
    fn raise_hidden(&mut self) {
        if self.hidden > 0 && self.hidden_window < self.window {
            self.hidden += (self.limit * HIDDEN_GROWS / 100).max(1);
        }
        if self.hidden >= self.limit {
            self.hidden = 0;
        }
    }

    /// Closes the window, if there is one, and begins the next one. What members hold of it is summed up afterwards.
    pub(super) fn turn(&mut self, window: i64) {
        if self.window > 0 {
            let follows = window == self.window + self.length;
            let known = !self.is_quiet() && self.born != self.window && self.torn != self.window;
            self.history.push(Past {
                window: self.window,
                holds: self.total.holds,
                unused: 0,
                used: self.used,
                whole: known && follows,
            });
            if !follows {
                self.torn = window;
            }
            self.raise_hidden();
        }
        self.level.turn();
        self.small_usual = (self.small_usual + 1000 * self.small) / 2;
        (self.small, self.used, self.looked) = (0, 0, [false; 2]);
        self.window = window;
    }
}
