//! What a call asks the gate before an attempt.

use alloc::sync::Arc;
use core::fmt;
use core::time::Duration;

use intercom_retry::{Moment, Tick};

use super::{Admission, Permit};

/// A call's question to the gate before an attempt: may I send now?
///
/// ```
/// use intercom_pace::{Admission, Ask};
/// use intercom_retry::{Moment, Tick};
///
/// let now = Moment::new(Tick::default());
/// // Without a gate, every attempt is admitted.
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
    /// Asks at `now` for attempt number `attempt`, counted from 1, of a call that started at `began`.
    pub fn new(now: Moment, began: Tick, attempt: u32) -> Self {
        Self {
            now,
            began,
            attempt,
            give_up_at: None,
            observer: None,
        }
    }

    /// Sets the tick at which the call gives up. A gate that cannot admit it before then may refuse at once.
    #[must_use]
    pub fn with_give_up_at(mut self, tick: Tick) -> Self {
        self.give_up_at = Some(tick);
        self
    }

    /// Sets the observer that receives the waits announced by the gate.
    #[must_use]
    pub fn with_wait_observer(mut self, observer: Arc<dyn WaitObserver>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Returns the time of asking.
    pub fn now(&self) -> &Moment {
        &self.now
    }

    /// Returns when the call began. Older calls go first.
    pub fn began(&self) -> Tick {
        self.began
    }

    /// Returns the number of the attempt, counted from 1. A number above 1 means a retry, which goes before new calls.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Returns when the call gives up, if it has a deadline.
    pub fn give_up_at(&self) -> Option<Tick> {
        self.give_up_at
    }

    /// Returns how long it is until the call gives up, if it has a deadline. Use this in a gate with a clock of its
    /// own.
    pub fn time_left(&self) -> Option<Duration> {
        Some(self.give_up_at?.since(self.now.tick()))
    }

    /// Announces that the gate makes the call wait for about this long before it decides.
    ///
    /// This runs the call's observer on this thread, so hold no lock. It does nothing if the call has no observer.
    pub fn waiting(&self, wait: Duration) {
        if let Some(observer) = &self.observer {
            observer.waiting(self, wait);
        }
    }

    /// Admits the call without a gate, with a permit that reports to no gate.
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

/// Receives the waits that a gate announces with [`Ask::waiting`].
pub trait WaitObserver: Send + Sync {
    /// Receives how long the gate will make the call wait, approximately.
    ///
    /// It must not block, because the gate continues only after it returns.
    fn waiting(&self, ask: &Ask, wait: Duration);
}
