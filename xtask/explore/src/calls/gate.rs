//! The gate: the real turnstile and pacer, and a queue driver like that of `SharedQueue`.
//!
//! `SharedQueue` itself hides when its head may ask again, which is a part of the state.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use intercom_pace::{Ask, PacerSettings, Permit, Place, Priority, Seen, Settle, Turn, Turnstile};
use intercom_retry::{Moment, Tick};

use super::bug::Bug;
use super::clock::{Clock, local, millis};
use crate::key::Key;
use crate::quota::{self, WINDOW};
use crate::search::Broken;

/// A gate for the calls of one process.
pub(super) struct Gate {
    clock: Arc<Clock>,
    bug: Option<Bug>,
    inner: Mutex<Inner>,
}

struct Inner {
    turnstile: Turnstile<Waiter>,
    books: Books,
}

/// A waiting call.
#[derive(Debug, Default)]
struct Waiter {
    /// Since when it is woken, if it has not asked since.
    woken_at: Option<u64>,
}

/// What the rules about permits are checked against.
#[derive(Debug, Default)]
pub(super) struct Books {
    /// The permits that were given and not settled.
    held: Vec<u64>,
    /// The windows in which requests of unknown outcome were settled.
    unknown: Vec<u64>,
    /// The time until which a refusal forbids every request.
    refused_until: u64,
    broken: Option<Broken>,
}

/// The gate's decision for a waiting call.
pub(super) enum Turned {
    Go(Permit),
    TooLate(std::time::Duration),
    /// Ask again at this time; `None` means only when woken.
    Rest(Option<u64>),
}

impl Gate {
    pub(super) fn new(clock: Arc<Clock>, bug: Option<Bug>) -> Self {
        let window = std::time::Duration::from_millis(WINDOW);
        Self {
            clock,
            bug,
            inner: Mutex::new(Inner {
                turnstile: Turnstile::new(PacerSettings::new().with_window(window)),
                books: Books::default(),
            }),
        }
    }

    pub(super) fn enter(&self, ask: &Ask) -> Place {
        let priority = match self.bug {
            Some(Bug::PriorityIsIgnored) => Priority::Normal,
            _ => ask.priority(),
        };
        let attempt = match self.bug {
            Some(Bug::RetryIsNew) => 1,
            _ => ask.attempt(),
        };
        let mut inner = self.lock();
        inner.turnstile.enter(priority, attempt, Waiter::default())
    }

    /// Since when the waiter is woken, if it has not asked since.
    pub(super) fn woken_at(&self, place: Place) -> Option<u64> {
        self.lock().turnstile.waiter(place)?.woken_at
    }

    /// Asks for the waiter, which has been woken or whose pause is over.
    pub(super) fn ask(self: &Arc<Self>, place: Place, give_up_at: Option<Tick>) -> Turned {
        let now = self.clock.moment();
        let give_up_at = give_up_at.filter(|_| self.bug != Some(Bug::DeadlineIsForgotten));
        let mut inner = self.lock();
        if let Some(waiter) = inner.turnstile.waiter(place) {
            waiter.woken_at = None;
        }
        loop {
            return match inner.turnstile.ask(place, give_up_at, &now) {
                Turn::Announce(_) if self.bug == Some(Bug::AnnounceEndsTheTurn) => {
                    Turned::Rest(None)
                }
                Turn::Announce(_) => continue,
                Turn::Rest(Some(_)) if self.bug == Some(Bug::PauseIsForgotten) => {
                    Turned::Rest(None)
                }
                Turn::Rest(pause) => {
                    Turned::Rest(pause.map(|pause| self.clock.now() + millis(pause)))
                }
                Turn::Go(permit) => {
                    inner.books.give(permit, self.clock.now());
                    if self.bug != Some(Bug::WakesNobodyAfterAdmission) {
                        inner.wake_head(&now);
                    }
                    Turned::Go(self.permit(permit))
                }
                Turn::TooLate(wait) => {
                    if self.bug != Some(Bug::WakesNobodyAfterGivingUp) {
                        inner.wake_head(&now);
                    }
                    Turned::TooLate(wait)
                }
            };
        }
    }

    fn permit(self: &Arc<Self>, permit: u64) -> Permit {
        let one = Permit::new(Arc::clone(self) as _, permit).spread();
        match self.bug {
            Some(Bug::PermitIsSettledTwice) => one.and(Permit::new(Arc::clone(self) as _, permit)),
            _ => one,
        }
    }

    /// A permit that the pacer has not given.
    pub(super) fn forged(self: &Arc<Self>) -> Permit {
        self.permit(u64::MAX)
    }

