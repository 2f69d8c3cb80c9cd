//! The gate: who may send, and when.

use intercom_protocol::{Admission, Ask};

/// Decides when a call may send; shared by all calls of a client.
///
/// A client has a [`PacedGate`](crate::PacedGate) unless told otherwise; one built `without_pacing` lets every call go at
/// once. A gate of yours may block while it decides; what became of the
/// request reaches it through the [`Ticket`](intercom_protocol::Ticket) it hands out.
pub trait Gate: Send + Sync {
    /// Answers a call that wants to send.
    fn admit(&self, ask: Ask) -> Admission;

    /// Whether it spreads calls over the window, so that chance need not do so after a rate limit.
    fn paces(&self) -> bool {
        false
    }
}
