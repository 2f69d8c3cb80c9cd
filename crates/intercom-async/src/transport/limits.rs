//! Time limits for the steps of an exchange.

use core::future::poll_fn;
use core::pin::{Pin, pin};
use core::task::Poll;
use core::time::Duration;

use crate::transport::Timer;

/// What limits the time that a future takes.
pub(super) trait Limits {
    /// Waits for `future`. Returns `None` if it was not ready within the limit.
    fn within<F: Future>(
        &self,
        limit: Option<Duration>,
        future: F,
    ) -> impl Future<Output = Option<F::Output>>;
}

/// The timer of tokio. Its limits also end a future that never stops making progress.
#[cfg(feature = "tokio")]
pub(super) struct TokioLimits;

#[cfg(feature = "tokio")]
impl TokioLimits {
    /// Returns when this limit ends. A limit beyond the end of the clock is none.
    pub(super) fn until(limit: Option<Duration>) -> Option<tokio::time::Instant> {
        tokio::time::Instant::now().checked_add(limit?)
    }
}

#[cfg(feature = "tokio")]
impl Limits for TokioLimits {
    async fn within<F: Future>(&self, limit: Option<Duration>, future: F) -> Option<F::Output> {
        match Self::until(limit) {
            None => Some(future.await),
            Some(limit) => tokio::time::timeout_at(limit, future).await.ok(),
        }
    }
}

/// Any timer.
pub(super) struct TimerLimits<'t, T: ?Sized>(pub(super) &'t T);

impl<T: Timer + ?Sized> Limits for TimerLimits<'_, T> {
    async fn within<F: Future>(&self, limit: Option<Duration>, future: F) -> Option<F::Output> {
        match limit {
            None => Some(future.await),
            Some(limit) => before(self.0.sleep(limit), pin!(future)).await,
        }
    }
}

/// Waits for a future until `end`. Returns `None` if it was not ready by then.
async fn before<T>(
    end: impl Future<Output = ()>,
    mut future: Pin<&mut impl Future<Output = T>>,
) -> Option<T> {
    let mut end = pin!(end);
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => end.as_mut().poll(context).map(|()| None),
    })
    .await
}
