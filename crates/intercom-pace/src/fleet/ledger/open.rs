//! Which window a request belongs to, and the opening of a window.

use super::Ledger;
use super::account::Account;
use crate::fleet::message::{LeaseRequest, LeaseStatus};

/// The ledger takes a window as over this long after its end, in milliseconds.
const OVER: i64 = 250;

/// A new order to look is given after this long, in microseconds.
const LOOKS_FOR: i64 = 1_000_000;

/// A member whose windows have another length is refused, unless no member spoke for so many windows.
const ABANDONED: i64 = 4;

/// A ledger in which no member spoke for so many windows does not know the window.
const SILENT: i64 = 2;

/// How many windows a reserve counts.
const RESERVE: i64 = 3;

impl Ledger {
    /// Finds the window of a request, and opens it if it is new. Returns whether it did. `Err` is the reply to a request that
    /// is not taken in.
    pub(super) fn enter(&mut self, ask: &LeaseRequest, now: i64) -> Result<bool, LeaseStatus> {
        let account = &mut self.account;
        let (window, length) = if ask.window == 0 {
            match account.window_now(now) {
                Some(window) => (window, account.length),
                None => return Err(account.appoint(now)),
            }
        } else if account.window == 0 {
            (ask.window, ask.length)
        } else if ask.length != account.length {
            if !account.is_silent(ABANDONED, now) {
                return Err(LeaseStatus::Conflict);
            }
            *self = Self::default();
            (ask.window, ask.length)
        } else if account.is_far(ask.window) && !account.is_silent(SILENT, now) {
            return Err(LeaseStatus::Conflict);
        } else {
            (ask.window, ask.length)
        };
        if window <= self.account.window {
            return Ok(false);
        }
        if self.account.window == 0 {
            (self.account.born, self.account.length) = (window, length);
        }
        self.open(window);
        Ok(true)
    }

    fn open(&mut self, window: i64) {
        self.account.turn(window);
        let account = &mut self.account;
        self.entries.retain(|_, entry| !entry.is_gone(account));
        (account.total, account.reserve) = Default::default();
        let mut promised = 0;
        for entry in self.entries.values_mut() {
            if entry.fresh {
                *entry = entry.settled(account);
                (entry.seen, entry.fresh) = (window, false);
            }
            let settled = entry.settled(account);
            account.total = account.total.plus(settled.tally(account));
            if entry.seen >= window - RESERVE * account.length {
                account.reserve = account.reserve.max(entry.reserve);
            }
            if entry.until >= window {
                promised += settled.share;
            }
        }
        // If the known shares take the whole limit, there are no others.
        if account.limit > 0 && promised >= account.limit {
            account.quarantine = 0;
        }
    }
}

impl Account {
    /// The window for a newcomer that knows none: the ledger's, or a later one if that is over for certain. `None` if the ledger
    /// does not know.
    fn window_now(&self, now: i64) -> Option<i64> {
        if self.is_silent(SILENT, now) {
            return None;
        }
        let server = self.bound.server_at_least(now).unwrap_or(0);
        let over = server - 1000 * (self.window + OVER);
        if over < 0 {
            return Some(self.window);
        }
        let later = self.window + self.length * (1 + over / (1000 * self.length));
        (!self.is_far(later)).then_some(later)
    }

    /// Whether a window is too far ahead to be believed while other members speak.
    fn is_far(&self, window: i64) -> bool {
        2 * (window - self.window) > 5 * self.length
    }

    /// Lets one member at a time look for the window.
    fn appoint(&mut self, now: i64) -> LeaseStatus {
        if (now - self.probe_at).abs() <= LOOKS_FOR && self.probe_at > 0 {
            return LeaseStatus::Wait;
        }
        self.probe_at = now;
        LeaseStatus::Probe
    }
}
