//! The ranges of the values in messages. A value outside comes from a program that is broken or not of this project.

#[cfg(feature = "ledger")]
use super::message::ClosedWindow;
use super::message::{LeaseReply, LeaseRequest, LeaseStatus};

/// More slots than any limit has.
const SLOTS: i64 = 10_000_000;

/// A time in the year 2096, in milliseconds.
const MILLIS: i64 = 4_000_000_000_000;

/// The same time in microseconds.
pub(super) const MICROS: i64 = 1000 * MILLIS;

/// The shortest window and the longest, in milliseconds.
const LENGTH: (i64, i64) = (100, 24 * 3600 * 1000);

/// The most requests of one member.
const SEQ: i64 = 10_000_000_000_000;

/// The most windows that a share is granted for. The ledger forgets members that are silent for longer.
const KEEP: i64 = 5;

impl LeaseRequest {
    /// How many closed windows count.
    pub const CLOSED: usize = 4;

    /// The request with every value moved into its range.
    #[cfg(feature = "ledger")]
    pub(super) fn clamped(&self) -> Self {
        let slots = |value: i64| value.clamp(0, SLOTS);
        let millis = |value: i64| value.clamp(0, MILLIS);
        let thousandths = |value: i64| value.clamp(0, 1000);
        let closed = self.closed.iter().take(Self::CLOSED).map(|closed| {
            let [unused, used] = [closed.unused, closed.used].map(slots);
            ClosedWindow::new(millis(closed.window), unused, used)
        });
        Self {
            id: self.id,
            seq: self.seq.clamp(0, SEQ),
            window: millis(self.window),
            length: self.length.clamp(LENGTH.0, LENGTH.1),
            limit: slots(self.limit),
            limit_window: millis(self.limit_window),
            hold: slots(self.hold),
            want: slots(self.want),
            need: slots(self.need),
            hungry: self.hungry,
            claim: slots(self.claim),
            claim_until: millis(self.claim_until),
            fallback: self.fallback,
            used: slots(self.used),
            used_phase: thousandths(self.used_phase),
            phase: thousandths(self.phase),
            server_at_least: self.server_at_least.clamp(0, MICROS),
            hidden: slots(self.hidden),
            reserve: thousandths(self.reserve),
            bye: self.bye,
            keep_max: self.keep_max.clamp(1, KEEP),
            closed: closed.collect(),
        }
    }
}

impl LeaseReply {
    /// Returns whether every value is one that a ledger can send. A member must not follow another reply.
    ///
    /// ```
    /// use intercom_pace::fleet::LeaseReply;
    ///
    /// let mut reply = LeaseReply::default();
    /// (reply.window, reply.length, reply.until) = (10_000, 10_000, 20_000);
    /// assert!(reply.is_plausible());
    ///
    /// reply.hold = -1;
    /// assert!(!reply.is_plausible());
    /// ```
    #[must_use]
    pub fn is_plausible(&self) -> bool {
        // A member may tell any hold, and be lent slots on top of it.
        let slots = [self.limit, self.hold / 2, self.share, self.free];
        let ends = self.window
            ..=self
                .window
                .saturating_add(KEEP * self.length.clamp(0, LENGTH.1));
        let whole = self.status != LeaseStatus::Ok
            || (self.window > 0
                && (LENGTH.0..=LENGTH.1).contains(&self.length)
                && ends.contains(&self.until));
        whole
            && slots.iter().all(|slots| (0..=SLOTS).contains(slots))
            && (0..=SEQ).contains(&self.seq)
            && self.hold >= 0
            && (0..=2 * MILLIS).contains(&self.window)
            && (0..=MILLIS).contains(&self.limit_window)
            && (0..=SLOTS).contains(&self.members)
            && (0..=2 * MICROS).contains(&self.server_at_least)
    }
}
