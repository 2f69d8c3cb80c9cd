//! Watching calls: an event for each thing a call does.

mod event;
#[cfg(feature = "tracing")]
mod tracing;

use core::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

pub(crate) use self::event::Progress;
pub use self::event::{Done, Event, EventKind, Received};
#[cfg(feature = "tracing")]
pub use self::tracing::TracingObserver;

/// Receives what every call of a client does, as it happens: for logs, metrics, progress.
///
/// A client's builder takes one. It is called between the steps of a call, or by the gate that the call asks, in the
/// thread or task that drives it and never under a lock of the library. It should be quick and must not block. Calls of
/// many threads may call it at the same time.
///
/// An event shows neither the token nor a body, a query or the server's own words. Paths are told as they are sent, and
/// may hold ids.
///
/// [`observer_fn`] makes one of a closure, an `Arc` of one and a pair of two are one, and the feature `tracing` brings one
/// that writes log lines.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use intercom_protocol::observe::{Event, EventKind, Observer};
///
/// /// Counts how often calls had to be repeated.
/// #[derive(Default)]
/// struct Repeats(AtomicU64);
///
/// impl Observer for Repeats {
///     fn event(&self, event: &Event<'_>) {
///         if let EventKind::Waiting(_) = event.kind() {
///             self.0.fetch_add(1, Ordering::Relaxed);
///         }
///     }
/// }
/// ```
pub trait Observer: Send + Sync {
    /// Something happened in a call.
    fn event(&self, event: &Event<'_>);
}

impl<O: Observer + ?Sized> Observer for Arc<O> {
    fn event(&self, event: &Event<'_>) {
        (**self).event(event);
    }
}

/// Two observers are one, which tells the first and then the second.
impl<A: Observer, B: Observer> Observer for (A, B) {
    fn event(&self, event: &Event<'_>) {
        self.0.event(event);
        self.1.event(event);
    }
}

/// An [`Observer`] made of a closure.
///
/// ```
/// use intercom_protocol::Config;
/// use intercom_protocol::observe::observer_fn;
///
/// let config = Config::new("dG9rOjEyMw==").observer(observer_fn(|event| eprintln!("{event}")));
/// ```
pub const fn observer_fn<F: Fn(&Event<'_>) + Send + Sync>(tell: F) -> ObserverFn<F> {
    ObserverFn(tell)
}

/// What [`observer_fn`] makes.
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

    /// The number of a call that begins now.
    pub(crate) fn begin_call(&self) -> u64 {
        let before = CALLS.fetch_add(1, Ordering::Relaxed);
        u64::try_from(before).map_or(u64::MAX, |before| before.saturating_add(1))
    }

    pub(crate) fn tell(&self, event: &Event<'_>) {
        self.0.event(event);
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}

/// How many observed calls this process has begun: one observer may serve several clients, and must tell their calls apart.
static CALLS: AtomicUsize = AtomicUsize::new(0);
