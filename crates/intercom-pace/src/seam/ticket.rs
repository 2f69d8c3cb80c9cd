//! A place at a gate, and its settlement.

use alloc::sync::Arc;
use core::fmt;

use super::Answer;

/// A place at a gate, owned by one attempt; it settles exactly once.
///
/// The attempt says how it went: [`sent`](Self::sent) when it goes on the wire, then
/// [`answered`](Self::answered). If it is dropped instead, it settles by itself: as [`Seen::NeverSent`] before the
/// wire, as [`Seen::Unknown`] after it, for the server may have counted the request.
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use intercom_pace::{Seen, Settle, Ticket};
///
/// #[derive(Debug, Default)]
/// struct Ledger(Mutex<Vec<String>>);
///
/// impl Settle for Ledger {
///     fn settle(&self, place: u64, seen: Seen<'_>) {
///         self.0.lock().unwrap().push(format!("{place}: {}", seen.as_str()));
///     }
/// }
///
/// let ledger = Arc::new(Ledger::default());
/// drop(Ticket::new(ledger.clone(), 1));
/// let mut ticket = Ticket::new(ledger.clone(), 2);
/// ticket.sent();
/// drop(ticket);
/// assert_eq!(*ledger.0.lock().unwrap(), ["1: never_sent", "2: unknown"]);
/// ```
#[must_use = "a ticket that is dropped gives its place up"]
pub struct Ticket {
    /// `None` once settled, and for a free ticket from the start.
    seat: Option<(Arc<dyn Settle>, u64)>,
    sent: bool,
}

impl Ticket {
    /// The ticket of those who pace nothing: nobody is told how the attempt ended.
    pub fn free() -> Self {
        Self {
            seat: None,
            sent: false,
        }
    }

    /// A ticket for `place` at a gate; the number is the gate's own and comes back in [`Settle::settle`].
    pub fn new(gate: Arc<dyn Settle>, place: u64) -> Self {
        Self {
            seat: Some((gate, place)),
            sent: false,
        }
    }

    /// The gate's number for this place; none for a free ticket.
    pub fn place(&self) -> Option<u64> {
        self.seat.as_ref().map(|(_, place)| *place)
    }

    /// Marks the attempt as on the wire: from here on the server may have counted it.
    pub fn sent(&mut self) {
        self.sent = true;
    }

    /// Settles with what the answer said about the rate limit.
    pub fn answered(mut self, answer: &Answer) {
        self.settle(Seen::Answered(answer));
    }

    /// Settles for an attempt known not to have reached the wire, even if it was marked as sent.
    pub fn never_sent(mut self) {
        self.settle(Seen::NeverSent);
    }

    fn settle(&mut self, seen: Seen<'_>) {
        if let Some((gate, place)) = self.seat.take() {
            gate.settle(place, seen);
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let seen = if self.sent {
            Seen::Unknown
        } else {
            Seen::NeverSent
        };
        self.settle(seen);
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The gate is left out: printing it may need the lock under which a ticket is printed.
        f.debug_struct("Ticket")
            .field("place", &self.place())
            .field("sent", &self.sent)
            .finish()
    }
}

/// The gate's side of a [`Ticket`].
pub trait Settle: Send + Sync {
    /// Learns how the attempt that held `place` ended.
    ///
    /// It runs once a ticket, possibly while a call is being dropped: it must neither block nor panic.
    fn settle(&self, place: u64, seen: Seen<'_>);
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
