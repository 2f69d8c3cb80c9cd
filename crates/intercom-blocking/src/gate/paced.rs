//! Pacing for threads: a gate that keeps the calls of a process just under Intercom's rate limit.

use std::cell::LazyCell;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::task::{Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use intercom_protocol::PacerSettings;
use intercom_protocol::gate::{Admission, Admitter, Ask, Gauge, Pacer, SharedQueue};

use super::Gate;
use crate::clock::{Clock, SystemClock};

/// A gate that lets requests go as fast as the rate limit allows, and no faster.
///
/// Each client has its own, unless you set another gate. Clones share one queue and one quota: give each client of the same
/// app a clone.
///
/// ```
/// use intercom_blocking::{Client, PacerSettings, Region};
/// use intercom_blocking::gate::PacedGate;
///
/// let gate = PacedGate::new(PacerSettings::default());
/// let one = Client::builder("dG9rOjEyMw==").gate(gate.clone()).build()?;
/// let other = Client::builder("dG9rOjEyMw==").gate(gate).api_version("2.14").build()?;
/// # Ok::<(), intercom_blocking::Error>(())
/// ```
///
/// It is generic over what decides. With an [`Admitter`] of your own instead of a [`Pacer`], it only does the waiting: see
/// [`with_queue`](Self::with_queue).
#[derive(Debug)]
pub struct PacedGate<P: Admitter = Pacer>(Arc<SharedQueue<P>>);

impl<P: Admitter> Clone for PacedGate<P> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl PacedGate {
    /// Makes a gate that knows nothing about the server yet. Its first call goes alone, to learn the limit.
    #[must_use]
    pub fn new(settings: PacerSettings) -> Self {
        let clock = SystemClock::default();
        Self::with_queue(Arc::new(SharedQueue::new(settings, move || clock.now())))
    }
}

impl<P: Admitter> PacedGate<P> {
    /// Makes a gate from a queue. Its threads park in real time, so the clock of the queue must show real time.
    ///
    /// Use it to put your own [`Admitter`] before the calls of a client, or to keep a handle on the queue.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use intercom_blocking::{Client, PacerSettings};
    /// use intercom_blocking::gate::{PacedGate, SharedQueue};
    /// use intercom_blocking::transport::{Clock, SystemClock};
    ///
    /// let clock = SystemClock::default();
    /// let queue = Arc::new(SharedQueue::new(PacerSettings::default(), move || clock.now()));
    /// let client = Client::builder("dG9rOjEyMw==").gate(PacedGate::with_queue(queue.clone())).build()?;
    /// println!("{} calls wait", queue.waiting());
    /// # Ok::<(), intercom_blocking::Error>(())
    /// ```
    #[must_use]
    pub fn with_queue(queue: Arc<SharedQueue<P>>) -> Self {
        Self(queue)
    }

    /// Returns what the gate currently knows about the rate limit.
    #[must_use]
    pub fn gauge(&self) -> Gauge {
        self.0.gauge()
    }
}

impl<P: Admitter> Gate for PacedGate<P> {
    fn admit(&self, ask: Ask) -> Admission {
        let waker = LazyCell::new(|| Waker::from(Arc::new(Unpark(thread::current()))));
        let queued = self.0.enter(ask);
        loop {
            match queued.ask() {
                ControlFlow::Break(admission) => return admission,
                ControlFlow::Continue(wait) if !queued.was_woken(&waker) => {
                    // A time-out of centuries is the same as none.
                    thread::park_timeout(wait.unwrap_or(Duration::MAX));
                }
                ControlFlow::Continue(_) => {}
            }
        }
    }
}

/// Wakes a parked thread.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
