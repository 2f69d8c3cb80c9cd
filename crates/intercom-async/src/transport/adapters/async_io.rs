//! A timer on async-io.

use core::time::Duration;
use std::time::Instant;

use async_trait::async_trait;
use intercom_protocol::Moment;

use super::wall::moment;
use crate::transport::Timer;

/// A timer on async-io, the reactor of smol: the system's clocks, the sleep of async-io, and random numbers.
///
/// It works on every executor, also outside of one, because async-io has a thread of its own. So it suits smol, async-std and
/// a simple `block_on`. On tokio, use `TokioTimer`, which needs no further thread.
///
/// ```
/// use intercom_async::transport::{AsyncIoTimer, transport_fn};
/// use intercom_async::{Client, bytes::Bytes, http::Response};
///
/// // Your own HTTP library.
/// let transport = transport_fn(|_outgoing| async { Ok(Response::new(Bytes::from_static(b"{}"))) });
/// let builder = Client::builder("dG9rOjEyMw==");
/// let client = builder.build_with(transport, AsyncIoTimer::default())?;
/// let reply = async_io::block_on(client.get("/me").send())?;
/// assert_eq!(reply.status(), 200);
/// # Ok::<(), intercom_async::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct AsyncIoTimer {
    origin: Instant,
}

impl Default for AsyncIoTimer {
    #[expect(clippy::disallowed_methods, reason = "only timers may read the time")]
    fn default() -> Self {
        Self {
            origin: Instant::now(),
        }
    }
}

#[async_trait]
impl Timer for AsyncIoTimer {
    fn now(&self) -> Moment {
        moment(self.origin.elapsed())
    }

    async fn sleep(&self, duration: Duration) {
        async_io::Timer::after(duration).await;
    }
}
