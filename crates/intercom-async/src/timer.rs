//! Time, chance and sleeping.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use intercom_protocol::{MaybeSend, MaybeSync, Moment};

/// Reads the time and sleeps: the part of a runtime that calls need.
///
/// The feature `tokio` adds `TokioTimer`, and `async-io` adds `AsyncIoTimer`, for smol and async-std. Your own timer needs a
/// monotonic clock. It should also give the wall clock, to read times in responses that have no `Date`, and a random number, to
/// spread waits.
#[cfg_attr(not(target_arch = "wasm32"), async_trait)]
#[cfg_attr(target_arch = "wasm32", async_trait(?Send))]
pub trait Timer: MaybeSend + MaybeSync {
    /// Returns the current time on the monotonic clock and the wall clock, and a random number.
    fn now(&self) -> Moment;

    /// Sleeps for `duration`.
    async fn sleep(&self, duration: Duration);
}

#[rustfmt::skip]
#[cfg_attr(not(target_arch = "wasm32"), async_trait)]
#[cfg_attr(target_arch = "wasm32", async_trait(?Send))]
impl<T: Timer + ?Sized> Timer for Arc<T> {
    fn now(&self) -> Moment { (**self).now() }
    async fn sleep(&self, duration: Duration) { (**self).sleep(duration).await; }
}

#[rustfmt::skip]
#[cfg_attr(not(target_arch = "wasm32"), async_trait)]
#[cfg_attr(target_arch = "wasm32", async_trait(?Send))]
impl<T: Timer + ?Sized> Timer for Box<T> {
    fn now(&self) -> Moment { (**self).now() }
    async fn sleep(&self, duration: Duration) { (**self).sleep(duration).await; }
}
