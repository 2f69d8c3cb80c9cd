//! A member of a fleet: the pacer of one process, and what it says to the ledger.

use core::time::Duration;

use intercom_retry::Moment;

use super::message::{LeaseReply, LeaseRequest};
use crate::pacer::{Admit, Admitter, Gauge, Pacer, PacerSettings};
use crate::seam::Seen;

/// One process of a fleet.
#[derive(Clone, Debug)]
pub struct Member {
    pacer: Pacer,
    id: u64,
}

/// What a [`Member`] has to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Next {
    /// Send this to the ledger now, and pass its reply to [`Member::replied`], or tell [`Member::failed`].
    Ask(LeaseRequest),
    /// Look again after this long, or when the member wants [attention](Admitter::wants_attention). `None`: only then.
    Rest(Option<Duration>),
}

/// A change in what a member may do, for logs and metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// The ledger lent this many more slots of the window.
    Granted(u32),
}

impl Member {
    /// How long a member waits for the ledger's reply. A later reply is ignored.
    pub const TIMEOUT: Duration = Duration::from_millis(250);

    /// Creates a member that knows nothing about the server or the fleet yet. `id` must be random, and new for each member.
    #[must_use]
    pub fn new(settings: PacerSettings, id: u64) -> Self {
        Self {
            pacer: Pacer::new(settings),
            id,
        }
    }

    /// Returns what to do next, if this many calls wait. At most one request is out at a time.
    pub fn next(&mut self, _waiting: usize, _now: &Moment) -> Next {
        Next::Rest(None)
    }

    /// Takes in the ledger's reply.
    pub fn replied(&mut self, _reply: &LeaseReply, _now: &Moment) {}

    /// Records that the ledger did not reply: the connection was refused or lost, or the time-out has passed.
    pub fn failed(&mut self, _now: &Moment) {}

    /// Returns the request that gives the lease back, for the end of the process.
    pub fn bye(&mut self, _now: &Moment) -> LeaseRequest {
        LeaseRequest {
            id: self.id,
            bye: true,
            ..LeaseRequest::default()
        }
    }

    /// Takes the oldest change that was not taken yet.
    pub fn take_change(&mut self) -> Option<Change> {
        None
    }
}

impl Admitter for Member {
    fn admit(&mut self, now: &Moment) -> Admit {
        self.pacer.admit(now)
    }

    fn settle(&mut self, place: u64, seen: Seen<'_>, now: &Moment) {
        self.pacer.settle(place, seen, now);
    }

    fn gauge(&self, now: &Moment) -> Gauge {
        self.pacer.gauge(now)
    }
}
