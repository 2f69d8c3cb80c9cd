//! Pacing for threads: a gate that keeps all calls of a process just under Intercom's limit.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use intercom_protocol::gate::{
    Admission, Ask, Gauge, Permit, Place, Seen, Settle, Turn, Turnstile,
};
use intercom_protocol::{Moment, PacerSettings};

use crate::gate::Gate;
use crate::{Clock, SystemClock};

/// A gate that goes as fast as the rate limit allows, and no faster.
///
/// Every client has one of its own unless told otherwise. Programs with several clients of one app share one: clones
/// are the same gate.
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
#[derive(Clone, Debug)]
pub struct PacedGate(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// Each waiter has a condition variable of its own, so that an answer wakes the head and nobody else.
    turnstile: Mutex<Turnstile<Wake>>,
    clock: SystemClock,
}

/// What a thread that rests is woken by; one that goes at once needs none.
type Wake = Option<Arc<Condvar>>;

impl PacedGate {
    /// A gate that has not met the server yet: its first call looks alone.
    #[must_use]
    pub fn new(settings: PacerSettings) -> Self {
        Self(Arc::new(Shared {
            turnstile: Mutex::new(Turnstile::new(settings)),
            clock: SystemClock::default(),
        }))
    }

    /// What the gate knows of the limit at this moment.
    #[must_use]
    pub fn gauge(&self) -> Gauge {
        self.0.lock().gauge(&self.0.clock.now())
    }
}

impl Gate for PacedGate {
    fn paces(&self) -> bool {
        true
    }

    fn admit(&self, ask: Ask) -> Admission {
        let Shared { clock, .. } = &*self.0;
        let give_up_at = ask.time_left().map(|left| clock.now().tick().after(left));
        let mut turnstile = self.0.lock();
        let place = turnstile.enter(ask.attempt(), None);
        loop {
            let now = clock.now();
            turnstile = match turnstile.ask(place, give_up_at, &now) {
                Turn::Announce(wait) => {
                    drop(turnstile);
                    ask.waiting(wait);
                    self.0.lock()
                }
                Turn::Rest(pause) => rest(turnstile, place, pause),
                Turn::Go(permit) => {
                    wake_head(&mut turnstile, &now);
                    return Admission::Go(Permit::new(Arc::clone(&self.0) as _, permit));
                }
                Turn::TooLate(wait) => {
                    wake_head(&mut turnstile, &now);
                    return Admission::TooLate(wait);
                }
            };
        }
    }
}

type Guard<'m> = MutexGuard<'m, Turnstile<Wake>>;

fn rest(mut turnstile: Guard<'_>, place: Place, pause: Option<Duration>) -> Guard<'_> {
    let wake = turnstile
        .waiter(place)
        .map(|wake| Arc::clone(wake.get_or_insert_default()))
        .unwrap_or_default();
    // A time-out of centuries stands for none.
    let pause = pause.unwrap_or(Duration::MAX);
    let woken = wake.wait_timeout(turnstile, pause);
    woken.unwrap_or_else(PoisonError::into_inner).0
}

fn wake_head(turnstile: &mut Turnstile<Wake>, now: &Moment) {
    if let Some(Some(wake)) = turnstile.head(now) {
        wake.notify_one();
    }
}

impl Shared {
    /// A thread that panics leaves nothing half-done behind, for each step under the lock is complete.
    fn lock(&self) -> Guard<'_> {
        self.turnstile
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Settle for Shared {
    // The clients that share this gate may have clocks with different origins, so their moments cannot be compared.
    fn settle(&self, permit: u64, seen: Seen<'_>, _: Option<Moment>) {
        let now = self.clock.now();
        let mut turnstile = self.lock();
        turnstile.settle(permit, seen, &now);
        wake_head(&mut turnstile, &now);
    }
}
