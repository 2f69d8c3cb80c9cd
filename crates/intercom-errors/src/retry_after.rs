//! The `Retry-After` header.

use core::time::Duration;

use crate::UnixTime;
use crate::parse::{date, number};

/// What `Retry-After` asks for: a delay, or a time.
///
/// Intercom does not document this header and no recorded answer carries it; proxies in front of it may send it.
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
    /// Not before this time.
    At(UnixTime),
    /// Not before this delay has passed.
    Delay(Duration),
}

impl RetryAfter {
    /// Reads seconds or an HTTP date. A fraction is rounded up; a number too large to hold is the longest delay there is.
    ///
    /// This is one value. Of several, in one header or more, [`ApiError::retry_after`](crate::ApiError::retry_after) is the
    /// longest.
    #[must_use]
    pub fn parse(value: &[u8]) -> Option<Self> {
        match number::seconds(value) {
            Some(seconds) => Some(Self::Delay(Duration::from_secs(seconds))),
            None => date::parse(value).map(Self::At),
        }
    }

    /// The delay from `now`; zero for a time that has passed.
    #[must_use]
    pub(crate) fn from(self, now: Option<UnixTime>) -> Option<Duration> {
        match self {
            Self::Delay(delay) => Some(delay),
            Self::At(time) => Some(time.saturating_duration_since(now?)),
        }
    }
}
