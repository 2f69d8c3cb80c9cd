//! One request, while the ledger takes it in.

use super::account::Account;
use super::lend::Loan;
use super::member::Entry;
use super::tally::Tally;
use crate::fleet::message::{LeaseReply, LeaseRequest, LeaseStatus};

/// A request, its member, and the rest of the fleet.
#[derive(Debug)]
pub(super) struct Visit<'a> {
    pub(super) ask: &'a LeaseRequest,
    pub(super) account: &'a mut Account,
    pub(super) me: Entry,
    /// Whether the ledger knew the member before.
    pub(super) known: bool,
    /// The sums without this member.
    pub(super) others: Tally,
    /// Whether the request is of an older window.
    pub(super) behind: bool,
}

impl Visit<'_> {
    /// The sums with this member.
    pub(super) fn with_me(&self) -> Tally {
        self.others.plus(self.me.tally(self.account))
    }

    /// The phase of the window. A member that is behind knows only that of an older one.
    pub(super) fn phase(&self) -> i64 {
        if self.behind { 0 } else { self.ask.phase }
    }

    /// The end of the share that the member has, no later than any share ends.
    pub(super) fn claim_until(&self) -> i64 {
        let account = &self.account;
        let last = account.window + self.ask.keep_max * account.length;
        self.ask.claim_until.min(last)
    }

    /// Takes in what the member says about itself and about the window.
    pub(super) fn take_in(&mut self, now: i64) {
        let account = &mut *self.account;
        account.last = now;
        account.bound.learn(self.ask.server_at_least, now);
        account.learn_limit(self.ask.limit, self.ask.limit_window);
        account.reserve = account.reserve.max(self.ask.reserve);
        self.me.seq = self.ask.seq;
        self.me.seen = account.window;
        self.me.fresh = false;
        self.take_claim();
        if !self.behind {
            self.take_window();
        }
        let need = self.me.need;
        self.me.needs(self.ask);
        self.account.level.need_changed(need, self.me.need);
    }

    /// Takes over a share that the ledger has forgotten. If it did not know the member either, there may be other leases that it
    /// does not know of.
    fn take_claim(&mut self) {
        let window = self.account.window;
        let forgotten = self.claim_until() >= window && self.me.until < window;
        if self.ask.bye {
            (self.me.share, self.me.until) = (0, window);
            return;
        }
        if !forgotten || (self.known && self.behind) {
            return;
        }
        self.me.share = self.ask.claim;
        self.me.until = self.claim_until();
        if self.behind {
            self.me.hold = self.me.share;
        }
        if !self.known {
            let keeps = self.ask.keep_max * self.account.length;
            let born = self.account.born;
            // The memory was lost when the ledger began, or lately if that was long ago.
            let lost = if born + keeps >= window { born } else { window };
            self.account.quarantine_until(lost + keeps);
            self.account.renews_only = self.account.renews_only.max(lost + keeps);
        }
    }

    /// Takes in what the member holds and sees of this window, and of those that have closed.
    fn take_window(&mut self) {
        let account = &mut *self.account;
        self.me.hold = self.ask.hold;
        account.used = account.used.max(self.ask.used);
        account.learn_hidden(self.ask.hidden);
        account.level.place(self.ask.id, &mut self.me);
        for closed in &self.ask.closed {
            if closed.window <= self.me.reported {
                continue;
            }
            self.me.reported = closed.window;
            account.history.report(closed);
            if self.me.is_hungry() {
                self.me.owe(1000 * closed.unused);
            }
        }
        if self.ask.fallback {
            account.torn = account.window;
            let known = self.others.holds.max(self.others.shares + self.me.share);
            // Most members are without a lease, and come back in this window or the next one.
            if 2 * known < account.quota() {
                account.quarantine_until(account.window + account.length);
            }
        }
    }

    /// The reply, after everything else.
    pub(super) fn reply(&self, loan: &Loan, now: i64) -> LeaseReply {
        let account = &*self.account;
        LeaseReply {
            seq: self.ask.seq,
            status: LeaseStatus::Ok,
            window: account.window,
            length: account.length,
            limit: account.limit,
            limit_window: account.limit_window,
            hold: self.me.hold,
            // A share that is kept although it has ended is the ledger's secret.
            share: if self.me.until < account.window {
                0
            } else {
                self.me.share
            },
            until: self.me.until.max(account.window),
            others_hungry: self.others.wanting > 0,
            members: self.with_me().members,
            server_at_least: account.bound.server_at_least(now).unwrap_or(0).max(0),
            slack: loan.slack,
            free: loan.free,
            quiet: account.is_quiet(),
            look: loan.look,
            gentle: account.history.gentle(account.quota()),
        }
    }
}
