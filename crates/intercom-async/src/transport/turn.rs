//! A turn of the runtime before each request.

use core::pin::pin;
use core::task::{Context, Waker};
use core::time::Duration;
use std::sync::Arc;
use std::task::Wake;

use tokio::sync::Notify;
use tokio::task::yield_now;
use tokio::time::timeout;

/// How long to wait for a wake-up that tokio may have lost.
///
/// It loses those of tasks that have yielded if `block_on` returns right then, or if another executor blocks the thread. The timer
/// fires in a turn of its own.
const LOST: Duration = Duration::from_millis(1);

/// Waits until tokio has looked at its sockets.
///
/// What a server sends on an idle connection belongs to no request. HTTP libraries close such a connection, but they notice only
/// what tokio has noticed, and tokio looks at its sockets only between tasks. If a task was busy for long, or nothing ran because
/// no `block_on` did, then the library would mistake those bytes for the response to its next request.
pub(super) async fn turn() {
    let turned = Arc::new(Turned(Notify::new()));
    let waker = Waker::from(Arc::clone(&turned));
    // tokio wakes what has yielded after it has looked at its sockets. The task's own waker would not show this, because
    // other futures in the task wake it too.
    let _ = pin!(yield_now()).poll(&mut Context::from_waker(&waker));
    let _ = timeout(LOST, turned.0.notified()).await;
}

/// Set once the runtime has turned.
struct Turned(Notify);

impl Wake for Turned {
    fn wake(self: Arc<Self>) {
        self.0.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use core::future::poll_fn;
    use core::task::Poll;

    use tokio::runtime::{Builder, Runtime};
    use tokio::time::Instant;

    use super::*;

    /// A runtime whose clock moves only when nothing else can happen.
    fn paused() -> Runtime {
        let mut builder = Builder::new_current_thread();
        builder.enable_time().start_paused(true).build().unwrap()
    }

    #[test]
    fn a_turn_needs_no_timer() {
        paused().block_on(async {
            let began = Instant::now();
            turn().await;
            assert_eq!(began.elapsed(), Duration::ZERO);
        });
    }

    #[test]
    fn a_turn_does_not_end_because_its_task_is_polled_again() {
        let (runtime, mut turning) = (paused(), pin!(turn()));
        runtime.block_on(poll_fn(|context| {
            for _ in 0..3 {
                assert!(turning.as_mut().poll(context).is_pending());
            }
            Poll::Ready(())
        }));
    }

    #[test]
    fn a_turn_ends_although_tokio_lost_its_wake_up() {
        let (runtime, mut turning) = (paused(), pin!(turn()));
        let is_pending = runtime.block_on(async {
            // Nothing runs after this poll, so nothing wakes what it deferred.
            poll_fn(|context| Poll::Ready(turning.as_mut().poll(context).is_pending())).await
        });
        assert!(is_pending);
        runtime.block_on(async {
            let began = Instant::now();
            turning.await;
            assert_eq!(began.elapsed(), LOST);
        });
    }
}
