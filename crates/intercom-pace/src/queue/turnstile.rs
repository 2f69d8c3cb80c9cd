//! The queue in front of a pacer: the head asks, and the others wait for their turn.

use alloc::collections::BTreeMap;
use core::cmp::Reverse;
use core::time::Duration;

use intercom_retry::{Moment, Tick};

use crate::pacer::{Admit, Admitter, Gauge, Pacer, PacerSettings};
use crate::seam::{Priority, Seen};

/// How long the queue waits for a head that may ask but does not.
///
/// A task whose future is held but not polled keeps its place and cannot be woken. Passing it over only changes the
/// order.
const PATIENCE: Duration = Duration::from_millis(100);

/// Waits shorter than this are not announced.
const ANNOUNCED_FROM: Duration = Duration::from_millis(1);

/// A wait is announced again only if at least this much of it is left, and it ends later than announced by this much.
///
/// While the head waits for a response, it asks every few milliseconds. They are not announced one by one.
const ANNOUNCED_AGAIN_FROM: Duration = Duration::from_millis(100);

/// A pacer and the queue in front of it. Calls go in the order of their [`Priority`]. Among equals, retries go before new
/// calls, and each group is in order of arrival.
///
/// It neither sleeps nor wakes a waiter. `W` is the handle that wakes a waiter. After [`leave`](Self::leave), after
/// [`settle`](Self::settle), and after an [`ask`](Self::ask) that took its waiter out of the queue (because it was
/// admitted or too late), the caller has to wake the waiter that [`head`](Self::head) returns. Only the head asks the pacer, so a thousand waiters cost as much as one.
///
/// If a woken head does not ask within 100 ms, any other waiter that asks can go before it, until the head asks. A
/// waiter that disappears without [`leave`](Self::leave) wakes no other. If that can happen, each waiter must also ask from time to
/// time without being woken.
///
/// ```
/// use core::time::Duration;
/// use intercom_pace::{PacerSettings, Priority, Turn, Turnstile};
/// use intercom_retry::{Moment, Tick};
///
/// let now = Moment::new(Tick::default());
/// let mut turnstile = Turnstile::new(PacerSettings::default());
/// let first = turnstile.enter(Priority::Normal, 1, "first");
/// let second = turnstile.enter(Priority::Normal, 1, "second");
///
/// assert_eq!(turnstile.ask(second, None, &now), Turn::Rest(None));
/// // The first goes as a probe. The second is now the head and waits for the response.
/// assert!(matches!(turnstile.ask(first, None, &now), Turn::Go(_)));
/// assert_eq!(turnstile.head(&now), Some(&mut "second"));
/// assert!(matches!(turnstile.ask(second, None, &now), Turn::Announce(_)));
/// assert!(matches!(turnstile.ask(second, None, &now), Turn::Rest(Some(_))));
/// ```
#[derive(Debug)]
pub struct Turnstile<W, P = Pacer> {
    pacer: P,
    queue: BTreeMap<Place, W>,
    entered: u64,
    /// Since when the head may ask again; `None` while it has neither asked nor been woken.
    due: Option<Tick>,
    /// The place whose wait was announced last, and when that wait is over.
    announced: Option<(Place, Tick)>,
}

/// A place in the queue of a [`Turnstile`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    priority: Reverse<Priority>,
    is_new: bool,
    number: u64,
}

/// A [`Turnstile`]'s decision for one place in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "every gate must handle each decision"
)]
#[must_use = "a decision has no effect by itself"]
pub enum Turn {
    /// Hold no lock, and announce with [`Ask::waiting`](crate::Ask::waiting) that the call waits for this long. Then ask
    /// again.
    ///
    /// This comes once before the head rests, and again only if the wait turns out to be longer.
    Announce(Duration),
    /// Send now, with this permit of the pacer. The place in the queue is given up.
    Go(u64),
    /// Ask again when woken or after this long; `None` means only when woken.
    Rest(Option<Duration>),
    /// The call gives up before this wait is over. The place in the queue is given up.
    TooLate(Duration),
}

impl<W> Turnstile<W> {
    /// Creates an empty queue in front of a new pacer.
    pub fn new(settings: PacerSettings) -> Self {
        Self::before(Pacer::new(settings))
    }
}

impl<W, P: Admitter> Turnstile<W, P> {
    /// Creates an empty queue in front of this pacer, or of a member of a fleet.
    pub fn before(pacer: P) -> Self {
        Self {
            pacer,
            queue: BTreeMap::new(),
            entered: 0,
            due: None,
            announced: None,
        }
    }

    /// Joins the queue. `attempt` is the number of the attempt, and `priority` is the priority of its call.
    pub fn enter(&mut self, priority: Priority, attempt: u32, wake: W) -> Place {
        self.entered = self.entered.wrapping_add(1);
        let place = Place {
            priority: Reverse(priority),
            is_new: attempt <= 1,
            number: self.entered,
        };
        self.queue.insert(place, wake);
        if self.is_head(place) {
            self.due = None;
        }
        place
    }

    /// Asks whether the call at this place may go. If the call gives up its place, the caller then has to wake the new
    /// [`head`](Self::head).
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

    /// Whether this wait has to be announced to the head.
    fn is_news(&mut self, head: Place, wait: Duration, now: &Moment) -> bool {
        let end = now.tick().after(wait);
        let is_news = match self.announced {
            Some((place, until)) if place == head => {
                wait >= ANNOUNCED_AGAIN_FROM && end.since(until) >= ANNOUNCED_AGAIN_FROM
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

    /// Leaves the queue without an admission. The caller then has to wake the new [`head`](Self::head).
    pub fn leave(&mut self, place: Place) {
        if self.is_head(place) {
            self.due = None;
        }
        self.queue.remove(&place);
    }

    /// Records how the attempt with this permit ended. `seen` is what its [`Permit`](crate::Permit) reported. The caller then has
    /// to wake the [`head`](Self::head).
    pub fn settle(&mut self, permit: u64, seen: Seen<'_>, now: &Moment) {
        self.pacer.settle(permit, seen, now);
    }

    /// Returns whether this place is at the head of the queue.
    pub fn is_head(&self, place: Place) -> bool {
        self.queue.keys().next() == Some(&place)
    }

    /// Returns the handle that wakes the head of the queue. Wake it at once: the call at the head has
    /// 100 ms to ask, and then the next call may go first.
    pub fn head(&mut self, now: &Moment) -> Option<&mut W> {
        let due = self.due.get_or_insert(now.tick());
        *due = now.tick().min(*due);
        self.queue.values_mut().next()
    }

    /// Returns the handle that wakes the waiter at this place, so that it can be replaced.
    pub fn waiter(&mut self, place: Place) -> Option<&mut W> {
        self.queue.get_mut(&place)
    }

    /// Returns how many calls wait.
    pub fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// Returns whether the driver of the pacer has to act: see [`Admitter::wants_attention`].
    pub fn wants_attention(&mut self, now: &Moment) -> bool {
        self.pacer.wants_attention(self.queue.len(), now)
    }

    /// Returns what stands behind the queue. If the caller changes what it allows, it has to wake the [`head`](Self::head).
    pub fn pacer(&mut self) -> &mut P {
        &mut self.pacer
    }

    /// Returns a snapshot of what the pacer knows and allows.
    pub fn gauge(&self, now: &Moment) -> Gauge {
        self.pacer.gauge(now)
    }
}
