//! The gate: who may send, and when.

use std::sync::Arc;

use intercom_protocol::{Admission, Ask, Connection};

/// Decides when a call may send; shared by all calls of a client. The default is a [`PacedGate`](crate::PacedGate).
///
/// Your own gate replaces that one, and may forward the question to it:
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicBool, Ordering};
/// use std::time::Duration;
/// use intercom_blocking::{Admission, Ask, Client, Gate, PacedGate, PacerSettings, Refusal};
///
/// /// Lets nothing go during maintenance, and paces at all other times.
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
///     fn paces(&self) -> bool {
///         true
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
///
/// A gate may block while it decides, though no longer than the call has time; it announces a wait with
/// [`Ask::waiting`], which the client's observer receives. What became of a request reaches it
/// through the [`Permit`](intercom_protocol::Permit) it handed out:
///
/// ```
/// use std::sync::{Arc, Condvar, Mutex};
/// use std::time::Duration;
/// use intercom_blocking::{Admission, Ask, Client, Gate, Moment, Permit, Seen, Settle};
///
/// /// Lets this many requests be on their way at a time, over all clients that share it.
/// #[derive(Clone)]
/// struct InFlight(Arc<Places>);
///
/// struct Places {
///     free: Mutex<usize>,
///     freed: Condvar,
/// }
///
/// impl Gate for InFlight {
///     fn admit(&self, ask: Ask) -> Admission {
///         let Places { free, freed } = &*self.0;
///         let patience = ask.time_left().unwrap_or(Duration::MAX);
///         let waited = freed.wait_timeout_while(free.lock().unwrap(), patience, |free| *free == 0);
///         let (mut free, waited) = waited.unwrap();
///         if waited.timed_out() {
///             return Admission::TooLate(Duration::ZERO);
///         }
///         *free -= 1;
///         Admission::Go(Permit::new(self.0.clone(), 0))
///     }
/// }
///
/// impl Settle for Places {
///     fn settle(&self, _: u64, _: Seen<'_>, _: Option<Moment>) {
///         *self.free.lock().unwrap() += 1;
///         self.freed.notify_one();
///     }
/// }
///
/// let gate = InFlight(Arc::new(Places { free: Mutex::new(4), freed: Condvar::new() }));
/// # let mock = intercom_mock::MockServer::start()?;
/// # let token = mock.token();
/// let client = Client::builder(token)
/// #   .base_url(mock.base_url())
///     .gate(gate.clone())
///     .build()?;
/// client.me()?;
/// assert_eq!(*gate.0.free.lock().unwrap(), 4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Gate: Send + Sync {
    /// Answers a call that wants to send.
    fn admit(&self, ask: Ask) -> Admission;

    /// Whether it spreads calls itself; then no random spread is added to the wait after a rate limit.
    fn paces(&self) -> bool {
        false
    }

    /// Learns the connection whose quota it keeps: once for each client that is built with this gate.
    ///
    /// The default ignores it; a gate that wraps another one forwards it.
    fn attach(&self, _connection: &Connection) {}
}

#[rustfmt::skip]
impl<G: Gate + ?Sized> Gate for Arc<G> {
    fn admit(&self, ask: Ask) -> Admission { (**self).admit(ask) }
    fn paces(&self) -> bool { (**self).paces() }
    fn attach(&self, connection: &Connection) { (**self).attach(connection); }
}

#[rustfmt::skip]
impl<G: Gate + ?Sized> Gate for Box<G> {
    fn admit(&self, ask: Ask) -> Admission { (**self).admit(ask) }
    fn paces(&self) -> bool { (**self).paces() }
    fn attach(&self, connection: &Connection) { (**self).attach(connection); }
}
