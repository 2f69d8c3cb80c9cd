//! A timer on tokio.

use core::time::Duration;

use async_trait::async_trait;
use intercom_protocol::Moment;
use tokio::time::Instant;

use super::wall::moment;
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
        moment(self.origin.elapsed())
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
