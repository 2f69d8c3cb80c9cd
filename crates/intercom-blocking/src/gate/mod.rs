//! The gate: which call may send, and when.

mod paced;

use std::sync::Arc;

use intercom_protocol::Connection;

pub use intercom_protocol::gate::{
    Admission, Admit, Admitter, Answer, Ask, Gauge, Pacer, Permit, Priority, Refusal, Seen, Settle,
    SharedQueue,
};
pub use paced::PacedGate;

/// Decides when a call may send. All calls of a client share one gate; the default is a [`PacedGate`].
///
/// Your own gate replaces the default one, and can wrap it. It may block while it decides, but no longer than
/// [`Ask::time_left`], and announces a wait with [`Ask::waiting`]. The [`Permit`] that it returns reports how the attempt
/// ended.
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicBool, Ordering};
/// use std::time::Duration;
/// use intercom_blocking::{Client, PacerSettings, protocol::Connection};
/// use intercom_blocking::gate::{Admission, Ask, Gate, PacedGate, Refusal};
///
/// /// Refuses every call during maintenance, and paces otherwise.
/// struct Maintained {
///     closed: Arc<AtomicBool>,
///     paced: PacedGate,
/// }
///
/// impl Gate for Maintained {
///     fn admit(&self, ask: Ask) -> Admission {
///         if self.closed.load(Ordering::Relaxed) {
///             return Admission::Refused(Refusal::new().with_retry_after(Duration::from_secs(60)));
///         }
///         self.paced.admit(ask)
///     }
///
///     fn attach(&self, connection: &Connection) {
///         self.paced.attach(connection);
///     }
/// }
///
/// # let mock = intercom_mock::MockServer::start()?;
/// # let token = mock.token();
/// let closed = Arc::new(AtomicBool::new(true));
/// let paced = PacedGate::new(PacerSettings::default());
/// let client = Client::builder(token)
/// #   .base_url(mock.base_url())
///     .gate(Maintained { closed: closed.clone(), paced })
///     .build()?;
///
/// let error = client.me().unwrap_err();
/// assert_eq!(error.stop().unwrap().retry_after(), Some(Duration::from_secs(60)));
/// closed.store(false, Ordering::Relaxed);
/// assert!(client.me().is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Gate: Send + Sync {
    /// Decides whether a call may send. Blocks until it may.
    fn admit(&self, ask: Ask) -> Admission;

    /// Receives the connection whose quota the gate keeps, once for each client that is built with it.
    ///
    /// A gate that wraps another one forwards this.
    fn attach(&self, _connection: &Connection) {}
}

#[rustfmt::skip]
impl<G: Gate + ?Sized> Gate for Arc<G> {
    fn admit(&self, ask: Ask) -> Admission { (**self).admit(ask) }
    fn attach(&self, connection: &Connection) { (**self).attach(connection); }
}

#[rustfmt::skip]
impl<G: Gate + ?Sized> Gate for Box<G> {
    fn admit(&self, ask: Ask) -> Admission { (**self).admit(ask) }
    fn attach(&self, connection: &Connection) { (**self).attach(connection); }
}
