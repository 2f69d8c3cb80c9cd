//! What an answer's headers say about the quota.

use core::time::Duration;

use crate::UnixTime;

/// The quota as an answer's headers tell it: `X-RateLimit-Limit`, `-Remaining`, `-Reset`, and `Date`.
///
/// The numbers are those of the current window of ten seconds, not of a minute. `Remaining` is written before the
/// answered request is subtracted (recorded 2021), so the first answer of a window says as much as the limit. Answers
/// without valid credentials carry none of them.
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

/// Values that came another way than as headers, like from another process.
///
/// ```
/// use intercom_errors::{RateLimit, UnixTime};
///
/// let told = RateLimit::from_headers([("x-ratelimit-limit", b"167".as_slice()), ("x-ratelimit-reset", b"1711100060")]);
/// let (limit, reset) = (Some(167), Some(1_711_100_060)); // as another process sent them
///
/// let limit = RateLimit::default().with_limit(limit).with_reset(reset.and_then(UnixTime::from_secs));
/// assert_eq!(limit, told);
/// ```
impl RateLimit {
    /// Sets how many requests a window admits.
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

    /// Sets when the window ends. As in headers, more than 24 hours after the date is not an end.
    #[must_use]
    pub fn with_reset(mut self, reset: impl Into<Option<UnixTime>>) -> Self {
        self.reset = reset.into();
        self.without_far_reset()
    }

    /// Sets when the response was made.
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
    /// How many requests a window admits.
    #[must_use]
    pub const fn limit(&self) -> Option<u32> {
        self.limit
    }

    /// How many requests were left in the window.
    #[must_use]
    pub const fn remaining(&self) -> Option<u32> {
        self.remaining
    }

    /// When the window ends, on the server's clock, rounded up to a second.
    ///
    /// A reset more than 24 hours after the answer's `Date` is left out: it is not in seconds, or not a time at all.
    #[must_use]
    pub const fn reset(&self) -> Option<UnixTime> {
        self.reset
    }

    /// When the response was made, on the server's clock (`Date`).
    #[must_use]
    pub const fn date(&self) -> Option<UnixTime> {
        self.date
    }

    /// Whether the answer said nothing about the quota.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.limit.is_none() && self.remaining.is_none() && self.reset.is_none()
    }

    /// How long until the window ends, measured on the server's own clock; zero when it has ended.
    ///
    /// Both times are the server's, so this machine's clock plays no part. `None` without `Reset` or `Date`.
    #[must_use]
    pub fn wait(&self) -> Option<Duration> {
        self.wait_from(self.date?)
    }

    /// How long until the window ends by this machine's clock, for responses without `Date`.
    ///
    /// `None` without `Reset`, and for one more than 24 hours ahead.
    #[must_use]
    pub fn wait_from(&self, wall: UnixTime) -> Option<Duration> {
        until(self.reset?, wall)
    }
}

/// How long from `now` until a reset; `None` for one more than a day ahead, which is no time in seconds.
pub(crate) fn until(reset: UnixTime, now: UnixTime) -> Option<Duration> {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let wait = reset.saturating_duration_since(now);
    (wait <= DAY).then_some(wait)
}
