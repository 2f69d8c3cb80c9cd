//! A timer on tokio.

#![expect(
    clippy::disallowed_methods,
    reason = "only this module may read the time"
)]

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use intercom_protocol::{Moment, Tick, UnixTime};
use tokio::time::Instant;

use crate::transport::Timer;

/// A timer on tokio: its clock and its sleep, the system's wall clock, and random numbers.
///
/// It obeys `tokio::time::pause`, so tests with a paused clock do not wait.
#[derive(Clone, Copy, Debug)]
pub struct TokioTimer {
    origin: Instant,
}

impl Default for TokioTimer {
    fn default() -> Self {
        Self {
            origin: Instant::now(),
        }
    }
}

#[async_trait]
impl Timer for TokioTimer {
    fn now(&self) -> Moment {
        let moment = Moment::new(Tick::new(self.origin.elapsed())).with_roll(fastrand::u64(..));
        match UnixTime::try_from(SystemTime::now()) {
            Ok(wall) => moment.with_wall(wall),
            Err(_) => moment,
        }
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
