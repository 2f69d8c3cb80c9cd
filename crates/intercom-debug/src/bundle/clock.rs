//! The only part of the bundle that reads clocks.

#![expect(
    clippy::disallowed_methods,
    reason = "only this module may read the time"
)]

use std::time::{Duration, Instant, SystemTime};

use intercom_protocol::UnixTime;

/// The time at which the evidence was collected: `SOURCE_DATE_EPOCH` if it is set, so that a bundle can be made again.
pub(super) fn wall() -> UnixTime {
    let set = std::env::var("SOURCE_DATE_EPOCH").ok();
    let set = set.and_then(|seconds| UnixTime::from_secs(seconds.parse().ok()?));
    let now = || UnixTime::try_from(SystemTime::now()).ok();
    set.or_else(now)
        .or_else(|| UnixTime::from_secs(0))
        .unwrap_or_else(epoch)
}

fn epoch() -> UnixTime {
    UnixTime::from_duration(Duration::ZERO).unwrap_or_else(epoch)
}

/// A point in time that everything has to end at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline(Instant);

impl Deadline {
    pub(super) fn after(limit: Duration) -> Self {
        let now = Instant::now();
        Self(now.checked_add(limit).unwrap_or(now))
    }

    /// How much time is left; never zero, because zero means no limit to a socket.
    pub(super) fn left(self) -> Option<Duration> {
        let left = self.0.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }
}

/// Measures a step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stopwatch(Instant);

impl Stopwatch {
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }

    pub(super) fn ms(self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
