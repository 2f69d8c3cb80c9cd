//! How much of a window a member needs, from what it used before.

use super::{CLOSED, Member};
use crate::fleet::message::ClosedWindow;
use crate::pacer::Closed;

/// What a member used and lacked.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Demand {
    /// Whether calls were refused for want of slots, in this window and in the last one.
    hungry: bool,
    hungry_last: bool,
    /// Slots used in the last window and in the one before.
    pub(super) own_last: f64,
    own_prev: f64,
    hold_last: f64,
}

impl Demand {
    pub(super) fn set_hungry(&mut self) {
        self.hungry = true;
    }

    pub(super) fn was_hungry(&self) -> bool {
        self.hungry_last
    }

    pub(super) fn is_hungry(&self) -> bool {
        self.hungry
    }

    /// What a window takes of itself. A burst in one window does not count.
    pub(super) fn expected(&self) -> f64 {
        let usual = 1.1 * self.own_last.min(self.own_prev) + 0.5;
        usual.min(self.own_last.max(self.own_prev))
    }

    fn turn(&mut self, closed: &Closed) {
        let skipped = closed.turns > 1.5;
        self.own_prev = if skipped { 0.0 } else { self.own_last };
        self.own_last = if skipped { 0.0 } else { closed.own };
        self.hold_last = closed.hold.unwrap_or(closed.own);
        self.hungry_last = core::mem::take(&mut self.hungry);
    }
}

impl Member {
    /// Notes a window that has closed.
    pub(super) fn note(&mut self, closed: &Closed) {
        self.demand.turn(closed);
        let Some(hold) = closed.hold else {
            return;
        };
        self.closed.rotate_left(1);
        if let Some(last) = self.closed.last_mut() {
            let unused = (hold - closed.own).max(0.0);
            *last = ClosedWindow::new(millis(closed.end), unused as i64, closed.used as i64);
        }
    }

    /// Forgets the closed windows that the ledger knows.
    pub(super) fn forget_closed(&mut self, until: i64) {
        for closed in &mut self.closed {
            if closed.window <= until {
                *closed = ClosedWindow::default();
            }
        }
    }

    /// Whether this member could use more than it has, and what it needs of each window.
    pub(super) fn need(&self, waiting: f64) -> (bool, f64) {
        let lease = self.pacer.lease();
        let demand = &self.demand;
        let (own, taken) = (self.pacer.own(), self.pacer.taken());
        let held = lease
            .map_or(taken, |lease| lease.hold)
            .max(demand.hold_last);
        let has_none = self.lease().is_none_or(|(hold, share)| hold + share == 0);
        let lacks = demand.hungry || demand.hungry_last || (has_none && waiting > 0.0);
        let much = waiting >= 4.0 || held >= 8.0 || (demand.hungry_last && waiting > 0.0);
        // Who has stopped working is not hungry, whatever the last window was like.
        let works = waiting > 0.0 || (own >= 1.0 && self.left() < 1.0);
        let hungry = lacks && much && works;
        let need = if hungry {
            (2.0 * held)
                .max(own + waiting)
                .max(demand.own_last)
                .max(1.0)
        } else {
            let now = (taken + waiting).min(demand.own_last);
            let need = demand.expected().max(now);
            if need < 3.0 { 0.0 } else { libm::round(need) }
        };
        (hungry, need.min(self.pacer.limit()))
    }

    /// How many more slots of this window the waiting calls want.
    pub(super) fn want(&self, waiting: f64) -> f64 {
        let lease = self.pacer.lease();
        let left = lease.map_or(0.0, |_| self.left());
        if waiting <= left {
            return 0.0;
        }
        let held = lease.map_or(self.pacer.taken(), |lease| lease.hold);
        let enough = if waiting >= 4.0 || held >= 8.0 {
            (2.0 * waiting).max(held)
        } else {
            waiting
        };
        libm::ceil(enough - left).clamp(0.0, self.pacer.limit().max(1.0))
    }
}

/// A time in seconds as whole milliseconds.
pub(super) fn millis(seconds: f64) -> i64 {
    libm::round(seconds * 1000.0) as i64
}

const _: () = assert!(CLOSED == 4, "the message says so");
