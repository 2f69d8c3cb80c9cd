//! What a call asks before an attempt.

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
/// // The answer of those who pace nothing.
/// assert!(matches!(Ask::new(now, now.tick(), 1).free(), Admission::Go(_)));
/// ```
#[derive(Debug)]
pub struct Ask {
    now: Moment,
    began: Tick,
    attempt: u32,
    permit: Option<Permit>,
    give_up_at: Option<Tick>,
}

impl Ask {
    /// Asks at the moment `now` for the attempt number `attempt` (from 1) of a call that `began` then.
    pub fn new(now: Moment, began: Tick, attempt: u32) -> Self {
        Self {
            now,
            began,
            attempt,
            permit: None,
            give_up_at: None,
        }
    }

    /// Adds the permit of an earlier [`Admission::Wait`]: the place already held in the queue.
    #[must_use]
    pub fn with_permit(mut self, permit: Permit) -> Self {
        self.permit = Some(permit);
        self
    }

    /// Adds the tick at which the call gives up: a gate that cannot let it go before may refuse at once.
    #[must_use]
    pub fn with_give_up_at(mut self, tick: Tick) -> Self {
        self.give_up_at = Some(tick);
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

    /// The permit of an earlier [`Admission::Wait`], if this is not the first time of asking.
    pub fn permit(&self) -> Option<&Permit> {
        self.permit.as_ref()
    }

    /// Takes the permit out, to hand it back in the [`Admission`]; dropped instead, it gives its place up.
    pub fn take_permit(&mut self) -> Option<Permit> {
        self.permit.take()
    }

    /// When the call gives up, if it has a deadline.
    pub fn give_up_at(&self) -> Option<Tick> {
        self.give_up_at
    }

    /// How long it is until the call gives up, if it does; for gates that keep another clock.
    pub fn time_left(&self) -> Option<Duration> {
        Some(self.give_up_at?.since(self.now.tick()))
    }

    /// The answer of those who pace nothing: go, with a permit that settles nothing.
    pub fn free(self) -> Admission {
        Admission::Go(Permit::free())
    }
}
