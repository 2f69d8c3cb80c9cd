//! Time and chance: the only module that reads clocks, sleeps or draws random numbers.

#![expect(
    clippy::disallowed_methods,
    reason = "only this module may read the time and sleep"
)]

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use intercom_protocol::{Moment, Tick, UnixTime};

/// Reads the time and sleeps. Tests replace it with a virtual clock.
pub trait Clock: Send + Sync {
    /// Returns the current time on the monotonic clock and the wall clock, and a random number.
    fn now(&self) -> Moment;

    /// Sleeps for `duration`.
    fn sleep(&self, duration: Duration);
}

/// The clocks of the operating system.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    origin: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self {
            origin: Instant::now(),
        }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        let moment = Moment::new(Tick::new(self.origin.elapsed())).with_roll(fastrand::u64(..));
        match UnixTime::try_from(SystemTime::now()) {
            Ok(wall) => moment.with_wall(wall),
            Err(_) => moment,
        }
    }

    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }
}

#[rustfmt::skip]
impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now(&self) -> Moment { (**self).now() }
    fn sleep(&self, duration: Duration) { (**self).sleep(duration); }
}

#[rustfmt::skip]
impl<C: Clock + ?Sized> Clock for Box<C> {
    fn now(&self) -> Moment { (**self).now() }
    fn sleep(&self, duration: Duration) { (**self).sleep(duration); }
}
