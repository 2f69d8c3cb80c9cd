//! A call's permission to send, and its settlement.

use alloc::sync::Arc;
use core::fmt;

use intercom_retry::Moment;

use super::Answer;

/// A gate's permission to send, owned by one attempt; it settles exactly once.
///
/// The attempt reports how it went: [`sent`](Self::sent) when it goes on the wire, then [`answered`](Self::answered),
/// [`never_sent`](Self::never_sent) or [`unknown`](Self::unknown). A permit that is dropped settles by itself: as
/// [`Seen::NeverSent`] before the wire, as [`Seen::Unknown`] after it.
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
#[must_use = "a permit that is dropped gives its place up"]
pub struct Permit {
    /// `None` once settled, and for a free permit from the start.
    seat: Option<(Arc<dyn Settle>, u64)>,
    sent: bool,
    spread: bool,
}

impl Permit {
    /// The permit where nothing is paced: no gate hears how the attempt ended.
    pub fn free() -> Self {
        Self {
            seat: None,
            sent: false,
            spread: false,
        }
    }

    /// A permit for `place` at a gate; the number is the gate's own and comes back in [`Settle::settle`].
    pub fn new(gate: Arc<dyn Settle>, place: u64) -> Self {
        Self {
            seat: Some((gate, place)),
            sent: false,
            spread: false,
        }
    }

    /// Says that the gate spreads calls over the window itself, so that the call adds no random spread to its wait after a
    /// rate limit.
    pub fn spread(mut self) -> Self {
        self.spread = true;
        self
    }

    /// Whether the gate spreads calls itself.
    pub fn is_spread(&self) -> bool {
        self.spread
    }

    /// The gate's number for this place; none for a free permit.
    pub fn place(&self) -> Option<u64> {
        self.seat.as_ref().map(|(_, place)| *place)
    }

    /// Marks the attempt as on the wire: from here on the server may have counted it.
    pub fn sent(&mut self) {
        self.sent = true;
    }

    /// Settles with what the answer, received at `now`, said about the rate limit.
    pub fn answered(mut self, answer: &Answer, now: Moment) {
        self.settle(Seen::Answered(answer), Some(now));
    }

    /// Settles for an attempt known not to have reached the wire, even if it was marked as sent.
    pub fn never_sent(mut self, now: Moment) {
        self.settle(Seen::NeverSent, Some(now));
    }

    /// Settles for an attempt that went on the wire and got no response: the server may have counted it.
    pub fn unknown(mut self, now: Moment) {
        self.settle(Seen::Unknown, Some(now));
    }

    fn settle(&mut self, seen: Seen<'_>, now: Option<Moment>) {
        if let Some((gate, place)) = self.seat.take() {
            gate.settle(place, seen, now);
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
        // The gate is left out: printing it may need the lock under which a permit is printed.
        f.debug_struct("Permit")
            .field("place", &self.place())
            .field("sent", &self.sent)
            .finish()
    }
}

/// The gate's side of a [`Permit`].
pub trait Settle: Send + Sync {
    /// Learns how the attempt that held `place` ended, and when.
    ///
    /// `now` is a moment of the call's clock, the one of [`Ask::now`](super::Ask::now); it is `None` when a permit is
    /// dropped. Two clients may have clocks with different origins, so a gate that they share reads a clock of its own.
    ///
    /// It runs once for each permit, possibly while a call is being dropped: it must neither block nor panic.
    fn settle(&self, place: u64, seen: Seen<'_>, now: Option<Moment>);
}

/// How an attempt ended, as a gate sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "every gate must account for each ending"
)]
pub enum Seen<'a> {
    /// An answer came, and this is what it said about the rate limit.
    Answered(&'a Answer),
    /// The request never reached the wire: its place is free again.
    NeverSent,
    /// It was sent and nothing is known: the server may have counted it.
    Unknown,
}

impl Seen<'_> {
    /// Its name in snake case.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Answered(..) => "answered",
            Self::NeverSent => "never_sent",
            Self::Unknown => "unknown",
        }
    }
}
