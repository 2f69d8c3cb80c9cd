//! How long to wait before the next attempt, and why that long.

use core::fmt;
use core::time::Duration;

use intercom_errors::HintCause;

/// A wait before the next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Wait {
    duration: Duration,
    cause: WaitCause,
}

impl Wait {
    /// A wait of `duration` because of `cause`.
    pub const fn new(duration: Duration, cause: WaitCause) -> Self {
        Self { duration, cause }
    }

    /// How long to wait.
    pub const fn duration(&self) -> Duration {
        self.duration
    }

    /// What made it that long.
    pub const fn cause(&self) -> WaitCause {
        self.cause
    }
}

/// What made a wait as long as it is: the longer of the server's word and our own back-off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WaitCause {
    /// Our own back-off: the server said nothing, or asked for less.
    Backoff,
    /// The reset of the rate limit.
    RateLimitReset,
    /// The server's `Retry-After`.
    RetryAfter,
    /// A scroll that is open elsewhere has to run out first.
    ScrollIdle,
}

impl WaitCause {
    /// Its name in snake case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Backoff => "backoff",
            Self::RateLimitReset => "rate_limit_reset",
            Self::RetryAfter => "retry_after",
            Self::ScrollIdle => "scroll_idle",
        }
    }
}

impl fmt::Display for WaitCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl From<HintCause> for WaitCause {
    fn from(cause: HintCause) -> Self {
        match cause {
            HintCause::RateLimitReset => Self::RateLimitReset,
            HintCause::ScrollIdle => Self::ScrollIdle,
            // `HintCause` may grow; whatever it is, the server said when to come back.
            _ => Self::RetryAfter,
        }
    }
}
