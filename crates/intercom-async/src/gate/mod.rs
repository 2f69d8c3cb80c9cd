//! The gate: which call may send, and when.

mod paced;

use std::sync::Arc;

use async_trait::async_trait;
use intercom_protocol::{Connection, MaybeSend, MaybeSync};

pub use intercom_protocol::gate::{
    Admission, Admit, Admitter, Answer, Ask, Gauge, Pacer, Permit, Priority, Refusal, Seen, Settle,
    SharedQueue,
};
pub use paced::PacedGate;

/// Decides when a call may send. All calls of a client share one gate; the default is a [`PacedGate`].
///
/// Your own gate replaces the default one, and can wrap it. It may wait while it decides, but no longer than
/// [`Ask::time_left`], and announces a wait with [`Ask::waiting`]. The [`Permit`] that it returns reports how the attempt
/// ended, even when the call is dropped. A gate that wraps another one joins both permits with [`Permit::and`]:
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use intercom_async::{Client, PacerSettings, async_trait};
/// use intercom_async::protocol::{Connection, Moment};
/// use intercom_async::gate::{Admission, Ask, Gate, PacedGate, Permit, Seen, Settle};
/// use intercom_async::transport::TokioTimer;
/// use tokio::sync::Semaphore;
/// use tokio::time::timeout;
///
/// /// Paces the calls, and limits how many requests are in flight at a time.
/// struct InFlight {
///     places: Arc<Places>,
///     paced: PacedGate,
/// }
///
/// struct Places(Semaphore);
///
/// #[async_trait]
/// impl Gate for InFlight {
///     async fn admit(&self, ask: Ask) -> Admission {
///         let patience = ask.time_left().unwrap_or(Duration::MAX);
///         match timeout(patience, self.places.0.acquire()).await {
///             Ok(place) => place.unwrap().forget(), // the permit below gives it back
///             Err(_) => return Admission::TooLate(Duration::ZERO),
///         }
///         let place = Permit::new(self.places.clone(), 0);
///         match self.paced.admit(ask).await {
///             Admission::Go(paced) => Admission::Go(place.and(paced)),
///             refused => refused,
///         }
///     }
///
///     fn attach(&self, connection: &Connection) {
///         self.paced.attach(connection);
///     }
/// }
///
/// impl Settle for Places {
///     fn settle(&self, _: u64, _: Seen<'_>, _: Option<Moment>) {
///         self.0.add_permits(1);
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let places = Arc::new(Places(Semaphore::new(4)));
/// let paced = PacedGate::new(PacerSettings::default(), TokioTimer::default());
/// # let mock = intercom_mock::MockServer::builder().token("dG9rOjEyMw==").start()?;
/// let client = Client::builder("dG9rOjEyMw==")
/// #   .base_url(mock.base_url())
///     .gate(InFlight { places: places.clone(), paced })
///     .build()?;
/// client.me().await?;
/// assert_eq!(places.0.available_permits(), 4);
/// # Ok(()) }
/// ```
#[cfg_attr(not(target_arch = "wasm32"), async_trait)]
#[cfg_attr(target_arch = "wasm32", async_trait(?Send))]
pub trait Gate: MaybeSend + MaybeSync {
    /// Decides whether a call may send. Waits until it may.
    async fn admit(&self, ask: Ask) -> Admission;

    /// Receives the connection whose quota the gate keeps, once for each client that is built with it.
    ///
    /// A gate that wraps another one forwards this.
    fn attach(&self, _connection: &Connection) {}
}

#[rustfmt::skip]
#[cfg_attr(not(target_arch = "wasm32"), async_trait)]
#[cfg_attr(target_arch = "wasm32", async_trait(?Send))]
impl<G: Gate + ?Sized> Gate for Arc<G> {
    async fn admit(&self, ask: Ask) -> Admission { (**self).admit(ask).await }
    fn attach(&self, connection: &Connection) { (**self).attach(connection); }
}

#[rustfmt::skip]
#[cfg_attr(not(target_arch = "wasm32"), async_trait)]
#[cfg_attr(target_arch = "wasm32", async_trait(?Send))]
impl<G: Gate + ?Sized> Gate for Box<G> {
    async fn admit(&self, ask: Ask) -> Admission { (**self).admit(ask).await }
    fn attach(&self, connection: &Connection) { (**self).attach(connection); }
}
