//! Why a call is not tried again, and when it would be worth coming back.

use core::fmt;
use core::time::Duration;

use intercom_errors::{UnixTime, names};

use crate::moment::Moment;

/// The end of a call: why it is not tried again, and when it would be worth coming back.
///
/// ```
/// use core::time::Duration;
/// use intercom_errors::UnixTime;
/// use intercom_retry::{Moment, Stop, StopReason, Tick};
///
/// let wall = UnixTime::from_secs(1_711_100_000).unwrap();
/// let now = Moment::new(Tick::default()).with_wall(wall);
/// let stop = Stop::new(StopReason::Refused).with_retry_after(Duration::from_secs(60), &now);
/// assert_eq!(stop.retry_at(), UnixTime::from_secs(1_711_100_060));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stop {
    reason: StopReason,
    retry_after: Option<Duration>,
    retry_at: Option<UnixTime>,
}

impl Stop {
    /// A stop that does not say when to come back.
    pub const fn new(reason: StopReason) -> Self {
        Self {
            reason,
            retry_after: None,
            retry_at: None,
        }
    }

    /// Adds how long after `now` to come back; the time as well if `now` has the wall clock and it is before the year 10000.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration, now: &Moment) -> Self {
        self.retry_after = Some(wait);
        self.retry_at = now.wall().and_then(|wall| wall.checked_add(wait));
        self
    }

    /// Why the call is not tried again.
    pub const fn reason(&self) -> StopReason {
        self.reason
    }

    /// How long after the stop the same request would be worth trying.
    ///
    /// [`decide`](crate::decide()) gives the wait it would have taken, with two exceptions. For
    /// [`StopReason::NotReplayable`] there is none, for no wait makes it right to apply a request twice. For
    /// [`StopReason::NotRetryable`] a back-off of our own would promise what no wait brings, so there it is the
    /// hint of the answer, if that has one.
    pub const fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The same as a time, if the wall clock was known; `None` after the year 9999.
    pub const fn retry_at(&self) -> Option<UnixTime> {
        self.retry_at
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason.meaning())?;
        match self.retry_after {
            Some(wait) => write!(f, "; worth trying again in {} s", seconds_rounded_up(wait)),
            None => Ok(()),
        }
    }
}

/// Whole seconds, never fewer than the wait: coming back early is what a stop warns of.
fn seconds_rounded_up(wait: Duration) -> u64 {
    wait.as_secs()
        .saturating_add(u64::from(wait.subsec_nanos() > 0))
}

names! {
    /// Why a call is not tried again.
    #[non_exhaustive]
    pub enum StopReason {
        /// The same request can only fail again: see the class for what to do instead.
        NotRetryable = "not_retryable",
        /// The request may have been applied, and [`Replay::No`](crate::Replay::No) says that it must not be applied twice.
        NotReplayable = "not_replayable",
        /// The policy's last attempt failed.
        AttemptsExhausted = "attempts_exhausted",
        /// The deadline has passed, or the wait would outlive it.
        DeadlineExceeded = "deadline_exceeded",
        /// The server asked for a longer wait than [`RetryPolicy::max_wait`](crate::RetryPolicy::max_wait).
        WaitTooLong = "wait_too_long",
        /// Too many retries lately, over all the calls that share a budget.
        BudgetExhausted = "budget_exhausted",
        /// The gate that paces the calls refused this one.
        Refused = "refused",
    }
}

impl StopReason {
    /// What it means, in a few words.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::NotRetryable => "the same request can only fail again",
            Self::NotReplayable => {
                "the request may have been applied and must not be applied twice"
            }
            Self::AttemptsExhausted => "the last attempt failed",
            Self::DeadlineExceeded => "the deadline leaves no time for another attempt",
            Self::WaitTooLong => "the server asked for a longer wait than allowed",
            Self::BudgetExhausted => "the budget for retries is spent",
            Self::Refused => "the gate that paces the calls refused",
        }
    }
}
