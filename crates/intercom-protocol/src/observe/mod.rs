//! Observing calls: events for everything that a call does.

mod event;
#[cfg(feature = "metrics")]
mod metrics;
#[cfg(feature = "tracing")]
mod tracing;

use core::fmt;
use core::time::Duration;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use intercom_retry::Moment;

pub use self::event::{Done, Event, EventKind, Received, Terms};
pub(crate) use self::event::{Progress, Requested};
#[cfg(feature = "metrics")]
pub use self::metrics::MetricsObserver;
#[cfg(feature = "tracing")]
pub use self::tracing::TracingObserver;
use crate::ApiRequest;

/// Receives the events of all calls of a client as they happen, for logs, metrics or progress.
///
/// Pass one to a client's builder. It runs in the thread or task that drives the call: between the steps of the call, or while
/// the gate is asked. The library holds no lock while it runs. It should be quick and must not block. Several threads can call it
/// at the same time.
///
/// An event prints neither the token nor a body, a query or the server's own words. It prints the path as it was sent, which can
/// contain ids. Its methods return the query and the whole response too: [`Received::failure`], [`Received::reply`].
///
/// [`observer_fn`] makes an observer from a closure. An `Arc` of an observer and a pair of two are observers too. The feature
/// `tracing` adds one that writes log lines.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use intercom_protocol::observe::{Event, EventKind, Observer};
///
/// /// Counts retries.
/// #[derive(Default)]
/// struct Retries(AtomicU64);
///
/// impl Observer for Retries {
///     fn event(&self, event: &Event<'_>) {
///         if let EventKind::Waiting(_) = event.kind() {
///             self.0.fetch_add(1, Ordering::Relaxed);
///         }
///     }
/// }
/// ```
pub trait Observer: Send + Sync {
    /// Receives an event.
    fn event(&self, event: &Event<'_>);
}

impl<O: Observer + ?Sized> Observer for Arc<O> {
    fn event(&self, event: &Event<'_>) {
        (**self).event(event);
    }
}

/// Passes each event to the first observer and then to the second.
impl<A: Observer, B: Observer> Observer for (A, B) {
    fn event(&self, event: &Event<'_>) {
        self.0.event(event);
        self.1.event(event);
    }
}

/// Makes an [`Observer`] from a closure.
///
/// ```
/// use intercom_protocol::Config;
/// use intercom_protocol::observe::observer_fn;
///
/// let config = Config::new("dG9rOjEyMw==").observer(observer_fn(|event| eprintln!("{event}")));
/// ```
pub const fn observer_fn<F: Fn(&Event<'_>) + Send + Sync>(receive: F) -> ObserverFn<F> {
    ObserverFn(receive)
}

/// The observer that [`observer_fn`] makes.
#[derive(Clone, Copy)]
pub struct ObserverFn<F>(F);

impl<F: Fn(&Event<'_>) + Send + Sync> Observer for ObserverFn<F> {
    fn event(&self, event: &Event<'_>) {
        (self.0)(event);
    }
}

impl<F> fmt::Debug for ObserverFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ObserverFn")
    }
}

/// The observer of all calls of a client.
#[derive(Clone)]
pub(crate) struct Watched(Arc<dyn Observer>);

impl Watched {
    pub(crate) fn new(observer: impl Observer + 'static) -> Self {
        Self(Arc::new(observer))
    }

    /// Returns the number for a new call.
    pub(crate) fn begin_call(&self) -> u64 {
        let before = CALLS.fetch_add(1, Ordering::Relaxed);
        u64::try_from(before).map_or(u64::MAX, |before| before.saturating_add(1))
    }

    pub(crate) fn report(&self, event: &Event<'_>) {
        self.0.event(event);
    }

    /// Reports the only event with its number, about a request that was not sent to this host and port.
    pub(crate) fn report_outside(
        &self,
        request: &ApiRequest,
        server: (&str, Option<u16>),
        now: Moment,
        kind: EventKind<'_>,
    ) {
        self.report(&Event {
            call: self.begin_call(),
            request: Requested {
                method: request.method(),
                path: request.path(),
                query: None,
                route: &request.route(),
                server,
                size: request.body().map_or(0, Bytes::len),
            },
            terms: None,
            progress: Progress {
                now,
                by_gate: false,
                attempt: 0,
                elapsed: Duration::ZERO,
                latest: None,
                in_flight: false,
            },
            kind,
        });
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}

/// The number of observed calls in this process. It is global because one observer can serve several clients.
static CALLS: AtomicUsize = AtomicUsize::new(0);
