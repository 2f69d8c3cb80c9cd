//! The rate limit in the headers of a response.

use core::time::Duration;

use crate::UnixTime;

/// The rate limit in the headers of a response: `X-RateLimit-Limit`, `-Remaining`, `-Reset`, and `Date`.
///
/// The numbers belong to the current window of ten seconds, not to a minute. `Remaining` does not count the request
/// itself (recorded in 2021): the first response of a window has the same value in `Remaining` and `Limit`. Responses
/// to requests without valid credentials have none of these headers.
///
/// ```
/// use std::time::Duration;
/// use intercom_errors::RateLimit;
///
/// let limit = RateLimit::from_headers([
///     ("x-ratelimit-remaining", b"0".as_slice()),
///     ("x-ratelimit-reset", b"1711100060"),
///     ("date", b"Fri, 22 Mar 2024 09:34:13 GMT"),
/// ]);
/// assert_eq!(limit.wait(), Some(Duration::from_secs(7)));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RateLimit {
    pub(crate) limit: Option<u32>,
    pub(crate) remaining: Option<u32>,
    pub(crate) reset: Option<UnixTime>,
    pub(crate) date: Option<UnixTime>,
}

/// Setters for values that do not come from headers, for example from another process.
///
/// ```
/// use intercom_errors::{RateLimit, UnixTime};
///
/// let original = RateLimit::from_headers([("x-ratelimit-limit", b"167".as_slice()), ("x-ratelimit-reset", b"1711100060")]);
/// let (limit, reset) = (Some(167), Some(1_711_100_060)); // as another process sent them
///
/// let limit = RateLimit::default().with_limit(limit).with_reset(reset.and_then(UnixTime::from_secs));
/// assert_eq!(limit, original);
/// ```
impl RateLimit {
    /// Sets how many requests a window allows.
    #[must_use]
    pub fn with_limit(mut self, limit: impl Into<Option<u32>>) -> Self {
        self.limit = limit.into();
        self
    }

    /// Sets how many requests were left in the window.
    #[must_use]
    pub fn with_remaining(mut self, remaining: impl Into<Option<u32>>) -> Self {
        self.remaining = remaining.into();
        self
    }

    /// Sets when the window ends. Like in headers, a reset more than 24 hours after the date is ignored.
    #[must_use]
    pub fn with_reset(mut self, reset: impl Into<Option<UnixTime>>) -> Self {
        self.reset = reset.into();
        self.without_far_reset()
    }

    /// Sets when the server created the response.
    #[must_use]
    pub fn with_date(mut self, date: impl Into<Option<UnixTime>>) -> Self {
        self.date = date.into();
        self.without_far_reset()
    }

    fn without_far_reset(mut self) -> Self {
        let is_near = |reset: &UnixTime| self.date.is_none_or(|date| until(*reset, date).is_some());
        self.reset = self.reset.filter(is_near);
        self
    }
}

impl RateLimit {
    /// Returns how many requests a window allows.
    #[must_use]
    pub const fn limit(&self) -> Option<u32> {
        self.limit
    }

    /// Returns how many requests were left in the window.
    #[must_use]
    pub const fn remaining(&self) -> Option<u32> {
        self.remaining
    }

    /// Returns when the window ends, on the server's clock, rounded up to a second.
    ///
    /// A reset more than 24 hours after the response's `Date` is ignored: it is not in seconds, or not a time at all.
    #[must_use]
    pub const fn reset(&self) -> Option<UnixTime> {
        self.reset
    }

    /// Returns when the server created the response, on its own clock (`Date`).
    #[must_use]
    pub const fn date(&self) -> Option<UnixTime> {
        self.date
    }

    /// Returns `true` if the response had no rate limit headers that could be read.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.limit.is_none() && self.remaining.is_none() && self.reset.is_none()
    }

    /// Returns the time until the window ends, on the server's clock. It is zero if the window has ended.
    ///
    /// Both times come from the server, so this machine's clock does not matter. Returns `None` without `Reset` or
    /// `Date`.
    #[must_use]
    pub fn wait(&self) -> Option<Duration> {
        self.wait_from(self.date?)
    }

    /// Returns the time until the window ends, on this machine's clock, for responses without `Date`.
    ///
    /// Returns `None` without `Reset`, or if it is more than 24 hours ahead.
    #[must_use]
    pub fn wait_from(&self, wall: UnixTime) -> Option<Duration> {
        until(self.reset?, wall)
    }
}

/// Returns the time from `now` until a reset, or `None` if it is more than a day ahead and so not a time in seconds.
pub(crate) fn until(reset: UnixTime, now: UnixTime) -> Option<Duration> {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let wait = reset.saturating_duration_since(now);
    (wait <= DAY).then_some(wait)
}
