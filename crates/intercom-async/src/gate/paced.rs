//! Pacing for tasks: a gate that keeps the calls of a process just under Intercom's rate limit.

use std::fmt;
use std::future::poll_fn;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use intercom_protocol::PacerSettings;
use intercom_protocol::gate::{Admission, Admitter, Ask, Gauge, Pacer, Queued, SharedQueue};

use super::Gate;
use crate::transport::Timer;

/// How long a task waits, at first and at most, before it checks by itself whether the tasks ahead of it are no longer polled.
const PATIENCE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));

/// A gate that lets requests go as fast as the rate limit allows, and no faster.
///
/// Each client has its own, unless you set another gate. Clones share one queue and one quota: give each client of the same
/// app a clone. A call that is dropped while it waits leaves the queue.
///
/// A future can be kept without being polled, for example in a `select!` or a buffered stream. While its call waits in the queue,
/// it delays the calls behind it by at most about two seconds; then they overtake it. Once its request has been admitted, it keeps
/// its permit until it is polled to its end or dropped, and until then it can hold up the other calls.
///
/// It is generic over what decides. With an [`Admitter`] of your own instead of a [`Pacer`], it only does the waiting: see
/// [`with_queue`](Self::with_queue).
pub struct PacedGate<P: Admitter = Pacer> {
    queue: Arc<SharedQueue<P>>,
    timer: Arc<dyn Timer>,
}

impl<P: Admitter> Clone for PacedGate<P> {
    fn clone(&self) -> Self {
        Self {
            queue: Arc::clone(&self.queue),
            timer: Arc::clone(&self.timer),
        }
    }
}

impl PacedGate {
    /// Makes a gate that knows nothing about the server yet. Its first call goes alone, to learn the limit.
    ///
    /// It reads the time and sleeps with `timer`.
    #[must_use]
    pub fn new(settings: PacerSettings, timer: impl Timer + 'static) -> Self {
        Self::with_timer(settings, Arc::new(timer))
    }

    pub(crate) fn with_timer(settings: PacerSettings, timer: Arc<dyn Timer>) -> Self {
        let clock = Arc::clone(&timer);
        let queue = Arc::new(SharedQueue::new(settings, move || clock.now()));
        Self { queue, timer }
    }
}

impl<P: Admitter> PacedGate<P> {
    /// Makes a gate from a queue. Its calls sleep with `timer`, which must keep the same time as the clock of the queue.
    ///
    /// Use it to put your own [`Admitter`] before the calls of a client, or to keep a handle on the queue.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use intercom_async::{Client, PacerSettings};
    /// use intercom_async::gate::{PacedGate, SharedQueue};
    /// use intercom_async::transport::{Timer, TokioTimer};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let timer = TokioTimer::default();
    /// let queue = Arc::new(SharedQueue::new(PacerSettings::default(), move || timer.now()));
    /// let gate = PacedGate::with_queue(queue.clone(), timer);
    /// let client = Client::builder("dG9rOjEyMw==").gate(gate).build()?;
    /// println!("{} calls wait", queue.waiting());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn with_queue(queue: Arc<SharedQueue<P>>, timer: impl Timer + 'static) -> Self {
        let timer = Arc::new(timer);
        Self { queue, timer }
    }

    /// Returns what the gate currently knows about the rate limit.
    #[must_use]
    pub fn gauge(&self) -> Gauge {
        self.queue.gauge()
    }

    /// Sleeps this long, or until woken.
    async fn rest(&self, queued: &Queued<'_, P>, wait: Duration) {
        let mut sleep = self.timer.sleep(wait);
        poll_fn(|context| {
            if queued.was_woken(context.waker()) {
                return Poll::Ready(());
            }
            sleep.as_mut().poll(context)
        })
        .await;
    }
}

#[cfg_attr(not(target_arch = "wasm32"), async_trait)]
#[cfg_attr(target_arch = "wasm32", async_trait(?Send))]
impl<P: Admitter> Gate for PacedGate<P> {
    async fn admit(&self, ask: Ask) -> Admission {
        let queued = self.queue.enter(ask);
        let (mut patience, most) = PATIENCE;
        loop {
            match queued.ask() {
                ControlFlow::Break(admission) => return admission,
                ControlFlow::Continue(Some(wait)) if queued.is_head() => {
                    self.rest(&queued, wait).await;
                }
                ControlFlow::Continue(wait) => {
                    let wait = wait.map_or(patience, |wait| wait.min(patience));
                    self.rest(&queued, wait).await;
                    patience = most.min(patience * 2);
                }
            }
        }
    }
}

impl<P: Admitter> fmt::Debug for PacedGate<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PacedGate")
            .field("waiting", &self.queue.waiting())
            .finish_non_exhaustive()
    }
}
