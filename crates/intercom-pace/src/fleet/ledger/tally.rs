//! What the ledger's members come to together.

/// Sums over members. The account keeps them, so that an ask reads only the member that asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Slots of this window.
    pub(super) holds: i64,
    /// Slots of the next window.
    pub(super) shares: i64,
    /// Members that could use more than their share.
    pub(super) hungry: i64,
    /// Members that wanted more of this window than they got.
    pub(super) unsatisfied: i64,
    /// Members that need anything.
    pub(super) needing: i64,
    /// Slots of this window that members hold which are not hungry.
    pub(super) idle: i64,
    /// Hungry members that are unsatisfied or hold less than they need.
    pub(super) wanting: i64,
    /// Members with a share, or seen within two windows.
    pub(super) members: i64,
}

impl Tally {
    pub(super) fn plus(self, other: Self) -> Self {
        self.with(other, i64::saturating_add)
    }

    pub(super) fn minus(self, other: Self) -> Self {
        self.with(other, i64::saturating_sub)
    }

    fn with(self, other: Self, sum: fn(i64, i64) -> i64) -> Self {
        Self {
            holds: sum(self.holds, other.holds),
            shares: sum(self.shares, other.shares),
            hungry: sum(self.hungry, other.hungry),
            unsatisfied: sum(self.unsatisfied, other.unsatisfied),
            needing: sum(self.needing, other.needing),
            idle: sum(self.idle, other.idle),
            wanting: sum(self.wanting, other.wanting),
            members: sum(self.members, other.members),
        }
    }
}
