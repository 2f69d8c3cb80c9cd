//! A clock that moves only when a client sleeps, with random numbers that are always the same.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use fastrand::Rng;
use intercom_async::async_trait;
use intercom_async::protocol::{Moment, Tick, UnixTime};
use intercom_async::transport::Timer;
use intercom_blocking::transport::Clock;

/// Unix time when a scenario begins: Fri, 22 Mar 2024 09:33:20 GMT.
pub(crate) const BEGAN: UnixTime = UnixTime::from_secs(1_711_100_000).unwrap();

/// The random number without a seed, in the middle: back-offs of three quarters, and half of the spread.
const ROLL: u64 = 0x8000_0000_8000_0000;

/// A clock for either client, which records each sleep.
#[derive(Clone, Debug, Default)]
pub(crate) struct VirtualClock(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    slept: Vec<Duration>,
    chance: Option<Rng>,
}

impl VirtualClock {
    /// A clock that returns another random number whenever it is read.
    pub(crate) fn seeded(seed: u64) -> Self {
        let clock = Self::default();
        clock.state().chance = Some(Rng::with_seed(seed));
        clock
    }

    pub(crate) fn slept(&self) -> Vec<Duration> {
        self.state().slept.clone()
    }

    fn moment(&self) -> Moment {
        let mut state = self.state();
        let since: Duration = state.slept.iter().sum();
        let roll = state.chance.as_mut().map_or(ROLL, |rng| rng.u64(..));
        Moment::new(Tick::new(since))
            .with_wall(BEGAN.checked_add(since).unwrap())
            .with_roll(roll)
    }

    fn pass(&self, duration: Duration) {
        self.state().slept.push(duration);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
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
