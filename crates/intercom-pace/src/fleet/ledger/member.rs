//! What the ledger knows about one member.

use super::account::Account;
use super::tally::Tally;
use crate::fleet::Part;
use crate::fleet::message::LeaseRequest;

/// A member is forgotten after this many windows of silence, a hungry one keeps an expired share for a while, one without a
/// share needs nothing after a while, and counts as a member for a while.
const FORGOTTEN: i64 = 6;
const GRACE: i64 = 4;
const NEEDS: i64 = 2;
const COUNTS: i64 = 2;

/// The most credit, in thousandths of a slot.
const CREDIT: i64 = 4000;

/// One member.
///
/// What a turn does to it (the share becomes the hold) is not written at the turn, but when it is next read: see
/// [`settled`](Self::settled).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    /// The number of the latest request.
    pub(super) seq: i64,
    /// The window of the latest request.
    pub(super) seen: i64,
    /// Slots of the window `seen`.
    pub(super) hold: i64,
    /// Slots of later windows, up to the one that ends at `until`.
    pub(super) share: i64,
    pub(super) until: i64,
    /// Slots that it needs a window.
    pub(super) need: i64,
    /// The latest closed window it has reported.
    pub(super) reported: i64,
    /// What it is owed, in thousandths of a slot.
    pub(super) credit: i64,
    /// The levelling that `extra` belongs to.
    pub(super) epoch: i64,
    /// The part of the limit it leaves to others, in thousandths.
    pub(super) reserve: i64,
    /// Whether it could use more than its share.
    pub(super) hungry: bool,
    /// Whether it wanted more of the window `seen` than it got.
    pub(super) unsatisfied: bool,
    /// Whether it has asked for more of the window `seen`.
    pub(super) asked: bool,
    /// Whether it spoke while the ledger knew no window: it counts as seen in the next one.
    pub(super) fresh: bool,
    /// Whether it has left.
    pub(super) left: bool,
    /// Whether it gets one of the slots that do not divide evenly.
    pub(super) extra: bool,
}

impl Entry {
    /// The member in the ledger's window.
    pub(super) fn settled(&self, account: &Account) -> Self {
        let (window, length) = (account.window, account.length);
        if self.seen == window {
            return *self;
        }
        let silent = window - self.seen;
        let has_grace = account.parts.has(Part::Grace);
        let grace =
            has_grace && self.hungry && self.until >= window - length && silent <= GRACE * length;
        let lives = self.until >= window || grace;
        let share = if lives { self.share } else { 0 };
        let needs = share > 0 || self.fresh || silent <= NEEDS * length;
        let mut settled = *self;
        if self.is_hungry() && !self.fresh {
            settled.charge(account);
        }
        Self {
            hold: share,
            share,
            need: if needs { self.need } else { 0 },
            unsatisfied: self.unsatisfied && self.fresh,
            asked: false,
            ..settled
        }
    }

    /// Takes in what the member needs: nothing if it leaves.
    pub(super) fn needs(&mut self, ask: &LeaseRequest) {
        self.need = if ask.bye { 0 } else { ask.need };
        self.hungry = ask.hungry && !ask.bye;
        self.reserve = ask.reserve;
        self.left = ask.bye;
    }

    /// Whether the ledger forgets the member when a window opens. One that has left is remembered as long as any: a late message
    /// must not bring its share back.
    pub(super) fn is_gone(&self, account: &Account) -> bool {
        let silent = account.window - self.seen;
        !self.fresh && silent >= FORGOTTEN * account.length
    }

    /// Whether the member is hungry and needs anything.
    pub(super) fn is_hungry(&self) -> bool {
        self.hungry && self.need > 0
    }

    /// What a settled member adds to the sums.
    pub(super) fn tally(&self, account: &Account) -> Tally {
        let hungry = self.is_hungry();
        let wanting = hungry && (self.unsatisfied || self.hold < self.need);
        let recent = self.fresh || self.seen >= account.window - COUNTS * account.length;
        Tally {
            holds: self.hold,
            shares: self.share,
            hungry: hungry.into(),
            unsatisfied: self.unsatisfied.into(),
            needing: (self.need > 0).into(),
            idle: if hungry { 0 } else { self.hold },
            wanting: wanting.into(),
            members: (!self.left && (recent || self.share > 0)).into(),
        }
    }

    /// Adds to what the member is owed.
    pub(super) fn owe(&mut self, credit: i64) {
        self.credit = (self.credit + credit).clamp(-CREDIT, CREDIT);
    }

    /// Settles what a hungry member was owed of the windows since it was seen, against what it held. What it did not use of that
    /// it reports later.
    fn charge(&mut self, account: &Account) {
        let windows = ((account.window - self.seen) / account.length).clamp(1, FORGOTTEN);
        let shares = ((self.until - self.seen) / account.length).clamp(0, windows - 1);
        let held = self.hold + shares * self.share;
        self.owe(windows * account.level.owed(self.need) - 1000 * held);
    }

    /// The member's place among those that wait for a slot that does not divide evenly: most credit first, then by id. The
    /// number fits into 53 bits; members that agree in the first ten digits of the id share a place.
    pub(super) fn place(&self, id: u64) -> i64 {
        let digits = i64::try_from(id >> 24).unwrap_or_default();
        ((CREDIT - self.credit) << 40) + digits
    }
}
