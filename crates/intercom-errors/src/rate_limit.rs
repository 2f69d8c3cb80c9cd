//! What an answer's headers say about the quota.

use core::time::Duration;

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
    pub(crate) reset: Option<u64>,
    pub(crate) date: Option<u64>,
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

    /// When the window ends, as Unix seconds on the server's clock, rounded up.
    ///
    /// A reset more than 24 hours after the answer's `Date` is left out: it is not in seconds, or not a time at all.
    #[must_use]
    pub const fn reset(&self) -> Option<u64> {
        self.reset
    }

    /// When the answer was made, as Unix seconds on the server's clock (`Date`).
    #[must_use]
    pub const fn date(&self) -> Option<u64> {
        self.date
    }

    /// Whether the answer said nothing about the quota.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.limit.is_none() && self.remaining.is_none() && self.reset.is_none()
    }

    /// How long until the window ends, measured on the server's own clock; zero when it has ended.
    ///
    /// Both numbers are the server's, so this machine's clock plays no part. `None` without `Reset` or `Date`.
    #[must_use]
    pub fn wait(&self) -> Option<Duration> {
        self.wait_from(Duration::from_secs(self.date?))
    }

    /// How long until the window ends by this machine's clock (time since the Unix epoch), for answers without `Date`.
    ///
    /// `None` without `Reset`, and for one more than 24 hours ahead.
    #[must_use]
    pub fn wait_from(&self, wall: Duration) -> Option<Duration> {
        until(self.reset?, wall)
    }
}

/// How long from `now` until a reset; `None` for one more than a day ahead, which is no time in seconds.
pub(crate) fn until(reset: u64, now: Duration) -> Option<Duration> {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let wait = Duration::from_secs(reset).saturating_sub(now);
    (wait <= DAY).then_some(wait)
}
