//! The clocks: the monotonic one that decisions use, and the wall clock, which an administrator may set.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use intercom_errors::UnixTime;
use intercom_retry::{Moment, Tick};

use crate::quota::{EPOCH, PHASE};

/// How far the wall clock is set forward, in milliseconds.
const SET_FORWARD: u64 = 3_600_000;

/// The clocks of the process, in milliseconds since the start.
#[derive(Debug, Default)]
pub(super) struct Clock {
    now: AtomicU64,
    is_set_forward: AtomicBool,
    /// Whether random numbers are the highest, instead of the lowest.
    is_high: AtomicBool,
}

impl Clock {
    pub(super) fn now(&self) -> u64 {
        self.now.load(Ordering::Relaxed)
    }

    pub(super) fn pass(&self, millis: u64) {
        self.now.fetch_add(millis, Ordering::Relaxed);
    }

    pub(super) fn set_forward(&self) {
        self.is_set_forward.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_set_forward(&self) -> bool {
        self.is_set_forward.load(Ordering::Relaxed)
    }

    pub(super) fn roll(&self, is_high: bool) {
        self.is_high.store(is_high, Ordering::Relaxed);
    }

    pub(super) fn is_high(&self) -> bool {
        self.is_high.load(Ordering::Relaxed)
    }

    /// Milliseconds of the wall clock since the start.
    fn wall(&self) -> u64 {
        self.now()
            + if self.is_set_forward() {
                SET_FORWARD
            } else {
                0
            }
    }

    pub(super) fn moment(&self) -> Moment {
        self.moment_at(self.now())
    }

    /// What a driver reads that takes the wall clock for the monotonic one.
    pub(super) fn moment_of_wall(&self) -> Moment {
        self.moment_at(self.wall())
    }

    /// The moment with another reading of the monotonic clock.
    pub(super) fn moment_at(&self, tick: u64) -> Moment {
        let moment = Moment::new(Tick::new(Duration::from_millis(tick)))
            .with_roll(if self.is_high() { u64::MAX } else { 0 });
        match UnixTime::from_secs(EPOCH + (PHASE + self.wall()) / 1000) {
            Some(wall) => moment.with_wall(wall),
            None => moment,
        }
    }
}

/// Milliseconds, rounded up.
pub(super) fn millis(wait: Duration) -> u64 {
    wait.as_micros().div_ceil(1000) as u64
}

/// The local time at which the server's clock shows `time`, in milliseconds.
pub(super) fn local(time: UnixTime) -> u64 {
    (1000 * time.as_secs().saturating_sub(EPOCH)).saturating_sub(PHASE)
}
