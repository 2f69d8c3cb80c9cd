//! When the server says to come back.

use core::time::Duration;

use super::origin::WAF_WAIT;
use super::{Category, Resend, refuses};
use crate::names;
use crate::{ApiError, UnixTime};

/// An open scroll expires after a minute without a request (OpenAPI description, companies).
pub const SCROLL_IDLE: Duration = Duration::from_secs(60);

/// How long the server says to wait before sending the same request again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hint {
    wait: Duration,
    cause: HintCause,
}

names! {
    /// Where a [`Hint`] comes from.
    #[non_exhaustive]
    pub enum HintCause {
        Firewall = "firewall", "The pause after a captcha or challenge of a web application firewall.";
        RateLimitReset = "rate_limit_reset", "The end of the rate limit's window.";
        RetryAfter = "retry_after", "The `Retry-After` header.";
        ScrollIdle = "scroll_idle", "The minute after which an idle scroll expires.";
    }
}

impl Hint {
    /// Creates a hint from a wait and its cause.
    #[must_use]
    pub const fn new(wait: Duration, cause: HintCause) -> Self {
        Self { wait, cause }
    }

    /// Returns the minimum wait, measured from the arrival of the response.
    #[must_use]
    pub const fn wait(self) -> Duration {
        self.wait
    }

    /// Returns where the hint comes from.
    #[must_use]
    pub const fn cause(self) -> HintCause {
        self.cause
    }
}

impl ApiError {
    /// Returns how long the server says to wait before sending the same request again.
    ///
    /// It is the longest of:
    ///
    /// - `Retry-After`;
    /// - the reset of the rate limit, but only for a 429 of the window. Other errors have the header too, but it does
    ///   not say when they end;
    /// - the minute after which an idle scroll expires;
    /// - 30 seconds after a captcha or challenge of a firewall.
    ///
    /// Times are measured from the response's `Date`. Without a `Date`, they are measured from `wall`, this machine's
    /// clock. If a header has several values, the longest counts. Fractions are rounded up. A reset more than 24 hours
    /// ahead is ignored.
    ///
    /// Returns `None` if the server gives no hint, or if waiting does not help.
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
        // A running job ends at some point, even if the same request must not be sent again automatically.
        let ends = class.category() == Category::ConcurrencyLimit;
        if class.resend() == Resend::Never && !ends {
            return None;
        }
        let headers = self.headers();
        let now = self.rate_limit().date().or(wall);
        let asked = headers.retry_after(now).and_then(|after| after.from(now));
        // Server errors have the header too, but it does not say when they end.
        let is_limit = class.category() == Category::RateLimit && self.status() < 500;
        let reset = headers.limits.wait(wall).filter(|_| is_limit);
        // A 400 only refuses a request before anything is done if another scroll is open.
        let is_open = self.status() == 400 && self.errors().iter().any(|item| refuses(400, item));
        let scroll = is_open.then_some(SCROLL_IDLE);
        let is_challenge = class.category() == Category::Blocked;
        let firewall = is_challenge.then_some(WAF_WAIT);
        [
            (asked, HintCause::RetryAfter),
            (firewall, HintCause::Firewall),
            (reset, HintCause::RateLimitReset),
            (scroll, HintCause::ScrollIdle),
        ]
        .into_iter()
        .filter_map(|(wait, cause)| Some(Hint::new(wait?, cause)))
        .max_by_key(|hint| hint.wait())
    }
}
