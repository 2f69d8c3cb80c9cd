//! The ledger of a fleet: who holds how much of which window.
//!
//! `intercom-fleet` keeps the ledger in Redis, as a script. This is the same ledger in Rust, for simulations, and for tests that
//! compare the two: to the same requests at the same times, both give the same replies.

mod account;
mod clock;
mod lend;
mod level;
mod member;
mod neighbours;
mod open;
mod share;
mod tally;
mod visit;

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use self::account::Account;
use self::member::Entry;
use self::tally::Tally;
use self::visit::Visit;
use super::bounds::MICROS;
use super::message::{LeaseReply, LeaseRequest, LeaseStatus};
use super::{Part, Parts};

/// The ledger of a fleet, in memory.
///
/// Every message of a member is absolute and numbered, so lost, repeated and late messages do no harm, and a ledger that has lost
/// its memory is rebuilt by the members' requests. It is deterministic and uses whole numbers only.
///
/// ```
/// use intercom_pace::fleet::{Ledger, LeaseRequest, LeaseStatus};
///
/// let mut ledger = Ledger::new();
/// let mut request = LeaseRequest::default();
/// (request.id, request.seq, request.length) = (0x5eed, 1, 10_000);
///
/// // No member knows the window yet, so the first one looks, and the next one waits.
/// assert_eq!(ledger.ask(&request, 1).status, LeaseStatus::Probe);
/// request.id = 2;
/// assert_eq!(ledger.ask(&request, 2).status, LeaseStatus::Wait);
///
/// // The first member has seen a window. It wants 20 slots of it now, and needs 20 of each.
/// (request.id, request.seq) = (0x5eed, 2);
/// (request.window, request.limit, request.limit_window) = (60_000, 167, 60_000);
/// (request.hold, request.used, request.want, request.need) = (1, 1, 20, 20);
/// let reply = ledger.ask(&request, 3);
/// assert_eq!((reply.hold, reply.share, reply.until), (21, 20, 70_000));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    account: Account,
    entries: BTreeMap<u64, Entry>,
}

/// The lease of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MemberLease {
    /// The member.
    pub id: u64,
    /// Slots of the current window.
    pub hold: i64,
    /// Slots of each later window, up to the one that ends at `until`.
    pub share: i64,
    /// The end of the last window of the share, in milliseconds of the API server's clock.
    pub until: i64,
}

impl Ledger {
    /// Creates an empty ledger.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a part of the algorithm away, to see what it is worth.
    #[must_use]
    pub fn without(mut self, part: Part) -> Self {
        self.account.parts = Parts::without(part);
        self
    }

    /// Takes in a request and returns the reply. `now_micros` is the time on a clock of the ledger's own, in microseconds. It
    /// serves to notice silence and to tell newcomers the time.
    ///
    /// Values outside their range are moved into it.
    pub fn ask(&mut self, request: &LeaseRequest, now_micros: i64) -> LeaseReply {
        let (ask, now) = (request.clamped(), now_micros.clamp(1, MICROS));
        if ask.seq <= self.entries.get(&ask.id).map_or(0, |entry| entry.seq) {
            return brief(ask.seq, LeaseStatus::Stale);
        }
        match self.enter(&ask, now) {
            Ok(opened) => self.take_in(&ask, opened, now),
            Err(status) => {
                if status != LeaseStatus::Conflict {
                    self.register(&ask);
                }
                brief(ask.seq, status)
            }
        }
    }

    /// Notes the need of a member while the window is unknown.
    fn register(&mut self, ask: &LeaseRequest) {
        let (mut me, known) = self.remove(ask.id);
        let others = self.others(&me, known);
        me.needs(ask);
        (me.seq, me.fresh, me.unsatisfied) = (ask.seq, true, !ask.bye);
        me = me.settled(&self.account);
        self.account.total = others.plus(me.tally(&self.account));
        self.entries.insert(ask.id, me);
    }

    fn take_in(&mut self, ask: &LeaseRequest, opened: bool, now: i64) -> LeaseReply {
        let (me, known) = self.remove(ask.id);
        let others = self.others(&me, known);
        let behind = ask.window > 0 && ask.window < self.account.window;
        let mut visit = Visit {
            ask,
            account: &mut self.account,
            me,
            known,
            others,
            behind,
        };
        visit.take_in(now);
        let room = visit.room().max(0);
        if opened || visit.account.level.is_due(room, now) {
            let account = &mut *visit.account;
            let others = self.entries.iter();
            let others = others.map(|(id, entry)| (*id, entry.settled(account)));
            let entries: Vec<_> = others.chain([(ask.id, visit.me)]).collect();
            account.level.share_out(room, &entries, account.window, now);
            account.level.place(ask.id, &mut visit.me);
        }
        let loan = visit.lend();
        if !behind {
            visit.renew();
        }
        let reply = visit.reply(&loan, now);
        let (me, total) = (visit.me, visit.with_me());
        self.account.total = total;
        self.entries.insert(ask.id, me);
        reply
    }

    /// Takes out a member as it is in the window, and whether there was one.
    fn remove(&mut self, id: u64) -> (Entry, bool) {
        match self.entries.remove(&id) {
            Some(entry) => (entry.settled(&self.account), true),
            None => (Entry::default(), false),
        }
    }

    /// The sums without a member.
    fn others(&self, me: &Entry, known: bool) -> Tally {
        let mine = if known {
            me.tally(&self.account)
        } else {
            Tally::default()
        };
        self.account.total.minus(mine)
    }
}

/// Accessors, for tests and for showing a fleet's state.
impl Ledger {
    /// Returns the end of the window, in milliseconds of the API server's clock; 0 if the ledger knows none.
    #[must_use]
    pub fn window(&self) -> i64 {
        self.account.window
    }

    /// Returns the limit that the server reports.
    #[must_use]
    pub fn limit(&self) -> i64 {
        self.account.limit
    }

    /// Returns how many slots of a window there are: the limit, or less if the server refused requests below it.
    #[must_use]
    pub fn quota(&self) -> i64 {
        self.account.quota()
    }

    /// Returns the sum of all holds: slots of the current window.
    #[must_use]
    pub fn holds(&self) -> i64 {
        self.account.total.holds
    }

    /// Returns the sum of all shares: slots of the next window.
    #[must_use]
    pub fn shares(&self) -> i64 {
        self.account.total.shares
    }

    /// Returns the most that a member saw used of the current window, by all clients together.
    #[must_use]
    pub fn used(&self) -> i64 {
        self.account.used
    }

    /// Returns the last window in which the ledger lends nothing.
    #[must_use]
    pub fn quarantine(&self) -> i64 {
        self.account.quarantine
    }

    /// Returns how many slots of a window the ledger leaves to clients outside the fleet.
    #[must_use]
    pub fn ghost(&self) -> i64 {
        self.account.ghost()
    }

    /// Returns each member's lease, in the order of the members' ids.
    pub fn members(&self) -> impl Iterator<Item = MemberLease> {
        self.entries.iter().map(|(&id, entry)| {
            let Entry {
                hold, share, until, ..
            } = entry.settled(&self.account);
            MemberLease {
                id,
                hold,
                share,
                until,
            }
        })
    }
}

/// A reply that says only what became of the request.
fn brief(seq: i64, status: LeaseStatus) -> LeaseReply {
    LeaseReply {
        seq,
        status,
        ..LeaseReply::default()
    }
}
