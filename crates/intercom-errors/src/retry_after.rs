//! The `Retry-After` header.

use core::time::Duration;

use crate::parse::date;

/// What `Retry-After` asks for: a delay, or a moment.
///
/// Intercom does not document this header and no recorded answer carries it; proxies in front of it may send it.
///
/// ```
/// use std::time::Duration;
/// use intercom_errors::RetryAfter;
///
/// assert_eq!(RetryAfter::parse(b"120"), Some(RetryAfter::Delay(Duration::from_secs(120))));
/// assert_eq!(RetryAfter::parse(b"Fri, 31 Dec 1999 23:59:59 GMT"), Some(RetryAfter::At(946_684_799)));
/// assert_eq!(RetryAfter::parse(b"soon"), None);
/// ```
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RetryAfter {
    /// Not before this moment, as Unix seconds.
    At(u64),
    /// Not before this delay has passed.
    Delay(Duration),
}

impl RetryAfter {
    /// Reads whole seconds or an HTTP date; a number too large to hold is the longest delay there is.
    #[must_use]
    pub fn parse(value: &[u8]) -> Option<Self> {
        let value = value.trim_ascii();
        if !value.is_empty() && value.iter().all(u8::is_ascii_digit) {
            let seconds = core::str::from_utf8(value)
                .ok()?
                .parse()
                .unwrap_or(u64::MAX);
            return Some(Self::Delay(Duration::from_secs(seconds)));
        }
        date::parse(value).map(Self::At)
    }

    /// The delay from `now`, in Unix seconds; a moment that has passed is no delay.
    #[must_use]
    pub(crate) fn from(self, now: Option<Duration>) -> Option<Duration> {
        match self {
            Self::Delay(delay) => Some(delay),
            Self::At(seconds) => Some(Duration::from_secs(seconds).saturating_sub(now?)),
        }
    }
}
