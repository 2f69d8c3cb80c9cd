//! How long to wait before the next attempt, and why that long.

use core::time::Duration;

use intercom_errors::{HintCause, names};

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

names! {
    /// What made a wait as long as it is: the longer of the server's hint and our own back-off.
    #[non_exhaustive]
    pub enum WaitCause {
        /// Our own back-off: the server gave no hint, or a shorter one.
        Backoff = "backoff",
        /// The reset of the rate limit.
        RateLimitReset = "rate_limit_reset",
        /// The server's `Retry-After`.
        RetryAfter = "retry_after",
        /// A scroll that is open elsewhere has to run out first.
        ScrollIdle = "scroll_idle",
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
