//! Watching calls: an event for each thing a call does.

mod event;
#[cfg(feature = "tracing")]
mod tracing;

use core::fmt;
use core::time::Duration;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::{Method, Uri};
use intercom_pace::{Ask, WaitObserver};

pub(crate) use self::event::Progress;
pub use self::event::{Done, Event, EventKind, Received};
#[cfg(feature = "tracing")]
pub use self::tracing::TracingObserver;
use crate::Error;

/// Is told what every call of a client does, as it happens: for logs, metrics, progress.
///
/// A client's builder takes one. It is called between the steps of a call, or by the gate that the call asks, in the
/// thread or task that drives it and never under a lock of the library, so it should be quick and must not block; calls of many threads may tell it things at the same time.
///
/// An event shows neither the token nor a body, a query or the server's own words. Paths are told as they are sent, and
/// may hold ids.
///
/// [`observer_fn`] makes one of a closure, an `Arc` of one and a pair of two are one, and the feature `tracing` brings one
/// that writes log lines.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use intercom_protocol::{Event, EventKind, Observer};
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
/// use intercom_protocol::{Config, observer_fn};
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

    /// A call that begins now.
    pub(crate) fn watch(&self, method: &Method, uri: &Uri) -> Arc<Watch> {
        Arc::new(Watch {
            call: number(),
            by: self.clone(),
            method: method.clone(),
            uri: uri.clone(),
        })
    }

    /// A call whose request cannot be sent, which is its only event.
    pub(crate) fn invalid(&self, method: &Method, path: &str, error: &Error) {
        self.0.event(&Event {
            call: number(),
            method,
            path,
            progress: Progress {
                attempt: 0,
                elapsed: Duration::ZERO,
                latest: None,
            },
            kind: EventKind::Done(Done::failed(error)),
        });
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}

/// How many observed calls this process has begun: one observer may serve several clients, and must tell their calls apart.
static CALLS: AtomicUsize = AtomicUsize::new(0);

/// The number of a call that begins now.
fn number() -> u64 {
    let before = CALLS.fetch_add(1, Ordering::Relaxed);
    u64::try_from(before).map_or(u64::MAX, |before| before.saturating_add(1))
}

/// One call under observation; shared with the gate that it asks.
#[derive(Debug)]
pub(crate) struct Watch {
    by: Watched,
    call: u64,
    method: Method,
    uri: Uri,
}

impl Watch {
    pub(crate) fn tell(&self, progress: Progress<'_>, kind: EventKind<'_>) {
        self.by.0.event(&Event {
            call: self.call,
            method: &self.method,
            path: self.uri.path(),
            progress,
            kind,
        });
    }
}

impl WaitObserver for Watch {
    fn waiting(&self, ask: &Ask, wait: Duration) {
        let progress = Progress {
            attempt: ask.attempt(),
            elapsed: ask.now().tick().since(ask.began()),
            latest: None,
        };
        self.tell(progress, EventKind::Queued(wait));
    }
}
