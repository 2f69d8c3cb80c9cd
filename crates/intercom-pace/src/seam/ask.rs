//! What a call asks before an attempt.

use alloc::sync::Arc;
use core::fmt;
use core::time::Duration;

use intercom_retry::{Moment, Tick};

use super::{Admission, Permit};

/// A call's question before an attempt: may I send now?
///
/// ```
/// use intercom_pace::{Admission, Ask};
/// use intercom_retry::{Moment, Tick};
///
/// let now = Moment::new(Tick::default());
/// // The answer where nothing is paced.
/// assert!(matches!(Ask::new(now, now.tick(), 1).free(), Admission::Go(_)));
/// ```
#[derive(Clone)]
pub struct Ask {
    now: Moment,
    began: Tick,
    attempt: u32,
    give_up_at: Option<Tick>,
    observer: Option<Arc<dyn WaitObserver>>,
}

impl Ask {
    /// Asks at the moment `now` for the attempt number `attempt` (from 1) of a call that `began` then.
    pub fn new(now: Moment, began: Tick, attempt: u32) -> Self {
        Self {
            now,
            began,
            attempt,
            give_up_at: None,
            observer: None,
        }
    }

    /// Adds the tick at which the call gives up: a gate that cannot let it go before may refuse at once.
    #[must_use]
    pub fn with_give_up_at(mut self, tick: Tick) -> Self {
        self.give_up_at = Some(tick);
        self
    }

    /// Adds what receives the waits that the gate announces.
    #[must_use]
    pub fn with_wait_observer(mut self, observer: Arc<dyn WaitObserver>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// The moment of asking.
    pub fn now(&self) -> &Moment {
        &self.now
    }

    /// When the call began: the older call goes first.
    pub fn began(&self) -> Tick {
        self.began
    }

    /// The number of the attempt asked for, from 1; above 1 it is a retry, which goes before newer calls.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// When the call gives up, if it has a deadline.
    pub fn give_up_at(&self) -> Option<Tick> {
        self.give_up_at
    }

    /// How long it is until the call gives up, if it does; for gates that keep another clock.
    pub fn time_left(&self) -> Option<Duration> {
        Some(self.give_up_at?.since(self.now.tick()))
    }

    /// Announces that the gate makes the call wait for about this long before it decides.
    ///
    /// The call's observer receives it as an event, on this thread: call it while no lock is held. It does nothing
    /// where the call has no observer.
    pub fn waiting(&self, wait: Duration) {
        if let Some(observer) = &self.observer {
            observer.waiting(self, wait);
        }
    }

    /// The answer where nothing is paced: go, with a permit that settles nothing.
    pub fn free(self) -> Admission {
        Admission::Go(Permit::free())
    }
}

impl fmt::Debug for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ask")
            .field("now", &self.now)
            .field("began", &self.began)
            .field("attempt", &self.attempt)
            .field("give_up_at", &self.give_up_at)
            .finish_non_exhaustive()
    }
}

/// The call's side of [`Ask::waiting`].
pub trait WaitObserver: Send + Sync {
    /// The gate makes the call that asks wait for about this long.
    ///
    /// The gate is waiting to continue, so this must not block.
    fn waiting(&self, ask: &Ask, wait: Duration);
}
