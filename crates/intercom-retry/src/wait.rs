//! The wait before the next attempt, and its cause.

use core::time::Duration;

use intercom_errors::{HintCause, names};

/// A wait before the next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Wait {
    duration: Duration,
    cause: WaitCause,
}

impl Wait {
    /// Creates a wait.
    pub const fn new(duration: Duration, cause: WaitCause) -> Self {
        Self { duration, cause }
    }

    /// Returns how long to wait.
    pub const fn duration(&self) -> Duration {
        self.duration
    }

    /// Returns what determines the length of the wait.
    pub const fn cause(&self) -> WaitCause {
        self.cause
    }
}

names! {
    /// What determines the length of a wait: the server's hint or the back-off, whichever is longer.
    #[non_exhaustive]
    pub enum WaitCause {
        /// The back-off of the policy. The server gave no hint, or a shorter one.
        Backoff = "backoff",
        /// No wait: the request is sent again at once with another access token.
        NewToken = "new_token",
        /// The pause after a captcha or challenge of a web application firewall.
        Firewall = "firewall",
        /// The reset of the rate limit.
        RateLimitReset = "rate_limit_reset",
        /// The `Retry-After` of the response.
        RetryAfter = "retry_after",
        /// The time until another open scroll expires.
        ScrollIdle = "scroll_idle",
    }
}

impl From<HintCause> for WaitCause {
    fn from(cause: HintCause) -> Self {
        match cause {
            HintCause::Firewall => Self::Firewall,
            HintCause::RateLimitReset => Self::RateLimitReset,
            HintCause::ScrollIdle => Self::ScrollIdle,
            // A new `HintCause` is still a hint of the server.
            _ => Self::RetryAfter,
        }
    }
}
