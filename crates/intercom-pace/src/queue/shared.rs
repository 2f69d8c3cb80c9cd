//! A queue that the threads or tasks of one process share.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use core::ops::ControlFlow;
use core::task::Waker;
use core::time::Duration;
use std::sync::{Mutex, MutexGuard, PoisonError};

use intercom_retry::{Moment, Tick};

use super::{Place, Turn, Turnstile};
use crate::pacer::{Gauge, PacerSettings};
use crate::seam::{Admission, Ask, MaybeSend, MaybeSync, Permit, Seen, Settle};

/// A [`Turnstile`] behind a lock, with a clock. It does everything a gate does except waiting.
///
/// A gate puts each [`Ask`] into the queue with [`enter`](Self::enter), then alternates between asking and resting until it
/// has an admission. The gate decides how to rest: a thread parks, and a task awaits a timer.
///
/// ```
/// use core::ops::ControlFlow;
/// use std::sync::Arc;
/// use std::task::{Wake, Waker};
/// use std::thread::{self, Thread};
/// use std::time::{Duration, Instant};
/// use intercom_pace::{Admission, Ask, PacerSettings, SharedQueue};
/// use intercom_retry::{Moment, Tick};
///
/// struct Unpark(Thread);
///
/// impl Wake for Unpark {
///     fn wake(self: Arc<Self>) {
///         self.0.unpark();
///     }
/// }
///
/// fn admit(queue: &Arc<SharedQueue>, ask: Ask) -> Admission {
///     let waker = Waker::from(Arc::new(Unpark(thread::current())));
///     let queued = queue.enter(ask);
///     loop {
///         match queued.ask() {
///             ControlFlow::Break(admission) => return admission,
///             ControlFlow::Continue(pause) if !queued.was_woken(&waker) => {
///                 thread::park_timeout(pause.unwrap_or(Duration::MAX));
///             }
///             ControlFlow::Continue(_) => {}
///         }
///     }
/// }
///
/// let start = Instant::now();
/// let clock = move || Moment::new(Tick::new(start.elapsed()));
/// let queue = Arc::new(SharedQueue::new(PacerSettings::default(), clock));
/// let now = clock();
/// assert!(matches!(admit(&queue, Ask::new(now, now.tick(), 1)), Admission::Go(_)));
/// ```
pub struct SharedQueue {
    turnstile: Mutex<Turnstile<Waiter>>,
    clock: Box<dyn Clock>,
}

/// A function that returns the time.
trait Clock: MaybeSend + MaybeSync {
    fn now(&self) -> Moment;
}

impl<F: Fn() -> Moment + MaybeSend + MaybeSync> Clock for F {
    fn now(&self) -> Moment {
        self()
    }
}

/// How a waiter is woken.
#[derive(Debug, Default)]
struct Waiter {
    waker: Option<Waker>,
    /// Whether it was woken since it last checked.
    woken: bool,
}

/// A place in a [`SharedQueue`]. Dropping it leaves the queue.
#[derive(Debug)]
pub struct Queued<'q> {
    queue: &'q Arc<SharedQueue>,
    place: Place,
    ask: Ask,
    give_up_at: Option<Tick>,
}

impl SharedQueue {
    /// Creates an empty queue in front of a new pacer. Both use this clock.
    ///
    /// Clients that share a gate may have clocks with different origins, so the queue ignores their clocks.
    pub fn new(
        settings: PacerSettings,
        clock: impl Fn() -> Moment + MaybeSend + MaybeSync + 'static,
    ) -> Self {
        Self {
            turnstile: Mutex::new(Turnstile::new(settings)),
            clock: Box::new(clock),
        }
    }

    /// Joins the queue.
    pub fn enter(self: &Arc<Self>, ask: Ask) -> Queued<'_> {
        let left = ask.time_left();
        Queued {
            give_up_at: left.map(|left| self.clock.now().tick().after(left)),
            place: self
                .lock()
                .enter(ask.priority(), ask.attempt(), Waiter::default()),
            queue: self,
            ask,
        }
    }

    /// Returns a snapshot of what the pacer knows and allows now.
    pub fn gauge(&self) -> Gauge {
        let now = self.clock.now();
        self.lock().gauge(&now)
    }

    /// Returns how many calls wait.
    pub fn waiting(&self) -> usize {
        self.lock().waiting()
    }

    /// Ignores poisoning: each step under the lock is complete, so a panic leaves nothing half done.
    fn lock(&self) -> MutexGuard<'_, Turnstile<Waiter>> {
        self.turnstile
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queued<'_> {
    /// Asks whether the call may go.
    ///
    /// Returns `Break` with the admission, or `Continue` with how long to rest before asking again. `None` means to rest
    /// until woken. Drop this `Queued` once you have the admission. Dropping it wakes the next waiter.
    ///
    /// A new wait is announced to the call with [`Ask::waiting`].
    pub fn ask(&self) -> ControlFlow<Admission, Option<Duration>> {
        loop {
            return match self.turn() {
                Turn::Announce(wait) => {
                    self.ask.waiting(wait);
                    continue;
                }
                Turn::Rest(pause) => ControlFlow::Continue(pause),
                Turn::Go(permit) => {
                    let permit = Permit::new(Arc::clone(self.queue) as _, permit).spread();
                    ControlFlow::Break(Admission::Go(permit))
                }
                Turn::TooLate(wait) => ControlFlow::Break(Admission::TooLate(wait)),
            };
        }
    }

    fn turn(&self) -> Turn {
        let now = self.queue.clock.now();
        let mut turnstile = self.queue.lock();
        let waker = self.take_waker(&mut turnstile);
        let turn = turnstile.ask(self.place, self.give_up_at, &now);
        drop(turnstile);
        drop(waker);
        turn
    }

    /// Returns whether this place is the head of the queue.
    pub fn is_head(&self) -> bool {
        self.queue.lock().is_head(self.place)
    }

    /// Returns whether the waiter was woken since the last call, or has left the queue. If this returns `false`, `waker` is
    /// called as soon as the waiter is woken.
    pub fn was_woken(&self, waker: &Waker) -> bool {
        let waker = waker.clone();
        let mut turnstile = self.queue.lock();
        let Some(waiter) = turnstile.waiter(self.place) else {
            return true;
        };
        if core::mem::take(&mut waiter.woken) {
            return true;
        }
        let former = waiter.waker.replace(waker);
        drop(turnstile);
        drop(former);
        false
    }

    /// Takes the waker out. Drop it only after releasing the lock, because a waker may run any code.
    fn take_waker(&self, turnstile: &mut Turnstile<Waiter>) -> Option<Waker> {
        turnstile.waiter(self.place)?.waker.take()
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        let mut turnstile = self.queue.lock();
        let waker = self.take_waker(&mut turnstile);
        turnstile.leave(self.place);
        let waiting = turnstile.waiting();
        drop(turnstile);
        drop(waker);
        if waiting > 0 {
            let now = self.queue.clock.now();
            wake_head(self.queue.lock(), &now);
        }
    }
}

impl Settle for SharedQueue {
    fn settle(&self, permit: u64, seen: Seen<'_>, _: Option<Moment>) {
        let now = self.clock.now();
        let mut turnstile = self.lock();
        turnstile.settle(permit, seen, &now);
        wake_head(turnstile, &now);
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

impl fmt::Debug for SharedQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedQueue")
            .field("waiting", &self.waiting())
            .finish_non_exhaustive()
    }
}
