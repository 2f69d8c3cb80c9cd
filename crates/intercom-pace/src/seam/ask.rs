//! What a call asks before an attempt.

use core::time::Duration;

use intercom_retry::{Moment, Tick};

use super::{Admission, Ticket};

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
    ticket: Option<Ticket>,
    give_up_at: Option<Tick>,
}

impl Ask {
    /// Asks at the moment `now` for the attempt number `attempt` (from 1) of a call that `began` then.
    pub fn new(now: Moment, began: Tick, attempt: u32) -> Self {
        Self {
            now,
            began,
            attempt,
            ticket: None,
            give_up_at: None,
        }
    }

    /// Adds the ticket of an earlier [`Admission::Wait`]: the place already held in the queue.
    #[must_use]
    pub fn with_ticket(mut self, ticket: Ticket) -> Self {
        self.ticket = Some(ticket);
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

    /// The ticket of an earlier [`Admission::Wait`], if this is not the first time of asking.
    pub fn ticket(&self) -> Option<&Ticket> {
        self.ticket.as_ref()
    }

    /// Takes the ticket out, to hand it back in the [`Admission`]; dropped instead, it gives its place up.
    pub fn take_ticket(&mut self) -> Option<Ticket> {
        self.ticket.take()
    }

    /// When the call gives up, if it has a deadline.
    pub fn give_up_at(&self) -> Option<Tick> {
        self.give_up_at
    }

    /// How long it is until the call gives up, if it does; for gates that keep another clock.
    pub fn time_left(&self) -> Option<Duration> {
        Some(self.give_up_at?.since(self.now.tick()))
    }

    /// The answer of those who pace nothing: go, with a ticket that settles nothing.
    pub fn free(self) -> Admission {
        Admission::Go(Ticket::free())
    }
}
