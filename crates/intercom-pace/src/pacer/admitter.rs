//! What a queue needs to know of a pacer.

use intercom_retry::Moment;

use super::{Admit, Gauge, Pacer};
use crate::seam::{MaybeSend, Seen};

/// What stands behind a [`Turnstile`](crate::Turnstile) and decides when the head of its queue may go: a [`Pacer`], or a
/// [`Member`](crate::fleet::Member) of a fleet.
pub trait Admitter: MaybeSend + 'static {
    /// Decides whether the head of the queue may go now.
    fn admit(&mut self, now: &Moment) -> Admit;

    /// Records how the attempt with this permit ended.
    fn settle(&mut self, permit: u64, seen: Seen<'_>, now: &Moment);

    /// Returns a snapshot of what it knows and allows now.
    fn gauge(&self, now: &Moment) -> Gauge;

    /// Returns whether something has happened on which its driver has to act, if this many calls wait.
    ///
    /// A pacer needs no driver, so the default is `false`.
    fn wants_attention(&mut self, _waiting: usize, _now: &Moment) -> bool {
        false
    }
}

impl Admitter for Pacer {
    fn admit(&mut self, now: &Moment) -> Admit {
        Self::admit(self, now)
    }

    fn settle(&mut self, permit: u64, seen: Seen<'_>, now: &Moment) {
        Self::settle(self, permit, seen, now);
    }

    fn gauge(&self, now: &Moment) -> Gauge {
        Self::gauge(self, now)
    }
}
