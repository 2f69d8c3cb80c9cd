//! Rate limits in fixed windows aligned to the clock, as recorded from Intercom.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::clock::Now;

pub(crate) const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
pub(crate) const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
pub(crate) const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// How many requests each window allows, and how the headers report it.
#[derive(Clone, Debug)]
pub(crate) struct Quota {
    pub(crate) limit: u32,
    pub(crate) window: Duration,
    /// How many seconds after the real end of the window `X-RateLimit-Reset` is.
    pub(crate) reset_offset: u64,
    /// Whether `X-RateLimit-Remaining` is computed after the request is counted.
    pub(crate) remaining_after: bool,
    /// A second limit for the same windows, which no header shows.
    pub(crate) hidden: Option<u32>,
}

/// Counts the requests in the current window.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    window: u128,
    used: u32,
}

/// The state of the limit at one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    limit: u32,
    remaining: u32,
    reset: u64,
    /// The limit that the request exceeds, if any.
    pub(crate) exceeded: Option<u32>,
}

impl Default for Quota {
    fn default() -> Self {
        Self {
            limit: 1_000_000,
            window: Duration::from_secs(10),
            reset_offset: 0,
            remaining_after: false,
            hidden: None,
        }
    }
}

impl Quota {
    /// The message of a 429, word for word as Intercom sends it.
    pub(crate) fn message(&self, exceeded: u32) -> String {
        format!(
            "Exceeded rate limit of {exceeded} in {}_seconds",
            self.window.as_secs().max(1)
        )
    }

    fn number(&self, now: Now) -> u128 {
        now.unix.as_nanos() / self.window.as_nanos().max(1)
    }

    fn end(&self, window: u128) -> u64 {
        let nanos = (window + 1).saturating_mul(self.window.as_nanos().max(1));
        u64::try_from(nanos.div_ceil(1_000_000_000)).unwrap_or(u64::MAX)
    }
}

impl Meter {
    /// Counts one request, unless it exceeds a limit.
    pub(crate) fn count(&mut self, quota: &Quota, now: Now) -> Reading {
        self.roll_over(quota, now);
        let left = quota.limit.saturating_sub(self.used);
        let exceeded = if left == 0 {
            Some(quota.limit)
        } else {
            quota.hidden.filter(|&hidden| self.used >= hidden)
        };
        if exceeded.is_none() {
            self.used = self.used.saturating_add(1);
        }
        let remaining = if quota.remaining_after {
            quota.limit.saturating_sub(self.used)
        } else {
            left
        };
        let reset = quota.end(self.window).saturating_add(quota.reset_offset);
        Reading {
            limit: quota.limit,
            remaining,
            reset,
            exceeded,
        }
    }

    /// Uses up part of the current window, as another program with the same token would.
    pub(crate) fn spend(&mut self, quota: &Quota, now: Now, requests: u32) {
        self.roll_over(quota, now);
        self.used = self.used.saturating_add(requests);
    }

    fn roll_over(&mut self, quota: &Quota, now: Now) {
        let window = quota.number(now);
        if window != self.window {
            *self = Self { window, used: 0 };
        }
    }
}

impl Reading {
    pub(crate) fn write(self, headers: &mut HeaderMap) {
        headers.insert(LIMIT, HeaderValue::from(self.limit));
        headers.insert(REMAINING, HeaderValue::from(self.remaining));
        headers.insert(RESET, HeaderValue::from(self.reset));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Now {
        Now {
            at: Duration::ZERO,
            unix: Duration::from_millis(millis),
        }
    }

    fn quota(limit: u32) -> Quota {
        Quota {
            limit,
            ..Quota::default()
        }
    }

    #[test]
    fn remaining_does_not_count_the_current_request_and_reset_is_the_end_of_the_window() {
        let (mut meter, quota) = (Meter::default(), quota(2));
        let first = meter.count(&quota, at(1_000_003_400));
        assert_eq!(
            first,
            Reading {
                limit: 2,
                remaining: 2,
                reset: 1_000_010,
                exceeded: None
            }
        );
        assert_eq!(meter.count(&quota, at(1_000_009_999)).remaining, 1);
        let third = meter.count(&quota, at(1_000_009_999));
        assert_eq!((third.remaining, third.exceeded), (0, Some(2)));
        assert_eq!(
            meter.count(&quota, at(1_000_010_000)).exceeded,
            None,
            "the next window begins exactly at the end of this one"
        );
    }

    #[test]
    fn remaining_after_and_reset_offset_change_the_headers() {
        let quota = Quota {
            remaining_after: true,
            reset_offset: 2,
            ..quota(5)
        };
        let reading = Meter::default().count(&quota, at(3_000));
        assert_eq!((reading.remaining, reading.reset), (4, 12));
    }

    #[test]
    fn hidden_limit_rejects_requests_that_the_headers_allow() {
        let quota = Quota {
            hidden: Some(1),
            ..quota(100)
        };
        let mut meter = Meter::default();
        assert_eq!(meter.count(&quota, at(0)).exceeded, None);
        let refused = meter.count(&quota, at(0));
        assert_eq!((refused.exceeded, refused.remaining), (Some(1), 99));
    }

    #[test]
    fn spend_reduces_the_remaining_requests() {
        let (mut meter, quota) = (Meter::default(), quota(10));
        meter.spend(&quota, at(0), 7);
        assert_eq!(meter.count(&quota, at(0)).remaining, 3);
        meter.spend(&quota, at(0), u32::MAX);
        assert_eq!(meter.count(&quota, at(0)).exceeded, Some(10));
    }

    #[test]
    fn zero_length_window_does_not_divide_by_zero() {
        let quota = Quota {
            window: Duration::ZERO,
            ..quota(1)
        };
        let _ = Meter::default().count(&quota, at(5));
    }
}
