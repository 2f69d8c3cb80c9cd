//! The queue in front of a pacer: one at a time asks, the others wait for their turn.

use alloc::collections::BTreeMap;
use core::time::Duration;

use intercom_retry::{Moment, Tick};

use crate::pacer::{Admit, Gauge, Pacer, PacerSettings};
use crate::seam::Seen;

/// How long a head that could ask and does not is waited for.
///
/// A task whose future is held but not polled keeps its place, and cannot be woken. Passing it over costs at most the
/// order.
const PATIENCE: Duration = Duration::from_millis(100);

/// A shorter wait is not worth an announcement.
const ANNOUNCED_FROM: Duration = Duration::from_millis(1);

/// What must be left of a wait, and how much later than announced it must end, for another announcement.
///
/// While a response is awaited, the head asks every few milliseconds, which is not worth one each time.
const ANNOUNCED_AGAIN_FROM: Duration = Duration::from_millis(100);

/// A pacer and the queue in front of it: retries before new calls, each in the order they came.
///
/// It neither sleeps nor wakes. `W` is what wakes a waiter. After [`leave`](Self::leave), [`settle`](Self::settle), or an
/// [`ask`](Self::ask) that gave the place up, wake what [`head`](Self::head) returns. Only the head asks the pacer, so that a
/// thousand waiters cost what one costs. A head that was woken and does not ask within 100 ms is passed over by the next
/// that does, until it asks: where waiters may stop asking, each has to ask now and then without being woken.
///
/// ```
/// use core::time::Duration;
/// use intercom_pace::{PacerSettings, Turn, Turnstile};
/// use intercom_retry::{Moment, Tick};
///
/// let now = Moment::new(Tick::default());
/// let mut turnstile = Turnstile::new(PacerSettings::default());
/// let first = turnstile.enter(1, "first");
/// let second = turnstile.enter(1, "second");
///
/// assert_eq!(turnstile.ask(second, None, &now), Turn::Rest(None));
/// // The first goes to look; the second is the head now and waits for the answer.
/// assert!(matches!(turnstile.ask(first, None, &now), Turn::Go(_)));
/// assert_eq!(turnstile.head(&now), Some(&mut "second"));
/// assert!(matches!(turnstile.ask(second, None, &now), Turn::Announce(_)));
/// assert!(matches!(turnstile.ask(second, None, &now), Turn::Rest(Some(_))));
/// ```
#[derive(Debug)]
pub struct Turnstile<W> {
    pacer: Pacer,
    queue: BTreeMap<Place, W>,
    entered: u64,
    /// Since when the head could ask again; unknown while it has not been told.
    due: Option<Tick>,
    /// The place whose wait was announced last, and when that wait is over.
    announced: Option<(Place, Tick)>,
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
#[must_use = "nothing happens unless it is acted on"]
pub enum Turn {
    /// Announce that the call waits for this long ([`Ask::waiting`](crate::Ask::waiting)), without a lock; then ask again.
    ///
    /// It comes once before the head rests, and again only if the wait turns out to be longer.
    Announce(Duration),
    /// Send now, under this permit of the pacer; the place in the queue is given up.
    Go(u64),
    /// Ask again when woken, or after this long; without a length only when woken.
    Rest(Option<Duration>),
    /// The time to give up comes before this wait is over; the place in the queue is given up.
    TooLate(Duration),
}

impl<W> Turnstile<W> {
    /// An empty queue in front of a pacer that has not met the server yet.
    pub fn new(settings: PacerSettings) -> Self {
        Self {
            pacer: Pacer::new(settings),
            queue: BTreeMap::new(),
            entered: 0,
            due: None,
            announced: None,
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
        if self.is_head(place) {
            self.due = None;
        }
        place
    }

    /// Asks for a place in the queue whether its time has come; whenever a place is given up, the new
    /// [`head`](Self::head) is to be woken.
    pub fn ask(&mut self, place: Place, give_up_at: Option<Tick>, now: &Moment) -> Turn {
        let turn = self.turn(place, give_up_at, now);
        if matches!(turn, Turn::Go(_) | Turn::TooLate(_)) {
            self.leave(place);
        }
        turn
    }

    fn turn(&mut self, place: Place, give_up_at: Option<Tick>, now: &Moment) -> Turn {
        let left = give_up_at.map(|tick| tick.since(now.tick()));
        if left == Some(Duration::ZERO) {
            return Turn::TooLate(Duration::ZERO);
        }
        let is_head = self.is_head(place);
        if !is_head && !self.head_is_absent(now) {
            return Turn::Rest(left);
        }
        match self.pacer.admit(now) {
            Admit::Go(permit) => Turn::Go(permit),
            Admit::Wait(wait) if left.is_some_and(|left| left < wait) => Turn::TooLate(wait),
            Admit::Wait(wait) => {
                if is_head {
                    self.due = Some(now.tick().after(wait));
                    if self.is_news(place, wait, now) {
                        return Turn::Announce(wait);
                    }
                }
                Turn::Rest(Some(wait))
            }
        }
    }

    /// Whether the call at the head has not heard of this wait yet.
    fn is_news(&mut self, head: Place, wait: Duration, now: &Moment) -> bool {
        let end = now.tick().after(wait);
        let is_news = match self.announced {
            Some((place, until)) if place == head => {
                wait >= ANNOUNCED_AGAIN_FROM && end >= until.after(ANNOUNCED_AGAIN_FROM)
            }
            _ => wait >= ANNOUNCED_FROM,
        };
        if is_news {
            self.announced = Some((head, end));
        }
        is_news
    }

    fn head_is_absent(&self, now: &Moment) -> bool {
        self.due
            .is_some_and(|due| now.tick() >= due.after(PATIENCE))
    }

    /// Leaves the queue without having gone; the new [`head`](Self::head) is to be woken.
    pub fn leave(&mut self, place: Place) {
        if self.is_head(place) {
            self.due = None;
        }
        self.queue.remove(&place);
    }

    /// Ends a permit as a call's [`Permit`](crate::Permit) reports it; the [`head`](Self::head) is to be woken.
    pub fn settle(&mut self, permit: u64, seen: Seen<'_>, now: &Moment) {
        self.pacer.settle(permit, seen, now);
    }

    /// Whether this place is the head of the queue.
    pub fn is_head(&self, place: Place) -> bool {
        self.queue.keys().next() == Some(&place)
    }

    /// What wakes the head of the queue, for whoever wakes it now.
    pub fn head(&mut self, now: &Moment) -> Option<&mut W> {
        let due = self.due.get_or_insert(now.tick());
        *due = now.tick().min(*due);
        self.queue.values_mut().next()
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
