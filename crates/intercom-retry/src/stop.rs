//! The reason why a call is not retried, and when to come back.

use core::fmt;
use core::time::Duration;

use intercom_errors::{UnixTime, names};

use crate::moment::Moment;

/// The end of a call: the reason why it is not retried, and when to come back.
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
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Stop {
    reason: StopReason,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    retry_after: Option<Duration>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    retry_at: Option<UnixTime>,
}

impl Stop {
    /// Creates a stop that does not say when to come back.
    pub const fn new(reason: StopReason) -> Self {
        Self {
            reason,
            retry_after: None,
            retry_at: None,
        }
    }

    /// Sets how long after `now` to come back. If `now` has a wall clock, this also sets
    /// [`retry_at`](Self::retry_at), unless that is after the year 9999.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration, now: &Moment) -> Self {
        self.retry_after = Some(wait);
        self.retry_at = now.wall().and_then(|wall| wall.checked_add(wait));
        self
    }

    /// Returns the reason why the call is not retried.
    pub const fn reason(&self) -> StopReason {
        self.reason
    }

    /// Returns how long to wait after the stop before the same request may succeed.
    ///
    /// In a stop of [`decide`](crate::decide()), it is the wait that a retry would have taken, with two exceptions:
    ///
    /// - For [`StopReason::NotReplayable`] it is `None`, because the request could be applied twice after any wait.
    /// - For [`StopReason::NotRetryable`] it is the hint of the response, if there is one, because no back-off of this
    ///   crate makes the request succeed.
    pub const fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Returns the time at which the wait of [`retry_after`](Self::retry_after) ends, if the wall clock was known and the
    /// time is not after the year 9999.
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

/// Rounds up to whole seconds, because coming back too early does not help.
fn seconds_rounded_up(wait: Duration) -> u64 {
    wait.as_secs()
        .saturating_add(u64::from(wait.subsec_nanos() > 0))
}

names! {
    /// The reason why a call is not retried.
    #[non_exhaustive]
    pub enum StopReason {
        /// The same request can only fail again. The class says what to do instead.
        NotRetryable = "not_retryable",
        /// The request may have been applied, and must not be applied twice ([`Replay::No`](crate::Replay::No)).
        NotReplayable = "not_replayable",
        /// A part of the response was already passed on, and the server does not offer to send only the rest.
        NotResumable = "not_resumable",
        /// The last attempt that the policy allows failed.
        AttemptsExhausted = "attempts_exhausted",
        /// The deadline has passed, or the wait would not end before it.
        DeadlineExceeded = "deadline_exceeded",
        /// The server asked for a wait longer than [`RetryPolicy::max_wait`](crate::RetryPolicy::max_wait).
        WaitTooLong = "wait_too_long",
        /// The calls that share a retry budget have used it up.
        BudgetExhausted = "budget_exhausted",
        /// The gate that paces the requests refused this one.
        Refused = "refused",
        /// The token provider returned no access token, or it returned the refused one again.
        NoToken = "no_token",
    }
}

impl StopReason {
    /// Returns the meaning in a few words.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::NotRetryable => "the same request can only fail again",
            Self::NotReplayable => {
                "the request may have been applied and must not be applied twice"
            }
            Self::NotResumable => {
                "a part of the response was already written, and the rest cannot be requested"
            }
            Self::AttemptsExhausted => "the last allowed attempt failed",
            Self::DeadlineExceeded => "the deadline leaves no time for another attempt",
            Self::WaitTooLong => "the server asked for a longer wait than allowed",
            Self::BudgetExhausted => "the retry budget is used up",
            Self::Refused => "the gate refused the request",
            Self::NoToken => "there is no other access token",
        }
    }
}
