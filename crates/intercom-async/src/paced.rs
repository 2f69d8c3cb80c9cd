//! Pacing for tasks: a gate that keeps all calls of a process just under Intercom's limit.

use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use async_trait::async_trait;
use intercom_protocol::gate::{
    Admission, Ask, Gauge, Permit, Place, Seen, Settle, Turn, Turnstile,
};
use intercom_protocol::{Moment, PacerSettings, Tick};

use crate::Timer;
use crate::gate::Gate;

/// How long a task waits at first, and at most, before it looks by itself whether those ahead of it have ceased to ask.
const LOOK_AROUND: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));

/// A gate that goes as fast as the rate limit allows, and no faster.
///
/// Every client has one of its own unless told otherwise. Programs with several clients of one app share one: clones
/// are the same gate. A call that is dropped while it waits leaves the queue; one that is kept without being polled, as
/// in a `select!` or a buffered stream, is passed over after a moment.
#[derive(Clone)]
pub struct PacedGate(Arc<Shared>);

struct Shared {
    turnstile: Mutex<Turnstile<Waiter>>,
    timer: Arc<dyn Timer>,
}

/// How a task in the queue is woken.
#[derive(Debug, Default)]
struct Waiter {
    waker: Option<Waker>,
    /// Woken since it last looked.
    woken: bool,
}

impl PacedGate {
    /// A gate that has not met the server yet: its first call looks alone. It tells time and sleeps by `timer`.
    #[must_use]
    pub fn new(settings: PacerSettings, timer: impl Timer + 'static) -> Self {
        Self::with_timer(settings, Arc::new(timer))
    }

    pub(crate) fn with_timer(settings: PacerSettings, timer: Arc<dyn Timer>) -> Self {
        let turnstile = Mutex::new(Turnstile::new(settings));
        Self(Arc::new(Shared { turnstile, timer }))
    }

    /// What the gate knows of the limit at this moment.
    #[must_use]
    pub fn gauge(&self) -> Gauge {
        self.0.lock().gauge(&self.0.timer.now())
    }
}

impl fmt::Debug for PacedGate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waiting = self.0.lock().waiting();
        f.debug_struct("PacedGate")
            .field("waiting", &waiting)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Gate for PacedGate {
    fn paces(&self) -> bool {
        true
    }

    async fn admit(&self, ask: Ask) -> Admission {
        let shared = &*self.0;
        let now = || shared.timer.now().tick();
        let give_up_at = ask.time_left().map(|left| now().after(left));
        let queued = Queued::enter(shared, ask.attempt());
        let (mut patience, most) = LOOK_AROUND;
        loop {
            match queued.ask(give_up_at) {
                Turn::Announce(wait) => ask.waiting(wait),
                Turn::Rest(Some(pause)) if queued.is_head() => queued.rest(pause).await,
                Turn::Rest(pause) => {
                    let pause = pause.map_or(patience, |pause| pause.min(patience));
                    queued.rest(pause).await;
                    patience = most.min(patience * 2);
                }
                Turn::Go(permit) => {
                    return Admission::Go(Permit::new(Arc::clone(&self.0) as _, permit));
                }
                Turn::TooLate(wait) => return Admission::TooLate(wait),
            }
        }
    }
}

/// A task's place in the queue; dropping it leaves the queue.
struct Queued<'s> {
    shared: &'s Shared,
    place: Place,
}

impl<'s> Queued<'s> {
    fn enter(shared: &'s Shared, attempt: u32) -> Self {
        let place = shared.lock().enter(attempt, Waiter::default());
        Self { shared, place }
    }

    fn ask(&self, give_up_at: Option<Tick>) -> Turn {
        let now = self.shared.timer.now();
        let mut turnstile = self.shared.lock();
        let waker = self.take_waker(&mut turnstile);
        let turn = turnstile.ask(self.place, give_up_at, &now);
        drop(turnstile);
        drop(waker);
        turn
    }

    fn is_head(&self) -> bool {
        self.shared.lock().is_head(self.place)
    }

    /// Sleeps that long, or until woken.
    async fn rest(&self, pause: Duration) {
        let mut sleep = self.shared.timer.sleep(pause);
        poll_fn(|context| {
            if self.was_woken(context.waker()) {
                return Poll::Ready(());
            }
            sleep.as_mut().poll(context)
        })
        .await;
    }

    fn was_woken(&self, waker: &Waker) -> bool {
        let waker = waker.clone();
        let mut turnstile = self.shared.lock();
        let Some(waiter) = turnstile.waiter(self.place) else {
            return true;
        };
        if std::mem::take(&mut waiter.woken) {
            return true;
        }
        let former = waiter.waker.replace(waker);
        drop(turnstile);
        drop(former);
        false
    }

    /// Takes out what wakes this task, to be dropped once the lock is released: a waker may run anything.
    fn take_waker(&self, turnstile: &mut Turnstile<Waiter>) -> Option<Waker> {
        turnstile.waiter(self.place)?.waker.take()
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        let now = self.shared.timer.now();
        let mut turnstile = self.shared.lock();
        let waker = self.take_waker(&mut turnstile);
        turnstile.leave(self.place);
        wake_head(turnstile, &now);
        drop(waker);
    }
}

impl Shared {
    /// A task that panics leaves nothing half-done behind, for each step under the lock is complete.
    fn lock(&self) -> MutexGuard<'_, Turnstile<Waiter>> {
        self.turnstile
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Marks the head as woken, and wakes it once the lock is released.
fn wake_head(mut turnstile: MutexGuard<'_, Turnstile<Waiter>>, now: &Moment) {
    let waker = turnstile.head(now).and_then(|waiter| {
        waiter.woken = true;
        waiter.waker.take()
    });
    drop(turnstile);
    if let Some(waker) = waker {
        waker.wake();
    }
}

impl Settle for Shared {
    // The clients that share this gate may have clocks with different origins, so their moments cannot be compared.
    fn settle(&self, permit: u64, seen: Seen<'_>, _: Option<Moment>) {
        let now = self.timer.now();
        let mut turnstile = self.lock();
        turnstile.settle(permit, seen, &now);
        wake_head(turnstile, &now);
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PacedGate")
    }
}
