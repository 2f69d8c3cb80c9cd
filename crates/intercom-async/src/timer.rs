//! Time, chance and sleeping.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use intercom_protocol::Moment;

/// Reads the time and sleeps: the part of a runtime that calls need.
///
/// The feature `tokio` adds `TokioTimer`, and `async-io` adds `AsyncIoTimer`, for smol and async-std. Your own timer needs a monotonic clock. It should also give the wall clock, to read
/// times in responses that have no `Date`, and a random number, to spread waits.
#[async_trait]
pub trait Timer: Send + Sync {
    /// Returns the current time on the monotonic clock and the wall clock, and a random number.
    fn now(&self) -> Moment;

    /// Sleeps for `duration`.
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
