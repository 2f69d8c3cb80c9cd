//! An attempt's permission to send, and how it reports the attempt's end.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;

use intercom_retry::Moment;

use super::{Answer, MaybeSend, MaybeSync};

/// A gate's permission to send, owned by one attempt. It settles exactly once: it reports to the gate how the attempt
/// ended.
///
/// The attempt calls [`sent`](Self::sent) when it sends the request, and then [`responded`](Self::responded),
/// [`never_sent`](Self::never_sent) or [`unknown`](Self::unknown). A dropped permit settles itself: as
/// [`Seen::NeverSent`] before `sent`, as [`Seen::Unknown`] after it.
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use intercom_pace::{Permit, Seen, Settle};
/// use intercom_retry::Moment;
///
/// #[derive(Debug, Default)]
/// struct Ledger(Mutex<Vec<String>>);
///
/// impl Settle for Ledger {
///     fn settle(&self, place: u64, seen: Seen<'_>, _now: Option<Moment>) {
///         self.0.lock().unwrap().push(format!("{place}: {}", seen.as_str()));
///     }
/// }
///
/// let ledger = Arc::new(Ledger::default());
/// drop(Permit::new(ledger.clone(), 1));
/// let mut permit = Permit::new(ledger.clone(), 2);
/// permit.sent();
/// drop(permit);
/// assert_eq!(*ledger.0.lock().unwrap(), ["1: never_sent", "2: unknown"]);
/// ```
#[must_use = "a dropped permit gives up its place"]
pub struct Permit {
    /// `None` once settled, and always for a free permit.
    seat: Option<(Arc<dyn Settle>, u64)>,
    /// The permit of another gate, which settles in the same way.
    other: Option<Box<Permit>>,
    sent: bool,
    spread: bool,
}

impl Permit {
    /// Creates a permit without a gate. It settles nothing.
    pub fn free() -> Self {
        Self {
            seat: None,
            other: None,
            sent: false,
            spread: false,
        }
    }

    /// Creates a permit of a gate. The gate chooses the number `place` and gets it back in [`Settle::settle`].
    pub fn new(gate: Arc<dyn Settle>, place: u64) -> Self {
        Self {
            seat: Some((gate, place)),
            other: None,
            sent: false,
            spread: false,
        }
    }

    /// Adds the permit of another gate. Both settle in the same way and at the same time.
    ///
    /// A gate that wraps another gate needs this method, because the attempt must give up its place at both gates.
    ///
    /// ```
    /// # use std::sync::{Arc, Mutex};
    /// # use intercom_pace::{Permit, Seen, Settle};
    /// # use intercom_retry::Moment;
    /// #
    /// # #[derive(Debug, Default)]
    /// # struct Ledger(Mutex<Vec<String>>);
    /// #
    /// # impl Settle for Ledger {
    /// #     fn settle(&self, place: u64, seen: Seen<'_>, _now: Option<Moment>) {
    /// #         self.0.lock().unwrap().push(format!("{place}: {}", seen.as_str()));
    /// #     }
    /// # }
    /// let ledger = Arc::new(Ledger::default());
    /// let mut permit = Permit::new(ledger.clone(), 1).and(Permit::new(ledger.clone(), 2));
    /// permit.sent();
    /// drop(permit);
    /// assert_eq!(*ledger.0.lock().unwrap(), ["1: unknown", "2: unknown"]);
    /// ```
    pub fn and(mut self, other: Self) -> Self {
        self.other = Some(Box::new(match self.other.take() {
            Some(inner) => inner.and(other),
            None => other,
        }));
        self
    }

    /// Marks that the gate itself spreads calls over the window, so the call adds no jitter to its wait after a 429.
    pub fn spread(mut self) -> Self {
        self.spread = true;
        self
    }

    /// Returns whether the gate of this permit, or of one joined to it, spreads calls over the window by itself. The call then
    /// adds no jitter of its own.
    pub fn is_spread(&self) -> bool {
        self.spread || self.other.as_ref().is_some_and(|other| other.is_spread())
    }

    /// Returns the gate's number for this permit, or `None` for a free permit. If there are several gates, this is the
    /// outer gate's number.
    pub fn place(&self) -> Option<u64> {
        self.seat.as_ref().map(|(_, place)| *place)
    }

    /// Marks the request as sent: from now on the server may have counted it.
    pub fn sent(&mut self) {
        self.sent = true;
    }

    /// Settles with a response that was received at `now`.
    pub fn responded(mut self, answer: &Answer, now: Moment) {
        self.settle(Seen::Responded(answer), Some(now));
    }

    /// Settles an attempt whose request was certainly not sent, even if it was marked as sent.
    pub fn never_sent(mut self, now: Moment) {
        self.settle(Seen::NeverSent, Some(now));
    }

    /// Settles an attempt that was sent and received no response: the server may have counted it.
    pub fn unknown(mut self, now: Moment) {
        self.settle(Seen::Unknown, Some(now));
    }

    fn settle(&mut self, seen: Seen<'_>, now: Option<Moment>) {
        if let Some((gate, place)) = self.seat.take() {
            gate.settle(place, seen, now);
        }
        if let Some(mut other) = self.other.take() {
            other.settle(seen, now);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let seen = if self.sent {
            Seen::Unknown
        } else {
            Seen::NeverSent
        };
        self.settle(seen, None);
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Leaves the gate out: printing it may need a lock that is held while the permit is printed.
        f.debug_struct("Permit")
            .field("place", &self.place())
            .field("sent", &self.sent)
            .finish()
    }
}

/// Receives how attempts ended; implemented by gates.
pub trait Settle: MaybeSend + MaybeSync {
    /// Receives how the attempt with the permit `place` ended, and when.
    ///
    /// `now` is a time on the call's clock, like [`Ask::now`](super::Ask::now). It is `None` if the permit was dropped.
    /// Two clients may have clocks with different origins, so a gate that they share needs a clock of its own.
    ///
    /// This method runs once for each permit, perhaps while a call is being dropped, so it must neither block nor panic.
    fn settle(&self, place: u64, seen: Seen<'_>, now: Option<Moment>);
}

/// How an attempt ended, as a gate sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "every gate must account for each ending"
)]
pub enum Seen<'a> {
    /// A response arrived.
    Responded(&'a Answer),
    /// The request was not sent: its place is free again.
    NeverSent,
    /// The request was sent and its outcome is unknown: the server may have counted it.
    Unknown,
}

impl Seen<'_> {
    /// Returns the name in snake case.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Responded(..) => "responded",
            Self::NeverSent => "never_sent",
            Self::Unknown => "unknown",
        }
    }
}
