//! The queue in front of a pacer: one at a time asks, the others wait for their turn.

use alloc::collections::BTreeMap;
use core::time::Duration;

use super::gauge::Gauge;
use super::pacer::{Admit, Pacer};
use super::settings::PacerSettings;
use super::ticket::Seen;
use crate::moment::Moment;

/// A pacer and the queue in front of it: retries before new calls, each in the order they came.
///
/// It neither sleeps nor wakes anybody. `W` is what wakes a waiter, a condition variable for threads or a waker for
/// tasks; whatever changes the head of the queue hands out the one to wake. Only the head asks the pacer, so that a
/// thousand waiters cost what one costs.
///
/// ```
/// use core::time::Duration;
/// use intercom_retry::{Moment, PacerSettings, Tick, Turn, Turnstile};
///
/// let now = Moment::new(Tick::default());
/// let mut turnstile = Turnstile::new(PacerSettings::default());
/// let first = turnstile.enter(1, "first");
/// let second = turnstile.enter(1, "second");
///
/// assert_eq!(turnstile.ask(second, &now), Turn::Queued);
/// // The first goes to look; the second is the head now and waits for the answer.
/// assert!(matches!(turnstile.ask(first, &now), Turn::Go(_)));
/// assert_eq!(turnstile.head(), Some(&"second"));
/// assert!(matches!(turnstile.ask(second, &now), Turn::Wait(_)));
/// ```
#[derive(Debug)]
pub struct Turnstile<W> {
    pacer: Pacer,
    queue: BTreeMap<Place, W>,
    entered: u64,
}

/// A place in the queue of a [`Turnstile`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    is_new: bool,
    number: u64,
}

/// What a [`Turnstile`] answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "every gate must say what it does with each answer"
)]
pub enum Turn {
    /// Send now, under this permit of the pacer; the place in the queue is given up.
    Go(u64),
    /// Others come first: wait to be woken.
    Queued,
    /// Ask again after this long, or when woken.
    Wait(Duration),
}

impl<W> Turnstile<W> {
    /// An empty queue in front of a pacer that has not met the server yet.
    pub fn new(settings: PacerSettings) -> Self {
        Self {
            pacer: Pacer::new(settings),
            queue: BTreeMap::new(),
            entered: 0,
        }
    }

    /// Joins the queue for the attempt of this number: a retry goes before calls that were never sent.
    pub fn enter(&mut self, attempt: u32, wake: W) -> Place {
        self.entered = self.entered.wrapping_add(1);
        let place = Place {
            is_new: attempt <= 1,
            number: self.entered,
        };
        self.queue.insert(place, wake);
        place
    }

    /// Asks for a place in the queue whether its time has come; after `Go` the new [`head`](Self::head) is to be woken.
    pub fn ask(&mut self, place: Place, now: &Moment) -> Turn {
        if self.queue.keys().next() != Some(&place) {
            return Turn::Queued;
        }
        match self.pacer.admit(now) {
            Admit::Wait(wait) => Turn::Wait(wait),
            Admit::Go(permit) => {
                self.queue.remove(&place);
                Turn::Go(permit)
            }
        }
    }

    /// Leaves the queue without having gone; the new [`head`](Self::head) is to be woken.
    pub fn leave(&mut self, place: Place) {
        self.queue.remove(&place);
    }

    /// Ends a permit as a [`Ticket`](super::Ticket) reports it; the [`head`](Self::head) is to be woken.
    pub fn settle(&mut self, permit: u64, seen: Seen<'_>, now: &Moment) {
        self.pacer.settle(permit, seen, now);
    }

    /// What wakes the head of the queue.
    pub fn head(&self) -> Option<&W> {
        self.queue.values().next()
    }

    /// What wakes the waiter at this place, to be replaced by a newer one.
    pub fn waiter(&mut self, place: Place) -> Option<&mut W> {
        self.queue.get_mut(&place)
    }

    /// How many wait.
    pub fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// What the pacer knows and allows.
    pub fn gauge(&self, now: &Moment) -> Gauge {
        self.pacer.gauge(now)
    }
}