    /// Leaves the queue without an admission.
    pub(super) fn leave(&self, place: Place) {
        if self.bug == Some(Bug::PlaceIsNeverLeft) {
            return;
        }
        let mut inner = self.lock();
        inner.turnstile.leave(place);
        if self.bug != Some(Bug::WakesNobodyAfterCancelling) {
            inner.wake_head(&self.clock.moment());
        }
    }

    /// Whether the pacer has given this permit and it was not settled.
    pub(super) fn has_given(&self, permit: Option<u64>) -> bool {
        let inner = self.lock();
        permit.is_some_and(|permit| inner.books.held.contains(&permit))
    }

    /// Checks the permits against those that calls hold.
    pub(super) fn check(&self, held_by_calls: usize) -> Result<(), Broken> {
        let inner = self.lock();
        let books = &inner.books;
        if let Some(broken) = &books.broken {
            return Err(broken.clone());
        }
        if books.held.len() != held_by_calls {
            let given = books.held.len();
            let why =
                format!("{given} permits are not settled, and {held_by_calls} calls hold one");
            return Err(Broken::new("every permit is settled", why));
        }
        let now = self.clock.moment();
        let open = quota::window(self.clock.now());
        let unknown = books.unknown.iter().filter(|window| **window >= open);
        let least = held_by_calls + unknown.count();
        let in_flight = inner.turnstile.gauge(&now).in_flight();
        if (in_flight as usize) < least {
            let why = format!("the pacer counts {in_flight} requests, and there may be {least}");
            return Err(Broken::new(
                "a request of unknown outcome keeps its slot",
                why,
            ));
        }
        Ok(())
    }

    /// Checks that nothing is left after all calls have ended and all windows have turned.
    pub(super) fn check_end(&self) -> Result<(), Broken> {
        let now = self.clock.moment();
        let mut inner = self.lock();
        let waiting = inner.turnstile.waiting();
        if waiting > 0 {
            let why = format!("{waiting} ended calls wait in the queue");
            return Err(Broken::new("an ended call leaves the queue", why));
        }
        inner.turnstile.pacer().advance(&now);
        let in_flight = inner.turnstile.gauge(&now).in_flight();
        if in_flight > 0 {
            let why = format!("{in_flight} requests count as in flight for ever");
            return Err(Broken::new("every permit is settled", why));
        }
        Ok(())
    }

    pub(super) fn add_to(&self, key: &mut Key) {
        let inner = self.lock();
        key.add_debug(&inner.turnstile);
        let now = self.clock.now();
        let open = quota::window(now);
        let books = &inner.books;
        let unknown = books.unknown.iter().filter(|window| **window >= open);
        key.add((&books.held, unknown.count()));
        key.add(books.refused_until.saturating_sub(now));
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn wake_head(&mut self, now: &Moment) {
        let at = millis(now.tick().since_origin());
        if let Some(head) = self.turnstile.head(now) {
            head.woken_at.get_or_insert(at);
        }
    }
}

impl Books {
    fn give(&mut self, permit: u64, now: u64) {
        self.held.push(permit);
        if now < self.refused_until {
            let until = self.refused_until;
            let why = format!("admitted at {now} ms, and the window was refused until {until} ms");
            self.broken = Some(Broken::new("nothing is admitted before the reset", why));
        }
    }

    fn settle(&mut self, permit: u64, seen: Seen<'_>, now: u64) {
        let Some(index) = self.held.iter().position(|held| *held == permit) else {
            let why = format!("permit {permit} was not given or is already settled");
            self.broken = Some(Broken::new("a permit is settled once", why));
            return;
        };
        self.held.remove(index);
        match seen {
            Seen::Unknown => self.unknown.push(quota::window(now)),
            Seen::Responded(answer) if answer.is_window_refusal() => {
                let reset = answer.rate_limit().reset().map_or(0, local);
                self.refused_until = self.refused_until.max(reset);
            }
            Seen::Responded(_) | Seen::NeverSent => {}
        }
    }
}

impl Settle for Gate {
    fn settle(&self, permit: u64, seen: Seen<'_>, _: Option<Moment>) {
        let now = self.clock.moment();
        let mut inner = self.lock();
        inner.books.settle(permit, seen, self.clock.now());
        let seen = match (self.bug, seen) {
            (Some(Bug::RefusalIsHidden), Seen::Responded(answer)) if answer.is_window_refusal() => {
                Seen::NeverSent
            }
            (Some(Bug::UnknownIsNeverSent), Seen::Unknown) => Seen::NeverSent,
            (_, seen) => seen,
        };
        inner.turnstile.settle(permit, seen, &now);
        inner.wake_head(&now);
    }
}
