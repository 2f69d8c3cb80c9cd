//! The current time.

use std::time::Duration;

use intercom_blocking::transport::{Clock as _, SystemClock};
use intercom_protocol::{Tick, UnixTime};

/// The current Unix time, if the system clock has a valid one.
pub(crate) fn wall() -> Option<UnixTime> {
    SystemClock::default().now().wall()
}

/// Measures how much time has passed.
#[derive(Debug)]
pub(crate) struct Stopwatch {
    clock: SystemClock,
    began: Tick,
}

impl Stopwatch {
    pub(crate) fn start() -> Self {
        let clock = SystemClock::default();
        let began = clock.now().tick();
        Self { clock, began }
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.clock.now().tick().since(self.began)
    }
}
