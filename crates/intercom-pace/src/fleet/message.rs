//! What a member and the ledger tell each other: plain whole numbers, so that every language can read them.
//!
//! Windows and ends are in milliseconds of the API server's clock (Unix time), and 0 means none. A phase is the part of the
//! window that has passed, in thousandths.

use alloc::vec::Vec;

/// What a member tells the ledger about its lease, and what it asks for.
///
/// Every value is absolute: a request that is lost, late or repeated changes nothing that the next one does not put right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeaseRequest {
    /// The member: a random number, chosen when the member is created.
    pub id: u64,
    /// The number of this request among those of the member, counted from 1.
    pub seq: i64,
    /// The end of the window that the member is in; 0 if it knows none.
    pub window: i64,
    /// The length of a window in milliseconds.
    pub length: i64,
    /// The limit that the server reports; 0 if the member knows none.
    pub limit: i64,
    /// The end of the window whose response reported the limit.
    pub limit_window: i64,
    /// How many slots of this window the member keeps: those it has used, and those it may still use.
    pub hold: i64,
    /// How many more slots of this window the member wants.
    pub want: i64,
    /// How many slots a window the member needs.
    pub need: i64,
    /// Whether the member could use more than its share.
    pub hungry: bool,
    /// The share that the member has: slots of every later window, up to the one that ends at `claim_until`.
    pub claim: i64,
    /// The end of the last window of the share.
    pub claim_until: i64,
    /// Whether the member has sent without a lease in this window.
    pub fallback: bool,
    /// The least that all clients together have used of this window.
    pub used: i64,
    /// The phase at which `used` was seen.
    pub used_phase: i64,
    /// The phase now.
    pub phase: i64,
    /// The least that the server's clock can show now, in microseconds; 0 if the member does not know.
    pub server_at_least: i64,
    /// How many requests this window had accepted when it refused one below its limit; 0 if it did not.
    pub hidden: i64,
    /// The part of the limit that this member leaves to members without a reserve, in thousandths.
    pub reserve: i64,
    /// Whether the member leaves the fleet.
    pub bye: bool,
    /// For how many windows, at most, a share is granted.
    pub keep_max: i64,
    /// The latest windows that have closed since the ledger's last reply, oldest first; at most four.
    pub closed: Vec<ClosedWindow>,
}

/// A member's part of a window that has closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClosedWindow {
    /// The end of the window.
    pub window: i64,
    /// How many slots the member held and did not use.
    pub unused: i64,
    /// The least that all clients together used.
    pub used: i64,
}

impl ClosedWindow {
    /// Creates the account of a window, in the order in which it is sent.
    pub fn new(window: i64, unused: i64, used: i64) -> Self {
        Self {
            window,
            unused,
            used,
        }
    }
}

/// The ledger's reply to a [`LeaseRequest`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeaseReply {
    /// The `seq` of the request.
    pub seq: i64,
    /// What became of the request.
    pub status: LeaseStatus,
    /// The end of the window that the ledger is in; 0 if it knows none.
    pub window: i64,
    /// The length of a window in milliseconds.
    pub length: i64,
    /// The limit that the server reports; 0 if no member knows it.
    pub limit: i64,
    /// The end of the window whose response reported the limit.
    pub limit_window: i64,
    /// How many slots of `window` the member holds, the used ones included.
    pub hold: i64,
    /// How many slots of each later window the member holds, up to the one that ends at `until`.
    pub share: i64,
    /// The end of the last window of the share.
    pub until: i64,
    /// Whether other members could use more than their shares.
    pub others_hungry: bool,
    /// How many members there are.
    pub members: i64,
    /// The least that the API server's clock shows now, in microseconds; 0 if the ledger does not know.
    pub server_at_least: i64,
    /// When it is worth asking for more.
    pub slack: Slack,
    /// How many slots are free for this member.
    pub free: i64,
    /// Whether the ledger lends nothing in this window: it has lost its memory, and leases it does not know of may exist.
    pub quiet: bool,
    /// Whether the one slot granted is meant to look whether the window has any left.
    pub look: bool,
    /// Whether to spread requests evenly, because a client outside the fleet shares the limit.
    pub gentle: bool,
}

/// What became of a [`LeaseRequest`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum LeaseStatus {
    /// The ledger has taken it in, and the other values hold.
    #[default]
    Ok,
    /// The ledger knows no window: the member sends one request to learn it.
    Probe,
    /// Another member learns the window: ask again soon.
    Wait,
    /// The ledger has seen a later request of this member.
    Stale,
    /// The member's windows are not the ledger's: no lease.
    Conflict,
}

/// When it is worth asking the ledger for more slots of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Slack {
    /// Not in this window, unless others leave something at its end.
    None,
    /// Late in the window, when other members have returned what they do not use.
    Late,
    /// At once.
    #[default]
    Now,
}
