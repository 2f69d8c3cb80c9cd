//! The parts of the algorithm, each of which a simulation can take away to see what it is worth.

/// A part of the algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "ledger"),
    expect(
        dead_code,
        unreachable_pub,
        reason = "only a simulation takes parts away"
    )
)]
#[non_exhaustive]
pub enum Part {
    /// A ledger that has lost its memory lends nothing for some windows.
    Quarantine,
    /// A hungry member keeps an expired share for one more window.
    Grace,
    /// The ledger leaves slots to clients outside the fleet.
    Neighbours,
    /// Members return what they will not use.
    Returns,
    /// Members return all that is left near the end of a window.
    LastReturn,
    /// The ledger keeps slots for members that call rarely.
    Reserve,
    /// Requests of a window's last second have to fit into the next window, too.
    Guard,
    /// Shares last for several windows.
    StandingShares,
    /// First shares last for different numbers of windows.
    StaggeredRenewal,
    /// Slots that do not divide evenly go to the members that are owed most.
    Credit,
    /// The limit of the newest window counts.
    NewestLimit,
    /// A few members look for slots that others have left at the end of a window.
    Sentinels,
    /// After the request that learns the window, calls wait for the ledger.
    WaitingForWord,
}

/// Which parts are taken away: none, except in simulations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parts {
    #[cfg(feature = "ledger")]
    without: Option<Part>,
}

impl Parts {
    /// Takes a part away.
    #[cfg(feature = "ledger")]
    pub(crate) fn without(part: Part) -> Self {
        Self {
            without: Some(part),
        }
    }

    /// Whether this part is there.
    #[cfg(feature = "ledger")]
    pub(crate) fn has(self, part: Part) -> bool {
        self.without != Some(part)
    }

    /// Whether this part is there.
    #[cfg(not(feature = "ledger"))]
    pub(crate) fn has(self, _: Part) -> bool {
        true
    }
}
