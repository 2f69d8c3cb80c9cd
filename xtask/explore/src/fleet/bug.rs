//! Seeded bugs of a fleet's driver, its network or its ledger.

/// A seeded bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bug {
    AdmitsWithoutLease,
    HoldIsUnderstated,
    LedgerLendsWhatItHasForgotten,
    LedgerLendsTooMuch,
    RepliesAreMixedUp,
    SettlesNothing,
}

impl Bug {
    /// Every bug, with what it does.
    #[rustfmt::skip]
    pub(crate) const ALL: &'static [(Self, &'static str)] = &[
        (Self::AdmitsWithoutLease, "the queue admits a call that the member makes wait"),
        (Self::HoldIsUnderstated, "the driver keeps one slot of its member from the ledger"),
        (Self::LedgerLendsWhatItHasForgotten, "a ledger that has lost its memory lends at once"),
        (Self::LedgerLendsTooMuch, "the ledger lends one slot twice"),
        (Self::RepliesAreMixedUp, "a member gets the reply to another one"),
        (Self::SettlesNothing, "the queue forgets the permit of a request of unknown outcome"),
    ];
}
