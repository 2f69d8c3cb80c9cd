//! What the server said about when to come back.

use core::time::Duration;

use super::{Category, Resend, refuses};
use crate::names;
use crate::{ApiError, UnixTime};

/// An open scroll ends after a minute without a request (OpenAPI description, companies).
const SCROLL_IDLE: Duration = Duration::from_secs(60);

/// How long to wait before the same request is sent again, in the server's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hint {
    wait: Duration,
    cause: HintCause,
}

names! {
    /// What a [`Hint`] was read from.
    #[non_exhaustive]
    pub enum HintCause {
        RateLimitReset = "rate_limit_reset", "The end of the rate limit's window.";
        RetryAfter = "retry_after", "The `Retry-After` header.";
        ScrollIdle = "scroll_idle", "The minute after which an idle scroll ends.";
    }
}

impl Hint {
    /// A wait with its cause.
    #[must_use]
    pub const fn new(wait: Duration, cause: HintCause) -> Self {
        Self { wait, cause }
    }

    /// How long to wait at least, from the moment the answer came.
    #[must_use]
    pub const fn wait(self) -> Duration {
        self.wait
    }

    /// What it was read from.
    #[must_use]
    pub const fn cause(self) -> HintCause {
        self.cause
    }
}

impl ApiError {
    /// How long the server wants us to wait before this very request is sent again, if it says so.
    ///
    /// The longest of `Retry-After`, the rate limit's reset (for a 429 of the window only: other errors carry the
    /// header too, and it says nothing about when they heal), and the minute after which an idle scroll ends. Times
    /// are measured against the response's own `Date`; without one against `wall`, this machine's clock. Of several
    /// values the longest counts, fractions are rounded up, and a reset more than 24 hours ahead is ignored.
    ///
    /// `None` where the server says nothing about it, and where waiting cannot help.
    ///
    /// ```
    /// use std::time::Duration;
    /// use intercom_errors::{ApiError, HintCause};
    ///
    /// let headers = [("X-RateLimit-Reset", b"1711100060".as_slice()), ("Date", b"Fri, 22 Mar 2024 09:34:13 GMT")];
    /// let hint = ApiError::from_parts(429, headers, b"").hint(None).unwrap();
    /// assert_eq!((hint.wait(), hint.cause()), (Duration::from_secs(7), HintCause::RateLimitReset));
    /// ```
    #[must_use]
    pub fn hint(&self, wall: Option<UnixTime>) -> Option<Hint> {
        let class = self.class();
        // What is under way ends some time, even if the same request may not be sent again.
        let passes = class.category() == Category::ConcurrencyLimit;
        if class.resend() == Resend::Never && !passes {
            return None;
        }
        let headers = self.headers();
        let now = self.rate_limit().date().or(wall);
        let asked = headers.retry_after(now).and_then(|after| after.from(now));
        // A server error carries the header too, and it says nothing about when that heals.
        let is_limit = class.category() == Category::RateLimit && self.status() < 500;
        let reset = headers.limits.wait(wall).filter(|_| is_limit);
        // The only thing that a 400 refuses before anything is done is another scroll.
        let is_open = self.status() == 400 && self.errors().iter().any(|item| refuses(400, item));
        let scroll = is_open.then_some(SCROLL_IDLE);
        [
            (asked, HintCause::RetryAfter),
            (reset, HintCause::RateLimitReset),
            (scroll, HintCause::ScrollIdle),
        ]
        .into_iter()
        .filter_map(|(wait, cause)| Some(Hint::new(wait?, cause)))
        .max_by_key(|hint| hint.wait())
    }
}
