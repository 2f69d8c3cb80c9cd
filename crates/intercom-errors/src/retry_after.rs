//! The `Retry-After` header.

use core::time::Duration;

use crate::UnixTime;
use crate::parse::{date, number};

/// The value of a `Retry-After` header: a delay or a time.
///
/// Intercom does not document this header, and no recorded response contains it. Proxies in front of Intercom may send
/// it.
///
/// ```
/// use std::time::Duration;
/// use intercom_errors::{RetryAfter, UnixTime};
///
/// assert_eq!(RetryAfter::parse(b"120"), Some(RetryAfter::Delay(Duration::from_secs(120))));
/// assert_eq!(
///     RetryAfter::parse(b"Fri, 31 Dec 1999 23:59:59 GMT"),
///     UnixTime::from_secs(946_684_799).map(RetryAfter::At),
/// );
/// assert_eq!(RetryAfter::parse(b"soon"), None);
/// ```
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RetryAfter {
    /// Do not retry before this time.
    At(UnixTime),
    /// Do not retry before this delay has passed.
    Delay(Duration),
}

impl RetryAfter {
    /// Parses a number of seconds or an HTTP date.
    ///
    /// Rounds fractions up. Reads a number that is too large as the longest possible delay.
    ///
    /// The input is a single value. [`ApiError::retry_after`](crate::ApiError::retry_after) returns the longest of
    /// several.
    #[must_use]
    pub fn parse(value: &[u8]) -> Option<Self> {
        match number::seconds(value) {
            Some(seconds) => Some(Self::Delay(Duration::from_secs(seconds))),
            None => date::parse(value).map(Self::At),
        }
    }

    /// Returns the delay from `now`, or zero if the time has passed.
    #[must_use]
    pub(crate) fn from(self, now: Option<UnixTime>) -> Option<Duration> {
        match self {
            Self::Delay(delay) => Some(delay),
            Self::At(time) => Some(time.saturating_duration_since(now?)),
        }
    }
}
