//! What a call asks the gate before an attempt.

use alloc::borrow::Cow;
use alloc::sync::Arc;
use core::fmt;
use core::time::Duration;

use intercom_errors::names;
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
    method: Cow<'static, str>,
    route: Cow<'static, str>,
    priority: Priority,
    observer: Option<Arc<dyn WaitObserver>>,
}

names! {
    /// How urgent a call is, compared with the other calls that wait at the same gate.
    ///
    /// Calls of a higher priority go first, so a steady stream of them can hold up the others until their deadlines.
    ///
    /// ```
    /// use intercom_pace::Priority;
    ///
    /// assert!(Priority::Low < Priority::default() && Priority::default() < Priority::High);
    /// ```
    #[derive(Default)]
    #[non_exhaustive]
    pub enum Priority {
        /// Goes when no other call waits: exports and other work in the background.
        Low = "low",
        /// The priority of a call that sets none.
        #[default]
        Normal = "normal",
        /// Goes before all others: a person waits for the response.
        High = "high",
    }
}

impl Ask {
    /// Asks at `now` for attempt number `attempt`, counted from 1, of a call that started at `began`.
    pub fn new(now: Moment, began: Tick, attempt: u32) -> Self {
        Self {
            now,
            began,
            attempt,
            give_up_at: None,
            method: Cow::Borrowed(""),
            route: Cow::Borrowed(""),
            priority: Priority::Normal,
            observer: None,
        }
    }

    /// Sets the tick at which the call gives up. A gate that cannot admit it before then may refuse at once.
    #[must_use]
    pub fn with_give_up_at(mut self, tick: Tick) -> Self {
        self.give_up_at = Some(tick);
        self
    }

    /// Sets the method and the route of the request. A route has `{id}` in place of each id, so it has few distinct values
    /// and contains no personal data.
    ///
    /// ```
    /// use intercom_pace::Ask;
    /// use intercom_retry::{Moment, Tick};
    ///
    /// let ask = Ask::new(Moment::new(Tick::default()), Tick::default(), 1).with_request("GET", "/contacts/{id}");
    /// assert_eq!((ask.method(), ask.route()), ("GET", "/contacts/{id}"));
    /// ```
    #[must_use]
    pub fn with_request(
        mut self,
        method: impl Into<Cow<'static, str>>,
        route: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.method = method.into();
        self.route = route.into();
        self
    }

    /// Sets the priority of the call.
    #[must_use]
    pub fn with_priority(mut self, priority: Priority) -> Self {
        self.priority = priority;
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

    /// Returns the method of the request, like `GET`. It is empty if [`with_request`](Self::with_request) has not set it.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Returns the route of the request, like `/contacts/{id}`. It is empty if [`with_request`](Self::with_request) has not
    /// set it.
    pub fn route(&self) -> &str {
        &self.route
    }

    /// Returns the priority of the call.
    pub fn priority(&self) -> Priority {
        self.priority
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
            .field("method", &self.method)
            .field("route", &self.route)
            .field("priority", &self.priority)
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
