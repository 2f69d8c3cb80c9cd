//! A clock that moves only when a client sleeps, and a random number that is always the same.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use intercom_async::async_trait;
use intercom_async::protocol::{Moment, Tick, UnixTime};
use intercom_async::transport::Timer;
use intercom_blocking::transport::Clock;

/// Unix time when a scenario begins: Fri, 22 Mar 2024 09:33:20 GMT.
pub(crate) const BEGAN: UnixTime = UnixTime::from_secs(1_711_100_000).unwrap();

/// A random number in the middle: back-offs of three quarters, and half of the spread.
const ROLL: u64 = 0x8000_0000_8000_0000;

/// A clock for either client, which records each sleep.
#[derive(Clone, Debug, Default)]
pub(crate) struct VirtualClock(Arc<Mutex<Vec<Duration>>>);

impl VirtualClock {
    pub(crate) fn slept(&self) -> Vec<Duration> {
        self.0.lock().unwrap().clone()
    }

    fn moment(&self) -> Moment {
        let since: Duration = self.0.lock().unwrap().iter().sum();
        Moment::new(Tick::new(since))
            .with_wall(BEGAN.checked_add(since).unwrap())
            .with_roll(ROLL)
    }

    fn pass(&self, duration: Duration) {
        self.0.lock().unwrap().push(duration);
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Moment {
        self.moment()
    }

    fn sleep(&self, duration: Duration) {
        self.pass(duration);
    }
}

#[async_trait]
impl Timer for VirtualClock {
    fn now(&self) -> Moment {
        self.moment()
    }

    async fn sleep(&self, duration: Duration) {
        self.pass(duration);
    }
}
