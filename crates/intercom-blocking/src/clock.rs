//! Time and chance: the only place that reads clocks, sleeps or rolls dice.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the module that may read the time and sleep"
)]

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use intercom_protocol::{Moment, Tick, UnixTime};

/// Tells the moment and sleeps; tests put a virtual one in its place.
pub trait Clock: Send + Sync {
    /// The moment: monotonic tick, wall clock, a random roll.
    fn now(&self) -> Moment;

    /// Sleeps for this long.
    fn sleep(&self, duration: Duration);
}

/// The machine's own clocks.
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
