//! Pacing for tasks: a gate that keeps all calls of a process just under Intercom's limit.

use std::fmt;
use std::future::poll_fn;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use intercom_protocol::PacerSettings;
use intercom_protocol::gate::{Admission, Ask, Gauge, Queued, SharedQueue};

use super::Gate;
use crate::transport::Timer;

/// How long a task waits at first, and at most, before it looks by itself whether those ahead of it have ceased to ask.
const LOOK_AROUND: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));

/// A gate that goes as fast as the rate limit allows, and no faster.
///
/// Every client has one of its own unless told otherwise. Programs with several clients of one app share one: clones
/// are the same gate. A call that is dropped while it waits leaves the queue; one that is kept without being polled, as
/// in a `select!` or a buffered stream, is passed over after a moment.
#[derive(Clone)]
pub struct PacedGate {
    queue: Arc<SharedQueue>,
    timer: Arc<dyn Timer>,
}

impl PacedGate {
    /// A gate that has not met the server yet: its first call looks alone. It tells time and sleeps by `timer`.
    #[must_use]
    pub fn new(settings: PacerSettings, timer: impl Timer + 'static) -> Self {
        Self::with_timer(settings, Arc::new(timer))
    }

    pub(crate) fn with_timer(settings: PacerSettings, timer: Arc<dyn Timer>) -> Self {
        let clock = Arc::clone(&timer);
        let queue = Arc::new(SharedQueue::new(settings, move || clock.now()));
        Self { queue, timer }
    }

    /// What the gate knows of the limit at this moment.
    #[must_use]
    pub fn gauge(&self) -> Gauge {
        self.queue.gauge()
    }

    /// Sleeps that long, or until woken.
    async fn rest(&self, queued: &Queued<'_>, pause: Duration) {
        let mut sleep = self.timer.sleep(pause);
        poll_fn(|context| {
            if queued.was_woken(context.waker()) {
                return Poll::Ready(());
            }
            sleep.as_mut().poll(context)
        })
        .await;
    }
}

#[async_trait]
impl Gate for PacedGate {
    async fn admit(&self, ask: Ask) -> Admission {
        let queued = self.queue.enter(ask);
        let (mut patience, most) = LOOK_AROUND;
        loop {
            match queued.ask() {
                ControlFlow::Break(admission) => return admission,
                ControlFlow::Continue(Some(pause)) if queued.is_head() => {
                    self.rest(&queued, pause).await;
                }
                ControlFlow::Continue(pause) => {
                    let pause = pause.map_or(patience, |pause| pause.min(patience));
                    self.rest(&queued, pause).await;
                    patience = most.min(patience * 2);
                }
            }
        }
    }
}

impl fmt::Debug for PacedGate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PacedGate")
            .field("waiting", &self.queue.waiting())
            .finish_non_exhaustive()
    }
}
