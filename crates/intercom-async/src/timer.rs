//! Time and chance, and sleeping.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use intercom_protocol::Moment;

/// Tells the moment and sleeps: the part of a runtime that calls need.
///
/// With the feature `tokio` there is `TokioTimer`. One of yours needs a monotonic clock; a wall clock and a random roll
/// make dates and jitter better.
#[async_trait]
pub trait Timer: Send + Sync {
    /// The moment: monotonic tick, wall clock, a random roll.
    fn now(&self) -> Moment;

    /// Sleeps for this long.
    async fn sleep(&self, duration: Duration);
}

#[rustfmt::skip]
#[async_trait]
impl<T: Timer + ?Sized> Timer for Arc<T> {
    fn now(&self) -> Moment { (**self).now() }
    async fn sleep(&self, duration: Duration) { (**self).sleep(duration).await; }
}

#[rustfmt::skip]
#[async_trait]
impl<T: Timer + ?Sized> Timer for Box<T> {
    fn now(&self) -> Moment { (**self).now() }
    async fn sleep(&self, duration: Duration) { (**self).sleep(duration).await; }
}
