//! What a member tells about itself.

/// A change in what a member may do, for logs and metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// The member has a lease for the first time.
    Joined {
        /// Slots of this window.
        hold: u32,
        /// Slots of each later window.
        share: u32,
    },
    /// The ledger lent more slots of this window.
    Granted {
        /// How many.
        slots: u32,
    },
    /// The ledger renewed the share.
    Renewed {
        /// Slots of each later window.
        share: u32,
    },
    /// The member gave slots of this window back.
    Returned {
        /// How many.
        slots: u32,
    },
    /// A request to the ledger had no reply, and the one before had one. The lease lasts to its end.
    LostLedger,
    /// The member has no lease and no ledger. It paces on its own.
    FellBack,
    /// The member has a lease again, after it had none.
    Rejoined {
        /// Slots of this window.
        hold: u32,
        /// Slots of each later window.
        share: u32,
    },
}

/// How many changes are kept for a driver that does not take them.
const KEPT: usize = 8;

/// The latest changes, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes {
    kept: [Option<Change>; KEPT],
}

impl Changes {
    /// Adds a change. If there is no room, the oldest is lost.
    pub(super) fn add(&mut self, change: Change) {
        if self.kept.iter().all(Option::is_some) {
            self.take();
        }
        if let Some(free) = self.kept.iter_mut().find(|kept| kept.is_none()) {
            *free = Some(change);
        }
    }

    pub(super) fn take(&mut self) -> Option<Change> {
        self.kept.rotate_left(1);
        self.kept.last_mut()?.take()
    }
}
