//! What the server said about when to come back.

use core::time::Duration;

use super::{Category, Resend, refuses};
use crate::ApiError;
use crate::names;

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

/// The longest of what the answer says; nothing where waiting cannot help.
pub(crate) fn hint(error: &ApiError, wall: Option<Duration>) -> Option<Hint> {
    let class = error.class();
    // What is under way ends some time, whoever may send the request again then.
    let passes = class.category() == Category::ConcurrencyLimit;
    if class.resend() == Resend::Never && !passes {
        return None;
    }
    let headers = error.headers();
    let server = error.rate_limit().date().map(Duration::from_secs);
    let now = server.or(wall);
    let asked = headers.retry_after(now).and_then(|after| after.from(now));
    // A server error carries the header too, and it says nothing about when that heals.
    let is_limit = class.category() == Category::RateLimit && error.status() < 500;
    let reset = headers.limits.wait(wall).filter(|_| is_limit);
    // The only thing that a 400 refuses before anything is done is another scroll.
    let is_open = error.status() == 400 && error.errors().iter().any(|item| refuses(400, item));
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
