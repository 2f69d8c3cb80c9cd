//! A queue that the threads or tasks of one process share.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use core::ops::ControlFlow;
use core::task::Waker;
use core::time::Duration;
use std::sync::PoisonError;

// With `--cfg loom`, tests run every order in which threads can take the lock.
#[cfg(all(test, loom))]
use loom::sync::{Mutex, MutexGuard};
#[cfg(not(all(test, loom)))]
use std::sync::{Mutex, MutexGuard};

use intercom_retry::{Moment, Tick};

use super::{Place, Turn, Turnstile};
use crate::pacer::{Admitter, Gauge, Pacer, PacerSettings};
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
pub struct SharedQueue<P = Pacer> {
    turnstile: Mutex<Turnstile<Waiter, P>>,
    clock: Box<dyn Clock>,
    /// Calls the driver of the pacer, if it has one.
    bell: Option<Box<dyn Bell>>,
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

/// A function that calls the driver of the pacer.
trait Bell: MaybeSend + MaybeSync {
    fn ring(&self);
}

impl<F: Fn() + MaybeSend + MaybeSync> Bell for F {
    fn ring(&self) {
        self();
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
pub struct Queued<'q, P: Admitter = Pacer> {
    queue: &'q Arc<SharedQueue<P>>,
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
        Self::before(Pacer::new(settings), clock)
    }
}

impl<P: Admitter> SharedQueue<P> {
    /// Creates an empty queue in front of this pacer, or of a member of a fleet. Both use this clock.
    pub fn before(pacer: P, clock: impl Fn() -> Moment + MaybeSend + MaybeSync + 'static) -> Self {
        Self {
            turnstile: Mutex::new(Turnstile::before(pacer)),
            clock: Box::new(clock),
            bell: None,
        }
    }

    /// Sets a function that runs whenever the pacer [wants attention](Admitter::wants_attention). It runs on the thread of the
    /// call that made the pacer want it, without a lock, so it should only wake the driver.
    #[must_use]
    pub fn with_bell(mut self, bell: impl Fn() + MaybeSend + MaybeSync + 'static) -> Self {
        self.bell = Some(Box::new(bell));
        self
    }

    /// Joins the queue.
    pub fn enter(self: &Arc<Self>, ask: Ask) -> Queued<'_, P> {
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

    /// Passes the pacer, the number of waiting calls and the time to a function, and then wakes the head of the queue, because the
    /// function may have changed what is allowed.
    ///
    /// The function runs under the lock of the queue, so it must not block.
    pub fn drive<R>(&self, function: impl FnOnce(&mut P, usize, &Moment) -> R) -> R {
        let now = self.clock.now();
        let mut turnstile = self.lock();
        let waiting = turnstile.waiting();
        let result = function(turnstile.pacer(), waiting, &now);
        wake_head(turnstile, &now);
        result
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

    fn ring_if(&self, rings: bool) {
        if let Some(bell) = self.bell.as_ref().filter(|_| rings) {
            bell.ring();
        }
    }

    /// Ignores poisoning: each step under the lock is complete, so a panic leaves nothing half done.
    fn lock(&self) -> MutexGuard<'_, Turnstile<Waiter, P>> {
        self.turnstile
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl<P: Admitter> Queued<'_, P> {
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
        let rings = turnstile.wants_attention(&now);
        drop(turnstile);
        drop(waker);
        self.queue.ring_if(rings);
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
    fn take_waker(&self, turnstile: &mut Turnstile<Waiter, P>) -> Option<Waker> {
        turnstile.waiter(self.place)?.waker.take()
    }
}

impl<P: Admitter> Drop for Queued<'_, P> {
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

impl<P: Admitter> Settle for SharedQueue<P> {
    fn settle(&self, permit: u64, seen: Seen<'_>, _: Option<Moment>) {
        let now = self.clock.now();
        let mut turnstile = self.lock();
        turnstile.settle(permit, seen, &now);
        let rings = turnstile.wants_attention(&now);
        wake_head(turnstile, &now);
        self.ring_if(rings);
    }
}

/// Marks the head as woken, and wakes it once the lock is released.
fn wake_head<P: Admitter>(mut turnstile: MutexGuard<'_, Turnstile<Waiter, P>>, now: &Moment) {
    let waker = turnstile.head(now).and_then(|waiter| {
        waiter.woken = true;
        waiter.waker.take()
    });
    drop(turnstile);
    if let Some(waker) = waker {
        waker.wake();
    }
}

impl<P: Admitter> fmt::Debug for SharedQueue<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedQueue")
            .field("waiting", &self.waiting())
            .finish_non_exhaustive()
    }
}
